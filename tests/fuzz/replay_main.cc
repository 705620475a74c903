// Runs a fuzz target over files, or all files of folders, without libFuzzer: any compiler can replay a corpus.
//   --mutate=N   also N damaged forms of each file: bytes changed, words made extreme, parts cut, moved and doubled; always the same
//   --random=N   also N inputs of random bytes, always the same
// Other arguments with -- are the target's.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "byte_source.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<uint8_t>;

// Exactly as large as it says, so that a sanitizer sees a read behind the end.
void Run(const Bytes& bytes) { LLVMFuzzerTestOneInput(bytes.data(), bytes.size()); }

void Damage(Bytes& bytes, std::mt19937& random) {
  if (bytes.size() < 8) return;
  const auto place = [&](size_t room) { return static_cast<ptrdiff_t>(random() % (bytes.size() - room + 1)); };
  constexpr uint32_t kExtremes[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff0, 0x10000, 0x7f};
  const ptrdiff_t at = place(8);
  switch (random() % 6) {
    case 0: bytes[static_cast<size_t>(at)] ^= static_cast<uint8_t>(1u << random() % 8); break;
    case 1: bytes[static_cast<size_t>(at)] = static_cast<uint8_t>(random()); break;
    case 2: std::memcpy(&bytes[static_cast<size_t>(at) & ~size_t{3}], &kExtremes[random() % std::size(kExtremes)], 4); break;
    case 3: bytes.resize(static_cast<size_t>(at) + 1); break;
    case 4: std::copy_n(bytes.begin() + place(8), 8, bytes.begin() + at); break;
    default: bytes.insert(bytes.begin() + at, bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(random() % 8)); break;
  }
}

int Replay(const fs::path& path, int mutations) {
  std::ifstream file(path, std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(file), {}};
  std::fprintf(stderr, "%s\n", path.c_str());  // known when the next line crashes
  Run(bytes);
  std::mt19937 random(static_cast<uint32_t>(bytes.size()));
  for (int i = 0; i < mutations; ++i) {
    Bytes damaged = bytes;
    for (uint32_t k = random() % 3 + 1; k > 0; --k) Damage(damaged, random);
    Run(damaged);
  }
  return 1 + mutations;
}

int ReplayRandom(int count) {
  std::mt19937 random(1);
  for (int i = 0; i < count; ++i) Run(tflower::fuzz::RandomBytes(random));
  return count;
}

// N of --name=N; 0 without it.
int Number(std::string_view name, int argc, char** argv) {
  int number = 0;
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]).starts_with(name)) number = std::atoi(argv[i] + name.size());
  return number;
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  const int mutations = Number("--mutate=", argc, argv);
  int count = ReplayRandom(Number("--random=", argc, argv));
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with("--")) continue;
    if (!fs::is_directory(argv[i])) {
      count += Replay(argv[i], mutations);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(argv[i])) count += Replay(entry.path(), mutations);
  }
  std::printf("%d inputs replayed\n", count);
  return count > 0 ? 0 : 1;
}
