// Element and byte counts that cannot overflow.
#include <doctest/doctest.h>

#include <vector>

#include "runtime/model/dtype.h"

using namespace tflower::runtime;
using Dims = std::vector<int64_t>;

TEST_CASE("element counts") {
  CHECK(ElementCount(Dims{}) == 1);
  CHECK(ElementCount(Dims{2, 3, 4}) == 24);
  CHECK(ElementCount(Dims{2, 0, 4}) == 0);
  CHECK_FALSE(ElementCount(Dims{2, -1}));
  CHECK_FALSE(ElementCount(Dims{INT64_MAX, INT64_MAX}));
}

TEST_CASE("a zero does not hide an overflow") {
  CHECK_FALSE(ElementCount(Dims{INT32_MAX, INT32_MAX, INT32_MAX, 0}));
  CHECK_FALSE(ElementCount(Dims{0, INT64_MAX, 3}));
}

TEST_CASE("byte sizes") {
  CHECK(ByteSize(0, Dims{3}) == 12);
  CHECK(ByteSize(4, Dims{3}) == 24);
  CHECK(ByteSize(11, Dims{2}) == 32);
  CHECK(ByteSize(17, Dims{5}) == 3);  // int4: two per byte, the last byte half full
  CHECK(ByteSize(19, Dims{5}) == 2);  // int2
  CHECK(ByteSize(13, Dims{}) == 4);   // resource
  CHECK_FALSE(ByteSize(5, Dims{1}));  // strings
  CHECK_FALSE(ByteSize(99, Dims{1}));
  CHECK_FALSE(ByteSize(-1, Dims{1}));
  CHECK_FALSE(ByteSize(11, Dims{int64_t{1} << 61}));
}

TEST_CASE("shapes in messages") {
  CHECK(ShapeText(Dims{1, -1, 3}) == "[1, ?, 3]");
  CHECK(ShapeText(Dims{}) == "[]");
}
