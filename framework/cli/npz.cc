// .npz files, by libzip.
#include "cli/npz.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <zip.h>

#include "cli/npy.h"

namespace tflower::cli {
namespace {

std::string ZipErrorText(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

struct Discard {
  void operator()(zip_t* z) const { zip_discard(z); }
  void operator()(zip_file_t* f) const { zip_fclose(f); }
};

Result<Array> ReadEntry(zip_t* zip, zip_int64_t index, uint64_t max_bytes) {
  zip_stat_t stat;
  if (zip_stat_index(zip, static_cast<zip_uint64_t>(index), 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) return Error(Code::kMalformed, "has no size");
  if (stat.size > max_bytes) return Error(Code::kLimit, fmt::format("claims {} bytes, the limit is {}", stat.size, max_bytes));
  std::unique_ptr<zip_file_t, Discard> file(zip_fopen_index(zip, static_cast<zip_uint64_t>(index), 0));
  if (!file) return Error(Code::kMalformed, zip_strerror(zip));
  std::vector<std::byte> bytes;
  constexpr size_t kStep = 4 << 20;  // grow with what is really there, not with what the archive claims
  while (bytes.size() < stat.size) {
    const size_t at = bytes.size();
    bytes.resize(std::min<size_t>(stat.size, at + kStep));
    const zip_int64_t n = zip_fread(file.get(), bytes.data() + at, bytes.size() - at);
    if (n <= 0) return Error(Code::kMalformed, "is truncated or damaged");
    bytes.resize(at + static_cast<size_t>(n));
  }
  std::byte beyond;  // libzip compares the checksum when it meets the end
  if (zip_fread(file.get(), &beyond, 1) != 0) return Error(Code::kMalformed, "is damaged: its checksum does not match");
  return ParseNpy(bytes);
}

}  // namespace

Result<Arrays> ReadNpz(const std::string& path, uint64_t max_bytes) {
  int code = 0;
  std::unique_ptr<zip_t, Discard> zip(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (!zip) return Error(code == ZIP_ER_NOENT || code == ZIP_ER_OPEN || code == ZIP_ER_READ ? Code::kUnreadable : Code::kMalformed, ZipErrorText(code)).File(path);
  Arrays arrays;
  const zip_int64_t n = zip_get_num_entries(zip.get(), 0);
  for (zip_int64_t i = 0; i < n; ++i) {
    const char* entry = zip_get_name(zip.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_GUESS);
    if (entry == nullptr) return Error(Code::kMalformed, zip_strerror(zip.get())).File(path);
    std::string name = entry;
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    Result<Array> array = ReadEntry(zip.get(), i, max_bytes);
    if (!array.ok()) return std::move(array.error()).File(path).What(fmt::format("array '{}'", name));
    arrays.emplace_back(std::move(name), std::move(array.value()));
  }
  return arrays;
}

// libzip does not write archives without members.
static Status WriteEmpty(const std::string& path) {
  constexpr std::string_view kEnd("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);  // the end of the directory, as all that there is
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return Error(Code::kUnreadable, "cannot create the output file").File(path);
  const bool written = std::fwrite(kEnd.data(), 1, kEnd.size(), file) == kEnd.size();
  if (std::fclose(file) == 0 && written) return Ok();
  unlink(path.c_str());
  return Error(Code::kUnreadable, "cannot write the output file").File(path);
}

static Status MoveIntoPlace(const std::string& temporary, const std::string& path) {
  if (std::rename(temporary.c_str(), path.c_str()) == 0) return Ok();
  unlink(temporary.c_str());
  return Error(Code::kUnreadable, "cannot rename the output file into place").File(path);
}

Status WriteNpz(const std::string& path, const Arrays& arrays) {
  const std::string temporary = fmt::format("{}.tmp{}", path, getpid());
  if (arrays.empty()) {
    TFLOWER_CHECK(WriteEmpty(temporary));
    return MoveIntoPlace(temporary, path);
  }
  int code = 0;
  std::unique_ptr<zip_t, Discard> zip(zip_open(temporary.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  if (!zip) return Error(Code::kUnreadable, "cannot create the output file: " + ZipErrorText(code)).File(path);
  std::vector<std::vector<std::byte>> files;  // libzip reads them when it closes the archive
  for (const auto& [name, array] : arrays) {
    Result<std::vector<std::byte>> npy = FormatNpy(array);
    if (!npy.ok()) return std::move(npy.error()).What(fmt::format("output '{}'", name));
    files.push_back(std::move(npy.value()));
    zip_source_t* source = zip_source_buffer(zip.get(), files.back().data(), files.back().size(), 0);
    const zip_int64_t index = source == nullptr ? -1 : zip_file_add(zip.get(), (name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      if (source != nullptr) zip_source_free(source);
      return Error(Code::kUnreadable, fmt::format("cannot add '{}': {}", name, zip_strerror(zip.get()))).File(path);
    }
    zip_set_file_compression(zip.get(), static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
  }
  if (zip_close(zip.get()) != 0) return Error(Code::kUnreadable, fmt::format("cannot write the output file: {}", zip_strerror(zip.get()))).File(path);
  (void)zip.release();
  return MoveIntoPlace(temporary, path);
}

}  // namespace tflower::cli
