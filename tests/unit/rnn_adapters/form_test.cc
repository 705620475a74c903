// Forms: what is written differently and computes the same is the same form.
#include "read/form.h"

#include <doctest/doctest.h>

#include "cells/norm.h"
#include "cells/parts.h"

namespace tflower::rnn {
namespace {

const std::vector<float> kWeights = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};

struct Cell {
  Atoms atoms;
  const Atom* x = atoms.Get({.kind = AtomKind::kInput, .width = 3, .index = 1});
  const Atom* h = atoms.Get({.kind = AtomKind::kState, .width = 2, .index = 2});
  const Matrix w{kWeights.data(), 4, 5, 5, 1};  // of [x, h]
  Form Apply(const Form& f, tfl::Builtin function = tfl::Builtin::LOGISTIC) { return Of(atoms.Get({.kind = AtomKind::kApply, .width = f.width, .function = function, .a = {f}})); }
  Form Times(const Form& a, const Form& b) { return Of(atoms.Get({.kind = AtomKind::kProduct, .width = a.width, .a = {a, b}})); }
};

TEST_CASE("weights of joined operands are those of each") {
  Cell c;
  const Form joined = Product(c.atoms, c.w, Joined({Of(c.x), Of(c.h)}));
  const Form apart = Sum(Product(c.atoms, c.w.Cols(0, 3), Of(c.x)), Product(c.atoms, c.w.Cols(3, 2), Of(c.h)));
  CHECK(Same(joined, apart));
  CHECK_FALSE(Same(joined, Product(c.atoms, c.w.Cols(0, 3), Of(c.x))));
  const std::optional<Matrix> of_h = MatrixOf(joined, c.h);
  REQUIRE(of_h);
  CHECK(of_h->Dense() == std::vector<float>{4, 5, 9, 10, 14, 15, 19, 20});
}

TEST_CASE("a cut is the same before and behind an activation") {
  Cell c;
  const Form gates = Sum(Product(c.atoms, c.w, Joined({Of(c.x), Of(c.h)})), Constant(4, {1, 2, 3, 4}));
  CHECK(Same(Cut(c.atoms, c.Apply(gates), 2, 2), c.Apply(Cut(c.atoms, gates, 2, 2))));
  CHECK(Cut(c.atoms, gates, 2, 2).bias == std::vector<float>{3, 4});
}

TEST_CASE("what was joined is found again by a cut") {
  Cell c;
  const Form both = Joined({Of(c.x), Of(c.h)});
  CHECK(OnlyAtom(Cut(c.atoms, both, 3, 2)) == c.h);
  const Atom* const part = OnlyAtom(Cut(c.atoms, both, 1, 2));
  REQUIRE(part != nullptr);
  CHECK(part->index == 1);
  CHECK(part->first == 1);
  CHECK(part->width == 2);
}

TEST_CASE("factors may come in any order, and scales are multiplied out") {
  Cell c;
  const Form a = c.Apply(Of(c.h)), b = c.Apply(Of(c.h), tfl::Builtin::TANH);
  CHECK(Same(c.Times(a, b), c.Times(b, a)));
  CHECK(Same(Scaled(Scaled(Of(c.h), {2, 2}), {0.5f, 0.5f}), Of(c.h)));
  CHECK(DiagonalOf(Sum(Scaled(Of(c.h), {2, 3}), Of(c.x)), c.h) == std::vector<float>{2, 3});
  CHECK_FALSE(DiagonalOf(Product(c.atoms, c.w.Cols(3, 2).Rows(0, 2), Of(c.h)), c.h));
}

TEST_CASE("a number in each column") {
  Cell c;
  const Atom* const mean = c.atoms.Get({.kind = AtomKind::kMean, .width = 1, .a = {Of(c.h)}});
  CHECK(SpreadAtom(Spread(Of(mean), 3)) == mean);
  CHECK(SpreadAtom(Scaled(Spread(Of(mean), 3), {2, 2, 2})) == nullptr);
  CHECK(Same(Spread(Scaled(Of(mean), {-1}), 3), Scaled(Spread(Of(mean), 3), {-1, -1, -1})));
}

TEST_CASE("normalised columns") {
  Cell c;
  const auto apply = [&](tfl::Builtin function, const Form& f) { return c.Apply(f, function); };
  const auto mean = [&](const Form& f) { return Of(c.atoms.Get({.kind = AtomKind::kMean, .width = 1, .a = {f}})); };
  const Form centered = Sum(Of(c.h), Spread(mean(Of(c.h)), 2), -1);
  const Form r = apply(tfl::Builtin::RSQRT, Sum(mean(apply(tfl::Builtin::SQUARE, centered)), Constant(1, {1e-8f})));
  const Form normalised = Sum(Scaled(c.Times(centered, Spread(r, 2)), {3, 4}), Constant(2, {5, 6}));
  const std::optional<Normalized> found = AsNormalized(normalised);
  REQUIRE(found);
  CHECK(OnlyAtom(found->x) == c.h);
  CHECK(found->scale == std::vector<float>{3, 4});
  CHECK(found->offset == std::vector<float>{5, 6});
  CHECK_FALSE(AsNormalized(Sum(normalised, Of(c.h))));
  CHECK_FALSE(AsNormalized(c.Times(Of(c.h), Spread(r, 2))));  // not centered
}

TEST_CASE("parts of cells") {
  Cell c;
  const Form f = c.Apply(Of(c.h)), g = c.Apply(Of(c.h), tfl::Builtin::TANH);
  const Form one_minus = Sum(Constant(2, {1, 1}), f, -1);
  CHECK(IsOneMinus(one_minus, f));
  CHECK_FALSE(IsOneMinus(f, f));
  CHECK(AsTwoProducts(Sum(c.Times(f, Of(c.h)), c.Times(one_minus, g))));
  CHECK_FALSE(AsTwoProducts(Sum(c.Times(f, Of(c.h)), g)));
  const Form clipped = Of(c.atoms.Get({.kind = AtomKind::kClip, .width = 2, .low = -3, .high = 3, .a = {g}}));
  REQUIRE(Unclipped(clipped));
  CHECK(Unclipped(clipped)->clip == 3);
  CHECK_FALSE(Unclipped(Of(c.atoms.Get({.kind = AtomKind::kClip, .width = 2, .low = 0, .high = 3, .a = {g}}))));
}

}  // namespace
}  // namespace tflower::rnn
