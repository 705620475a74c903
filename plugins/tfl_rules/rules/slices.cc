// Slices: of slices, of what was joined or padded; TOPK_V2 of which fewer are taken.
#include <algorithm>

#include <tflower/pattern.h>

namespace tflower::tfl_rules {
namespace {

bool AllAre(const std::vector<int64_t>& values, int64_t x) {
  return std::ranges::all_of(values, [x](int64_t v) { return v == x; });
}

// Where a SLICE begins, and how much it takes: -1 = all that is left.
struct Range {
  std::vector<int64_t> begin, size;
};
Result<Range> ReadRange(Builder& build, const Value& begin, const Value& size) {
  Range r;
  TFLOWER_TRY(r.begin, build.Ints(begin, "begin"));
  TFLOWER_TRY(r.size, build.Ints(size, "size"));
  return r;
}

Status SliceOfSlice(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Range inner, ReadRange(build, m["begin1"], m["size1"]));
  TFLOWER_TRY(Range outer, ReadRange(build, m["begin2"], m["size2"]));
  for (size_t i = 0; i < outer.begin.size(); ++i) {
    outer.begin[i] += inner.begin[i];
    if (outer.size[i] >= 0) continue;
    outer.size[i] = m.root().dim(static_cast<int>(i));
    if (outer.size[i] < 0 && inner.size[i] >= 0) return Declined("the size is not known");
  }
  TFLOWER_TRY(const Value begin, build.Vector(outer.begin));
  TFLOWER_TRY(const Value size, build.Vector(outer.size));
  return build.Substitute(m.root(), build.Emit(tfl::Slice{}, {m["x"], begin, size}));
}

// What lies within one operand of a concatenation is that operand, or a slice of it.
Status SliceOfConcat(const MatchView& m, Builder& build) {
  const Operator concat = m.Op("concat");
  const int64_t a = concat.As<tfl::Concatenation>().axis;
  const size_t axis = static_cast<size_t>(a < 0 ? a + m.root().rank() : a);
  TFLOWER_TRY(Range range, ReadRange(build, m["begin"], m["size"]));
  const int64_t size = m.root().dim(static_cast<int>(axis));
  if (size < 0) return Declined("the size is not known");
  int64_t at = 0;
  for (const Value& part : concat.Inputs()) {
    const int64_t length = part.dim(static_cast<int>(axis));
    if (length < 0) return Declined("an operand's length is not known");
    if (range.begin[axis] >= at && range.begin[axis] + size <= at + length) {
      if (part.SameShape(m.root())) return build.Substitute(m.root(), part);
      range.begin[axis] -= at;
      range.size[axis] = size;
      TFLOWER_TRY(const Value begin, build.Vector(range.begin));
      TFLOWER_TRY(const Value taken, build.Vector(range.size));
      return build.Substitute(m.root(), build.Emit(tfl::Slice{}, {part, begin, taken}));
    }
    at += length;
  }
  return Declined("takes from more than one operand");
}

// Exactly what was there before the padding.
Status SliceOfPad(const MatchView& m, Builder& build) {
  if (!m["x"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const std::vector<int64_t> begin, build.Ints(m["begin"], "begin"));
  TFLOWER_TRY(const std::vector<int64_t> paddings, build.Ints(m["paddings"], "paddings"));
  for (size_t i = 0; i < begin.size(); ++i) if (begin[i] != paddings[2 * i]) return Declined();
  return build.Substitute(m.root(), m["x"]);
}

// The first of the largest, when nobody wants the others or their indices.
Status FewerOfTopK(const MatchView& m, Builder& build) {
  const Operator top = m.Op("top");
  TFLOWER_TRY(const std::vector<int64_t> begin, build.Ints(m["begin"], "begin"));
  if (top.Output(1).users() != 0 || !AllAre(begin, 0)) return Declined();
  const int last = m.root().rank() - 1;
  for (int i = 0; i < last; ++i) if (m.root().dim_key(i) != m["top"].dim_key(i)) return Declined();
  if (m.root().dim(last) < 0) return Declined();
  TFLOWER_TRY(const Value k, build.Scalar(static_cast<int32_t>(m.root().dim(last))));
  const Value operands[] = {m["x"], k};
  TFLOWER_TRY(const std::vector<Value> y, build.EmitAll(top.As<tfl::TopKV2>(), operands, 2));
  return build.Substitute(m.root(), y[0]);
}

// A STRIDED_SLICE that takes all there is: what it shrinks has one element, and the rest stays as long as it was.
Status WholeStridedSlice(const MatchView& m, Builder& build) {
  const auto options = m.root_op().As<tfl::StridedSlice>();
  TFLOWER_TRY(const std::vector<int64_t> begin, build.Ints(m["begin"], "begin"));
  TFLOWER_TRY(const std::vector<int64_t> strides, build.Ints(m["strides"], "strides"));
  if (options.ellipsis_mask != 0 || options.new_axis_mask != 0 || options.offset || !AllAre(strides, 1)) return Declined();
  std::vector<int32_t> gone;
  int kept = 0;
  for (int d = 0; d < m["x"].rank(); ++d) {
    if ((options.shrink_axis_mask >> d & 1) != 0) {
      const int64_t at = begin[static_cast<size_t>(d)];
      if (m["x"].dim(d) != 1 || (at != 0 && at != -1)) return Declined();
      gone.push_back(d);
    } else if (m["x"].dim_key(d) != m.root().dim_key(kept++)) {
      return Declined();
    }
  }
  if (gone.empty()) return build.Substitute(m.root(), m["x"]);
  return build.Substitute(m.root(), build.Emit(tfl::Squeeze{.squeeze_dims = {gone.data(), gone.size()}}, {m["x"]}));
}

// One index of what is reversed is one from the other end. All that is reversed must be so: other parts would have to be reversed still.
Status IndexOfReversed(const MatchView& m, Builder& build) {
  const auto options = m.root_op().As<tfl::StridedSlice>();
  TFLOWER_TRY(const std::vector<int64_t> axes, build.Ints(m["axes"], "axis"));
  TFLOWER_TRY(std::vector<int64_t> begin, build.Ints(m["begin"], "begin"));
  if (options.ellipsis_mask != 0 || options.new_axis_mask != 0 || options.offset) return Declined();
  for (const int64_t axis : axes) {
    const size_t d = static_cast<size_t>(axis < 0 ? axis + m["x"].rank() : axis);
    if (d >= begin.size() || (options.shrink_axis_mask >> d & 1) == 0 || (options.begin_mask >> d & 1) != 0) return Declined();
    begin[d] = -1 - begin[d];
  }
  TFLOWER_TRY(const Value from, build.Vector(begin));
  return build.Substitute(m.root(), build.Emit(options, {m["x"], from, m["end"], m["strides"]}));
}

constexpr Pattern SliceOf(const Pattern& x) { return Match("SLICE", {x, Const("begin"), Const("size")}); }
constexpr Pattern kInner = Match("SLICE", {Any("x"), Const("begin1"), Const("size1")});

constexpr RuleDef kRules[] = {
    {"slice-of-slice", 210, Match("SLICE", {kInner, Const("begin2"), Const("size2")}), SliceOfSlice, "SLICE"},
    {"whole-strided-slice", 240, Match("STRIDED_SLICE", {Any("x"), Const("begin"), Any("end"), Const("strides")}), WholeStridedSlice, "SQUEEZE"},
    {"index-of-reversed", 200, Match("STRIDED_SLICE", {Match("REVERSE_V2", {Any("x"), Const("axes")}), Const("begin"), Any("end"), Const("strides")}), IndexOfReversed, "STRIDED_SLICE"},
    {"slice-of-concat", 200, SliceOf(Match("CONCATENATION", {}, "concat")), SliceOfConcat, "SLICE"},
    {"slice-of-pad", 210, SliceOf(Match("PAD|PADV2|MIRROR_PAD", {Any("x"), Const("paddings")})), SliceOfPad, ""},
    {"fewer-of-top-k", 200, SliceOf(Match("TOPK_V2", {Any("x")}, "top", kSingleUse)), FewerOfTopK, "TOPK_V2"},
};
}  // namespace
TFLOWER_RULE_FAMILY(slices, kRules);
}  // namespace tflower::tfl_rules
