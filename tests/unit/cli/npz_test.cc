// Arrays in numpy's formats, right and wrong ones. Everything numpy writes is tested with numpy itself, in tests/parity.
#include "cli/npz.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "cli/npy.h"

namespace tflower::cli {
namespace {

namespace fs = std::filesystem;

std::string Header(const std::string& descr, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
}

Result<Array> Parse(const std::string& header, const std::string& values) {
  std::string file = "\x93NUMPY";
  file += {'\1', '\0', static_cast<char>(header.size()), '\0'};
  file += header + values;
  return ParseNpy(std::as_bytes(std::span(file)));
}

// TFLite's packed strings.
std::vector<std::string> Strings(const Array& array) {
  std::vector<int32_t> head(1);
  std::memcpy(head.data(), array.bytes.data(), 4);
  head.resize(static_cast<size_t>(head[0]) + 2);
  std::memcpy(head.data(), array.bytes.data(), head.size() * 4);
  std::vector<std::string> strings;
  for (size_t i = 1; i + 1 < head.size(); ++i)
    strings.emplace_back(reinterpret_cast<const char*>(array.bytes.data()) + head[i], static_cast<size_t>(head[i + 1] - head[i]));
  return strings;
}

void CheckFails(const Result<Array>& result, Code code, const std::string& words) {
  REQUIRE(!result.ok());
  CHECK(result.error().code == code);
  CHECK_MESSAGE(result.error().ToString().find(words) != std::string::npos, result.error().ToString());
}

}  // namespace

TEST_CASE("npy: strings of both kinds, in both orders") {
  const auto bytes = Parse(Header("|S2", "(2, 2)"), std::string("a\0bcd\0\0\0", 8));
  REQUIRE(bytes.ok());
  CHECK(Strings(bytes.value()) == std::vector<std::string>{"a", "bc", "d", ""});
  const auto columns = Parse(Header("|S2", "(2, 2)", true), std::string("a\0bcd\0\0\0", 8));
  REQUIRE(columns.ok());
  CHECK(Strings(columns.value()) == std::vector<std::string>{"a", "d", "bc", ""});
  const auto unicode = Parse(Header("<U1", "(2,)"), std::string("\xe4\0\0\0\xac\x20\0\0", 8));
  REQUIRE(unicode.ok());
  CHECK(Strings(unicode.value()) == std::vector<std::string>{"\xc3\xa4", "\xe2\x82\xac"});
}

TEST_CASE("npy: broken headers are errors with words") {
  CheckFails(Parse(Header("", "(1,)"), "x"), Code::kUnsupportedType, "''");
  CheckFails(Parse(Header("|S", "(1,)"), "x"), Code::kUnsupportedType, "'|S'");
  CheckFails(Parse(Header("|S1x", "(1,)"), "x"), Code::kMalformed, "width");
  CheckFails(Parse(Header("|S99999999999", "(1,)"), "x"), Code::kMalformed, "width");
  CheckFails(Parse(Header(">U1", "(1,)"), "xxxx"), Code::kUnsupportedType, ">U1");
  CheckFails(Parse(Header("<f4", "(-1,)"), ""), Code::kMalformed, "shape");
  CheckFails(Parse(Header("<f4", "(4294967296, 4294967296)"), ""), Code::kMalformed, "overflows");
  CheckFails(Parse(Header("|S2", "(2,)"), "abcde"), Code::kMalformed, "5 bytes");
}

TEST_CASE("npy: strings of no width cannot claim memory that is not there") {
  CheckFails(Parse(Header("|S0", "(1000000000000,)"), ""), Code::kMalformed, "no width");
  CheckFails(Parse(Header("<U0", "(400000000,)"), ""), Code::kMalformed, "no width");
}

TEST_CASE("npy: one long string among many is refused, not padded to any size") {
  constexpr int32_t kCount = 70000, kLong = 40000;
  std::vector<int32_t> head{kCount};
  for (int32_t i = 0; i < kCount; ++i) head.push_back(4 * (kCount + 2));
  head.push_back(4 * (kCount + 2) + kLong);
  Array array{DType::kString, {kCount}, std::vector<std::byte>(head.size() * 4 + kLong)};
  std::memcpy(array.bytes.data(), head.data(), head.size() * 4);
  const auto file = FormatNpy(array);
  REQUIRE(!file.ok());
  CHECK(file.error().code == Code::kLimit);
}

TEST_CASE("npz: written and read again; a flipped bit anywhere in the values is found") {
  const fs::path path = fs::temp_directory_path() / ("tflower_npz_" + std::to_string(::getpid()));
  std::vector<std::byte> values(64, std::byte{0x5a});
  const Arrays arrays{{"x", Array{DType::kInt8, {64}, values}}};
  REQUIRE(WriteNpz(path, arrays).ok());
  const auto read = ReadNpz(path);
  REQUIRE(read.ok());
  CHECK(read.value()[0].second.bytes == values);

  std::ifstream in(path, std::ios::binary);
  std::string file{std::istreambuf_iterator<char>(in), {}};
  const size_t at = file.find(std::string(64, '\x5a'));
  REQUIRE(at != std::string::npos);
  for (const size_t byte : {size_t{0}, size_t{31}, size_t{63}}) {
    std::string bad = file;
    bad[at + byte] = static_cast<char>(bad[at + byte] ^ 1);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bad;
    const auto damaged = ReadNpz(path);
    REQUIRE(!damaged.ok());
    CHECK(damaged.error().code == Code::kMalformed);
  }
  fs::remove(path);
}

}  // namespace tflower::cli
