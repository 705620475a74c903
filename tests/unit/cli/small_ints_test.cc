// Elements of a few bits, to and from whole bytes.
#include "cli/small_ints.h"

#include <doctest/doctest.h>

namespace tflower::cli {
namespace {

std::vector<std::byte> Bytes(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int v : values) bytes.push_back(static_cast<std::byte>(v));
  return bytes;
}

TEST_CASE("small integers are packed from the low bits on, and come back") {
  struct { DType type; std::vector<std::byte> elements, packed; } const rows[] = {
      {DType::kInt4, Bytes({-8, 7, -1}), Bytes({0x78, 0x0f})},
      {DType::kUInt4, Bytes({15, 1, 8}), Bytes({0x1f, 0x08})},
      {DType::kInt2, Bytes({-2, 1, -1, 0, 1}), Bytes({0x36, 0x01})},
      {DType::kFloat8E5M2, Bytes({0x7b, 0xff}), Bytes({0x7b, 0xff})},
      {DType::kInt4, {}, {}},
  };
  for (const auto& row : rows) {
    CAPTURE(NameOf(row.type));
    const auto packed = PackSmall(row.elements, row.type);
    REQUIRE(packed.ok());
    CHECK(packed.value() == row.packed);
    CHECK(UnpackSmall(row.packed, row.type, row.elements.size()) == row.elements);
  }
}

TEST_CASE("values that the type does not hold are refused") {
  for (const auto& [type, value] : {std::pair(DType::kInt4, 8), {DType::kInt4, -9}, {DType::kUInt4, 16}, {DType::kUInt4, 255}, {DType::kInt2, 2}, {DType::kInt2, -3}}) {
    CAPTURE(value);
    const auto packed = PackSmall(Bytes({0, value}), type);
    REQUIRE_FALSE(packed.ok());
    CHECK(packed.error().message.starts_with("element 1 is "));
  }
}

}  // namespace
}  // namespace tflower::cli
