#include "export/output_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

#include <doctest/doctest.h>

namespace tflower::exporter {
namespace {

namespace fs = std::filesystem;

struct TempDir {
  fs::path path = fs::temp_directory_path() / ("tflower_output_" + std::to_string(::getpid()));
  TempDir() { fs::create_directories(path); }
  ~TempDir() { fs::remove_all(path); }
  size_t files() const { return static_cast<size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator())); }
};

std::span<const std::byte> Bytes(std::string_view s) { return std::as_bytes(std::span(s.data(), s.size())); }

std::string Read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("appears on commit, with everything in order") {
  const TempDir dir;
  const fs::path path = dir.path / "out";
  const std::string large(1 << 20, 'x');
  {
    auto file = OutputFile::Create(path);
    REQUIRE(file.ok());
    CHECK(file.value().Write(Bytes("head")).ok());
    CHECK(file.value().Zeros(3).ok());
    CHECK(file.value().Write(Bytes(large)).ok());
    CHECK(file.value().Write(Bytes("tail")).ok());
    CHECK(file.value().position() == 4 + 3 + large.size() + 4);
    CHECK_FALSE(fs::exists(path));
    CHECK(file.value().Commit().ok());
  }
  CHECK(Read(path) == "head" + std::string(3, '\0') + large + "tail");
  CHECK(dir.files() == 1);
}

TEST_CASE("without commit the old file stays and nothing is left") {
  const TempDir dir;
  const fs::path path = dir.path / "out";
  std::ofstream(path) << "old";
  {
    auto file = OutputFile::Create(path);
    REQUIRE(file.ok());
    CHECK(file.value().Write(Bytes("new")).ok());
  }
  CHECK(Read(path) == "old");
  CHECK(dir.files() == 1);
}

TEST_CASE("paths that cannot be written") {
  const TempDir dir;
  CHECK(OutputFile::Create(dir.path / "no" / "out").error().code == Code::kUnreadable);
  CHECK(OutputFile::Create(dir.path).error().code == Code::kUsage);
}

}  // namespace tflower::exporter
