#include "lower/symbols.h"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "lower/remedies.h"

namespace tflower::lower {
namespace {

using ir::Dim;

bool All(std::string_view) { return true; }

ir::Value* Add(std::vector<std::unique_ptr<ir::Value>>& values, std::vector<Dim> dims) {
  ir::Value* v = values.emplace_back(std::make_unique<ir::Value>()).get();
  v->dtype = DType::kFloat32;
  v->dims = std::move(dims);
  return v;
}

}  // namespace

TEST_CASE("each dimension of each input has a symbol; one per axis is the last resort") {
  Symbols symbols;
  const Dim x = symbols.Input("x", 0), y = symbols.Input("y", 0);
  CHECK_FALSE(x == y);
  CHECK_FALSE(x.known());
  symbols.Propose("matmul", {{y, x}});
  REQUIRE(symbols.Revise([](std::string_view node) { return node != "matmul"; }));  // not what failed
  for (int even = 0; even < 2; ++even) {  // first with round sizes, then with those that can be halved more often
    CHECK_FALSE(symbols.Input("x", 0) == symbols.Input("y", 0));
    REQUIRE(symbols.Revise(All));
  }
  CHECK(symbols.Input("x", 0) == symbols.Input("y", 0));
  symbols.Propose("matmul", {});
  CHECK_FALSE(symbols.Revise(All));  // no remedy is known
}

TEST_CASE("the last try has one symbol per axis, unless it was tried, or there is one input") {
  Symbols symbols;
  symbols.Input("x", 0);
  symbols.Input("x", 1);
  CHECK_FALSE(symbols.ShareByAxis());
  symbols.Input("y", 0);
  REQUIRE(symbols.ShareByAxis());
  const Dim x = symbols.Input("x", 0);
  symbols.Input("x", 1);
  CHECK(symbols.Input("y", 0) == x);
  CHECK_FALSE(symbols.ShareByAxis());
}

TEST_CASE("usual sizes have no divisor in common; round ones are multiples of 32, and the report says so") {
  Symbols symbols;
  const auto divided = [](const Dim& d, int64_t by) { return std::ranges::all_of(d.samples, [&](int64_t s) { return s % by == d.samples[0] % by; }); };
  for (int axis = 1; axis < 4; ++axis)
    for (int copy = 0; copy < 20; ++copy) {
      const Dim d = symbols.Input("x" + std::to_string(copy), axis);
      for (const int64_t by : {2, 4, 8, 16}) CHECK_FALSE(divided(d, by));
    }
  CHECK(symbols.Notes().empty());
  REQUIRE(symbols.Revise(All));
  CHECK(divided(symbols.Input("x0", 1), 32));
  CHECK(symbols.Notes().size() == 1);
}

TEST_CASE("proposals that do not touch each other's symbols are taken together") {
  Symbols symbols;
  Dim in[5];
  const auto give = [&] { for (Dim& d : in) d = symbols.Input("x", 0); };
  give();
  symbols.Propose("a", {{in[1], in[0]}});
  symbols.Propose("b", {{in[2], in[1]}});  // 1 is about to change
  symbols.Propose("c", {{in[4], in[3]}});
  REQUIRE(symbols.Revise(All));
  give();
  CHECK(in[1] == in[0]);
  CHECK(in[4] == in[3]);
  CHECK_FALSE(in[2] == in[1]);
}

TEST_CASE("a proposal joins symbols, or fixes them, and stays") {
  Symbols symbols;
  Dim x = symbols.Input("x", 1);
  Dim y = symbols.Input("y", 2);
  symbols.Propose("add", {{y, x}});
  REQUIRE(symbols.Revise(All));
  x = symbols.Input("x", 1);
  CHECK(symbols.Input("y", 2) == x);
  for (int even = 0; even < 2; ++even) {  // a size is fixed when nothing else is left: first come round sizes
    symbols.Propose("mul", {{x, 7}});
    REQUIRE(symbols.Revise(All));
    x = symbols.Input("x", 1), y = symbols.Input("y", 2);
    CHECK_FALSE(x.known());
  }
  symbols.Propose("mul", {{x, 7}});
  REQUIRE(symbols.Revise(All));
  CHECK(symbols.Input("x", 1) == Dim(7));
  CHECK(symbols.Notes().size() == 1);
}

TEST_CASE("what follows from a symbol is traced back to it") {
  // What x becomes when a dim that follows from it should have this size: another one only when there are no others to try.
  const auto fixed = [](auto follow, int64_t size) {
    Symbols symbols;
    Dim x;
    for (bool again = true; again;) {
      x = symbols.Input("x", 0);
      Dim d = x;
      for (int64_t& s : d.samples) s = follow(s);
      if (x.known()) break;
      symbols.Propose("add", {{d, size}});
      again = symbols.Revise(All);
    }
    CHECK(symbols.Notes().size() == (x.known() ? 1 : 0));
    return x.value();
  };
  const auto twice = [](int64_t s) { return 2 * s; };
  const auto longer = [](int64_t s) { return s + 3; };
  CHECK(fixed(twice, 8) == 4);
  CHECK(fixed(twice, 7) == -1);  // no whole size
  CHECK(fixed(longer, 8) == 5);
  CHECK(fixed(longer, 2) == -1);  // none that is a size
}

TEST_CASE("remedies: joined dims, sizes of the operands by turns with 1, then fixed sizes") {
  Symbols symbols;
  const Dim a = symbols.Input("x", 1), b = symbols.Input("y", 2);
  std::vector<std::unique_ptr<ir::Value>> values;
  const std::vector<Remedy> remedies = RemediesFor({Add(values, {a, 4}), Add(values, {b, 1})});
  REQUIRE_FALSE(remedies.empty());
  const auto place = [&](const Substitution& s) {
    const auto plain = [&](const Remedy& r) { return r.unless.empty() && r.take == s; };
    return std::ranges::find_if(remedies, plain) - remedies.begin();
  };
  CHECK_FALSE(remedies[0].unless.empty());  // one broadcasts to the other
  Dim by_turns;
  by_turns.samples = {4, 1, 4, 1};
  CHECK(place({{b, a}}) < place({{a, by_turns}}));
  CHECK(place({{a, by_turns}}) < place({{a, 4}}));
  CHECK(place({{a, 4}}) < std::ssize(remedies));
  CHECK(remedies.back().take == Substitution{{b, 1}});
  CHECK(Substituted(*values[0], {{a, 4}})->dims == std::vector<Dim>{4, 4});
}

TEST_CASE("remedies are bounded") {
  Symbols symbols;
  std::vector<std::unique_ptr<ir::Value>> values;
  std::vector<ir::Value*> inputs;
  for (uint64_t i = 0; i < 200; ++i) inputs.push_back(Add(values, {symbols.Fresh(2 * i), symbols.Fresh(2 * i + 1), static_cast<int64_t>(i) + 2}));
  CHECK(RemediesFor(inputs).size() <= 512);
}

}  // namespace tflower::lower
