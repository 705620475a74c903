#include "ir/dim.h"

#include <doctest/doctest.h>

namespace tflower::ir {

TEST_CASE("a number is known in every world") {
  const Dim d = 49;
  CHECK(d.known());
  CHECK(d.value() == 49);
  CHECK(d == Dim(49));
  CHECK(d.key() != Dim(50).key());
}

TEST_CASE("symbols of one axis agree, others differ") {
  CHECK(InputSymbol(0) == InputSymbol(0));
  CHECK_FALSE(InputSymbol(0).known());
  CHECK(InputSymbol(0).value() == -1);
  for (int a = 0; a < 12; ++a)
    for (int b = 0; b < a; ++b) CHECK(InputSymbol(a).key() != InputSymbol(b).key());
  CHECK(FreshSymbol(0).key() != FreshSymbol(1).key());
}

TEST_CASE("every symbol is at least 1 in every world") {
  for (int a = 0; a < 12; ++a) for (int64_t s : InputSymbol(a).samples) CHECK(s >= 1);
  for (int64_t n = 0; n < 100; ++n) for (int64_t s : FreshSymbol(n).samples) CHECK(s >= 1);
}

}  // namespace tflower::ir
