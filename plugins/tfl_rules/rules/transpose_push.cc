// Elementwise operators, PAD, SLICE and CONCATENATION behind a TRANSPOSE, moved before it, so that the transposes around NCHW layers meet and cancel.
#include <algorithm>

#include "binary.h"
#include "unary.h"
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

constexpr Pattern kTranspose = Match("TRANSPOSE", {Any("x"), Const("perm")}, "transpose", kSingleUse);

Result<Value> Back(const MatchView& m, Builder& build, const Value& y) { return build.Emit(tfl::Transpose{}, {y, m["perm"]}); }

Status MoveUnary(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value y, UnaryOn(build, m.root_op(), m["x"]));
  return build.Substitute(m.root(), Back(m, build, y));
}

// c as it has to be before the transpose: the transposed shape's dimensions put back.
Result<Value> Untransposed(const MatchView& m, Builder& build, const Value& c) {
  if (c.num_elements() == 1) return c.rank() <= m["x"].rank() ? Result<Value>(c) : Reshaped(build, c, {1});
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  if (static_cast<size_t>(c.rank()) > perm.size()) return Declined();
  std::vector<int32_t> dims(perm.size() - static_cast<size_t>(c.rank()), 1);
  for (int64_t d : c.dims()) dims.push_back(static_cast<int32_t>(d));
  TFLOWER_TRY(const Value full, Reshaped(build, c, dims));
  std::vector<int32_t> inverse(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) inverse[static_cast<size_t>(perm[i])] = static_cast<int32_t>(i);
  TFLOWER_TRY(const Value p, build.Vector(std::span<const int32_t>(inverse)));
  return build.Emit(tfl::Transpose{}, {full, p});
}

template <bool kConstantFirst>
Status MoveWithConstant(const MatchView& m, Builder& build) {
  if (!m["transpose"].SameShape(m.root())) return Declined("the constant makes the result larger");
  TFLOWER_TRY(const Value c, Untransposed(m, build, m["c"]));
  TFLOWER_TRY(const Value y, kConstantFirst ? BinaryOn(build, m.root_op(), c, m["x"]) : BinaryOn(build, m.root_op(), m["x"], c));
  return build.Substitute(m.root(), Back(m, build, y));
}

// Both operands transposed alike.
Status MoveBinary(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  TFLOWER_TRY(const std::vector<int64_t> other, build.Ints(m["perm2"], "perm"));
  if (perm != other || m["x"].rank() != m["y"].rank()) return Declined();
  TFLOWER_TRY(const Value y, BinaryOn(build, m.root_op(), m["x"], m["y"]));
  return build.Substitute(m.root(), Back(m, build, y));
}

// ---- operators that move or cut

// PAD of what was transposed: the paddings' rows in the order of x.
Status MovePad(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  TFLOWER_TRY(const std::vector<int64_t> paddings, build.Ints(m["paddings"], "paddings"));
  std::vector<int32_t> moved(paddings.size());
  for (size_t i = 0; i < perm.size(); ++i)
    for (size_t side : {size_t{0}, size_t{1}}) moved[2 * static_cast<size_t>(perm[i]) + side] = static_cast<int32_t>(paddings[2 * i + side]);
  const int64_t dims[] = {static_cast<int64_t>(perm.size()), 2};
  TFLOWER_TRY(const Value p, build.Constant<int32_t>(dims, moved));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Pad{}, {m["x"], p}));
  return build.Substitute(m.root(), Back(m, build, y));
}
Status MoveSlice(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  TFLOWER_TRY(const std::vector<int64_t> begin, build.Ints(m["begin"], "begin"));
  TFLOWER_TRY(const std::vector<int64_t> size, build.Ints(m["size"], "size"));
  std::vector<int64_t> begins(begin.size()), sizes(size.size());
  for (size_t i = 0; i < perm.size(); ++i) {
    begins[static_cast<size_t>(perm[i])] = begin[i];
    sizes[static_cast<size_t>(perm[i])] = size[i];
  }
  TFLOWER_TRY(const Value b, build.Vector(begins));
  TFLOWER_TRY(const Value s, build.Vector(sizes));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Slice{}, {m["x"], b, s}));
  return build.Substitute(m.root(), Back(m, build, y));
}
// Parts that were all transposed alike.
template <int kParts>
Status MoveConcat(const MatchView& m, Builder& build) {
  static constexpr const char* kX[] = {"x", "x1", "x2", "x3"};
  static constexpr const char* kPerms[] = {"perm", "perm1", "perm2", "perm3"};
  auto options = m.root_op().As<tfl::Concatenation>();
  if (m.root_op().num_inputs() != kParts) return Declined();
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  std::vector<Value> parts;
  for (int i = 0; i < kParts; ++i) {
    TFLOWER_TRY(const std::vector<int64_t> other, build.Ints(m[kPerms[i]], "perm"));
    if (other != perm) return Declined("transposed in another way");
    parts.push_back(m[kX[i]]);
  }
  options.axis = static_cast<int32_t>(perm[static_cast<size_t>(options.axis < 0 ? options.axis + m.root().rank() : options.axis)]);
  TFLOWER_TRY(const Value y, build.Emit(options, parts));
  return build.Substitute(m.root(), Back(m, build, y));
}
// ---- a RESHAPE that takes dimensions of size 1 away comes first, so that the transpose meets the next one

// The transposed dimensions that are left, if the others are 1.
std::optional<std::vector<size_t>> Kept(const Value& transposed, const Value& reshaped) {
  std::vector<size_t> kept;
  for (int i = 0; i < transposed.rank(); ++i) {
    const int next = static_cast<int>(kept.size());
    if (next < reshaped.rank() && transposed.dim_key(i) == reshaped.dim_key(next)) kept.push_back(static_cast<size_t>(i));
    else if (transposed.dim(i) != 1) return std::nullopt;
  }
  if (static_cast<int>(kept.size()) != reshaped.rank() || reshaped.rank() == transposed.rank()) return std::nullopt;
  return kept;
}
Status BehindReshape(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  const std::optional<std::vector<size_t>> kept = Kept(m["transpose"], m.root());
  if (!kept || std::ranges::count(m.root().dims(), -1) > 1) return Declined();
  std::vector<int64_t> order, dims;
  for (size_t k : *kept) order.push_back(perm[k]);
  std::vector<int64_t> sorted = order;
  std::ranges::sort(sorted);
  for (int64_t d : sorted) dims.push_back(m["x"].dim(static_cast<int>(d)));
  for (int64_t& p : order) p = std::ranges::lower_bound(sorted, p) - sorted.begin();
  TFLOWER_TRY(const Value shape, build.Vector(dims));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Reshape{}, {m["x"], shape}));
  TFLOWER_TRY(const Value p, build.Vector(order));
  return build.Substitute(m.root(), build.Emit(tfl::Transpose{}, {y, p}));
}

constexpr Pattern Other(const char* x, const char* perm) { return Match("TRANSPOSE", {Any(x), Const(perm)}, nullptr, kSingleUse); }
constexpr Pattern kOne = Other("x1", "perm1"), kTwo = Other("x2", "perm2"), kThree = Other("x3", "perm3");

constexpr RuleDef kRules[] = {
    {"unary-before-transpose", 60, Match(kUnary, {kTranspose}), MoveUnary, "TRANSPOSE"},
    {"binary-before-transpose", 60, Match(kBinary, {kTranspose, Const("c")}), MoveWithConstant<false>, "TRANSPOSE"},
    {"binary-by-constant-before-transpose", 60, Match(kBinary, {Const("c"), kTranspose}), MoveWithConstant<true>, "TRANSPOSE"},
    {"binary-of-transposes", 60, Match(kBinary, {kTranspose, Match("TRANSPOSE", {Any("y"), Const("perm2")}, nullptr, kSingleUse)}), MoveBinary, "TRANSPOSE"},
    {"pad-before-transpose", 60, Match("PAD", {kTranspose, Const("paddings")}), MovePad, "PAD TRANSPOSE"},
    {"slice-before-transpose", 60, Match("SLICE", {kTranspose, Const("begin"), Const("size")}), MoveSlice, "SLICE TRANSPOSE"},
    {"transpose-behind-reshape", 55, Match("RESHAPE|SQUEEZE", {kTranspose}), BehindReshape, "RESHAPE TRANSPOSE"},
    {"concat-of-2-transposes", 60, Match("CONCATENATION", {kTranspose, kOne}), MoveConcat<2>, "CONCATENATION TRANSPOSE"},
    {"concat-of-3-transposes", 60, Match("CONCATENATION", {kTranspose, kOne, kTwo}), MoveConcat<3>, "CONCATENATION TRANSPOSE"},
    {"concat-of-4-transposes", 60, Match("CONCATENATION", {kTranspose, kOne, kTwo, kThree}), MoveConcat<4>, "CONCATENATION TRANSPOSE"},
};
}  // namespace
TFLOWER_RULE_FAMILY(transpose_push, kRules);
}  // namespace tflower::tfl_rules
