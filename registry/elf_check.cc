// CheckElf: refuses files at which the system's loader would fail obscurely, or die: other machines, truncated ones.
// The layout is that of elf(5); only 64-bit little-endian hosts are supported.
#include <elf.h>

#include <cstring>
#include <vector>

#include "library_check.h"

namespace tflower {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
constexpr std::string_view kArch = "x86_64";
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
constexpr std::string_view kArch = "aarch64";
#else
#error "tflower supports x86_64 and aarch64"
#endif

std::string MachineName(uint16_t machine) {
  switch (machine) {
    case EM_X86_64: return "x86_64";
    case EM_AARCH64: return "aarch64";
    case EM_386: return "i386";
    case EM_ARM: return "arm";
    case EM_RISCV: return "riscv";
    default: return "machine " + std::to_string(machine);
  }
}

Error Bad(const std::string& path, std::string message) { return Error(Code::kPluginLoad, std::move(message)).File(path); }

Status CheckHeader(const Elf64_Ehdr& header, const std::string& path) {
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return Bad(path, "is not a shared library (no ELF file)");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return Bad(path, "is for another machine (not 64-bit little-endian)");
  }
  if (header.e_machine != kMachine) {
    return Bad(path, "is for another machine: " + MachineName(header.e_machine) + ", but this is " + std::string(kArch));
  }
  if (header.e_type != ET_DYN) return Bad(path, "is an ELF file, but not a shared library");
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0) return Bad(path, "has no usable ELF program headers");
  return Ok();
}

Status CheckSegment(const Elf64_Phdr& segment, uint64_t file_size, const std::string& path) {
  // The loader maps segments; touching a page beyond the end of the file would kill the process with SIGBUS.
  if (segment.p_filesz > file_size || segment.p_offset > file_size - segment.p_filesz) {
    return Bad(path, "is truncated: a segment of " + std::to_string(segment.p_filesz) + " bytes at " + std::to_string(segment.p_offset) +
                         " reaches beyond its " + std::to_string(file_size) + " bytes");
  }
  if (segment.p_type == PT_LOAD && segment.p_memsz < segment.p_filesz) return Bad(path, "has a broken ELF segment");
  if (segment.p_type == PT_GNU_STACK && (segment.p_flags & PF_X) != 0) {
    return Error(Code::kUntrusted, "asks for an executable stack").File(path).Hint("link the plugin with -Wl,-z,noexecstack");
  }
  return Ok();
}

}  // namespace

std::string_view HostOs() { return "linux"; }
std::string_view HostArch() { return kArch; }

Status CheckElf(const OpenFile& file, const std::string& path) {
  Elf64_Ehdr header;
  if (!file.Read(0, &header, sizeof header)) return Bad(path, "is not a shared library (too short for an ELF file)");
  TFLOWER_CHECK(CheckHeader(header, path));
  std::vector<Elf64_Phdr> segments(header.e_phnum);  // at most 65535 * 56 bytes
  if (!file.Read(header.e_phoff, segments.data(), segments.size() * sizeof(Elf64_Phdr))) {
    return Bad(path, "is truncated: its ELF program headers are missing");
  }
  bool dynamic = false;
  for (const Elf64_Phdr& segment : segments) {
    TFLOWER_CHECK(CheckSegment(segment, file.size(), path));
    dynamic |= segment.p_type == PT_DYNAMIC;
  }
  if (!dynamic) return Bad(path, "is an ELF file, but not a shared library");
  return Ok();
}

}  // namespace tflower
