// StridedSlice -> STRIDED_SLICE and, for new axes, RESHAPE. A slice of everything leaves nothing.
//
// Entries are brought to one per dimension of the input: the ellipsis and missing trailing entries become whole dimensions, new axes are
// put in afterwards. An end that is symbolic, but equal to the dimension, becomes an end mask, so that slices of a tensor with an unknown
// batch need no operand made at run time.  Source: tf.raw_ops.StridedSlice.
#include "index.h"
#include "scalars.h"
#include "scatter.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kStridedAttrs[] = {Type("T"), Type("Index"), Int("begin_mask", 0), Int("end_mask", 0), 
                                      Int("ellipsis_mask", 0), Int("new_axis_mask", 0), Int("shrink_axis_mask", 0)};

struct Masks {
  uint64_t begin, end, ellipsis, new_axis, shrink;
  explicit Masks(const Node& node)
      : begin(Read(node, "begin_mask")), end(Read(node, "end_mask")), ellipsis(Read(node, "ellipsis_mask")),
        new_axis(Read(node, "new_axis_mask")), shrink(Read(node, "shrink_axis_mask")) {}
  static uint64_t Read(const Node& node, std::string_view name) { return static_cast<uint64_t>(node.Int(name)); }
};
bool Has(uint64_t mask, int bit) { return (mask >> bit & 1) != 0; }

constexpr int kWhole = -1;
constexpr int64_t kMaxEntriesAsIs = 5;  // of stock runtimes' operator, whose input has at most 5 dimensions

// What a StridedSlice does to each dimension of its input: the entry that speaks of it, or kWhole; and where its result gets new axes.
struct Plan {
  std::vector<int> entry;
  std::vector<int32_t> new_axes;  // of the result, ascending
  // Entry i speaks of dimension i, and dimensions without entry come last: the node's own operands, of n entries, can stay.
  bool CanKeep(int64_t n) const {
    bool ended = false;
    for (size_t i = 0; i < entry.size(); ++i) {
      if (entry[i] != kWhole && (ended || entry[i] != static_cast<int>(i))) return false;
      ended = ended || entry[i] == kWhole;
    }
    return n <= static_cast<int64_t>(entry.size());
  }
};

Result<Plan> PlanEntries(const Masks& masks, int entries, int rank) {
  int named = 0;  // entries that take up a dimension
  for (int e = 0; e < entries; ++e) named += Has(masks.ellipsis, e) || Has(masks.new_axis, e) ? 0 : 1;
  if (named > rank)
    return Error(Code::kInvalidGraph, "slices " + std::to_string(named) + " dimensions of an input with " + std::to_string(rank)).What("input 1");
  Plan plan;
  int32_t out = 0;
  bool ellipsis_seen = false;
  const auto take = [&](int e) {
    plan.entry.push_back(e);
    out += e != kWhole && Has(masks.shrink, e) ? 0 : 1;
  };
  for (int e = 0; e < entries; ++e) {
    if (Has(masks.ellipsis, e)) {
      if (ellipsis_seen) return Error(Code::kInvalidGraph, "more than one ellipsis").What("ellipsis_mask");
      ellipsis_seen = true;
      for (int i = named; i < rank; ++i) take(kWhole);
    } else if (Has(masks.new_axis, e)) {
      plan.new_axes.push_back(out++);
    } else {
      take(e);
    }
  }
  while (plan.entry.size() < static_cast<size_t>(rank)) take(kWhole);
  return plan;
}

// Begins, ends or strides, one per dimension of x.
struct Bounds {
  Value operand;                 // as it comes, but int32
  std::vector<int64_t> values;   // meaningful where known
  std::vector<uint8_t> known;
  std::vector<uint64_t> keys;
  bool all_known() const { return std::all_of(known.begin(), known.end(), [](uint8_t k) { return k != 0; }); }
  void Set(size_t i, int64_t value) {
    values[i] = value;
    known[i] = 1;
  }
};

Result<Bounds> ReadBounds(Builder& build, const Value& v, const Plan& plan) {
  Bounds b;
  TFLOWER_TRY(b.operand, AsInt32(build, v));
  const Result<Elements> e = build.ReadElements(b.operand);
  for (int entry : plan.entry) {
    const size_t i = static_cast<size_t>(std::max(entry, 0));
    const bool readable = entry != kWhole && e.ok();
    b.known.push_back(entry == kWhole || (readable && e.value().known[i] != 0));
    b.values.push_back(readable ? e.value().values[i] : 0);
    b.keys.push_back(readable ? e.value().keys[i] : 0);
  }
  return b;
}

// The first `length` bounds as an operand: a constant where all that matters is known; else picked from the node's own operand at run time,
// with `whole` for dimensions without an entry.
Result<Value> ToOperand(Builder& build, const Bounds& b, const Plan& plan, size_t length, int32_t whole) {
  if (b.all_known()) return build.Vector(std::span<const int64_t>(b.values).first(length));
  if (plan.CanKeep(b.operand.dim(0))) return b.operand;
  std::vector<int32_t> picks;
  for (int entry : plan.entry) picks.push_back(entry == kWhole ? static_cast<int32_t>(b.operand.dim(0)) : entry);
  TFLOWER_TRY(const Value filler, build.Vector({whole}));
  TFLOWER_TRY(const Value extended, build.Emit(tfl::Concatenation{.axis = 0}, {b.operand, filler}));
  TFLOWER_TRY(const Value indices, build.Vector(std::span<const int32_t>(picks)));
  return build.Emit(tfl::Gather{}, {extended, indices});
}

// The slice with one entry per dimension of the input.
struct Dense {
  Bounds begin, end, strides;
  tfl::StridedSlice op;
  bool computed() const { return !begin.all_known() || !end.all_known() || !strides.all_known(); }
  bool in_order() const {
    return strides.all_known() && std::all_of(strides.values.begin(), strides.values.end(), [](int64_t s) { return s == 1; });
  }
};

void AddDimension(Dense& dense, const Masks& masks, const Value& x, int i, int entry) {
  const size_t s = static_cast<size_t>(i);
  const int32_t bit = static_cast<int32_t>(1u << i);
  if (entry != kWhole && Has(masks.shrink, entry)) {  // a single index: TF looks neither at the masks nor at the end, nor does TFLite
    dense.op.shrink_axis_mask |= bit;
    dense.end.Set(s, dense.begin.known[s] != 0 && dense.begin.values[s] != -1 ? dense.begin.values[s] + 1 : 0);
    return;
  }
  if (entry == kWhole || Has(masks.begin, entry)) {
    dense.op.begin_mask |= bit;
    dense.begin.Set(s, 0);
  }
  if (entry == kWhole || Has(masks.end, entry) || (dense.strides.known[s] != 0 && dense.strides.values[s] > 0 && dense.end.known[s] == 0 && dense.end.keys[s] == x.dim_key(i))) {
    dense.op.end_mask |= bit;
    dense.end.Set(s, 0);
  }
}

Result<Dense> MakeDense(const Node& node, Builder& build, const Value& x, const Masks& masks, const Plan& plan) {
  Dense dense;
  TFLOWER_TRY(dense.begin, ReadBounds(build, node.Input(1), plan));
  TFLOWER_TRY(dense.end, ReadBounds(build, node.Input(2), plan));
  TFLOWER_TRY(dense.strides, ReadBounds(build, node.Input(3), plan));
  for (int i = 0; i < x.rank(); ++i) {
    const size_t s = static_cast<size_t>(i);
    const int entry = plan.entry[s];
    if (entry == kWhole) dense.strides.Set(s, 1);
    if (dense.strides.known[s] != 0 && dense.strides.values[s] == 0) return Error(Code::kInvalidGraph, "stride 0").What("input 3");
    if (entry != kWhole && Has(masks.shrink, entry) && dense.strides.known[s] != 0 && dense.strides.values[s] < 0)
      return Error(Code::kInvalidGraph, "a single index with a negative stride").What("input 3");
    AddDimension(dense, masks, x, i, entry);
  }
  return dense;
}

// The node's own operands and masks, for what is computed at run time and not one entry per dimension. Of an entry's masks only the one that
// TF looks at stays.
Result<Value> EmitAsIs(Builder& build, const Value& x, const Dense& dense, const Masks& masks) {
  tfl::StridedSlice op;
  for (int e = 0; e < dense.begin.operand.dim(0); ++e) {
    const int32_t bit = static_cast<int32_t>(1u << e);
    if (Has(masks.ellipsis, e)) op.ellipsis_mask |= bit;
    else if (Has(masks.new_axis, e)) op.new_axis_mask |= bit;
    else if (Has(masks.shrink, e)) op.shrink_axis_mask |= bit;
    else {
      if (Has(masks.begin, e)) op.begin_mask |= bit;
      if (Has(masks.end, e)) op.end_mask |= bit;
    }
  }
  return build.Emit(op, {x, dense.begin.operand, dense.end.operand, dense.strides.operand});
}

Result<Value> EmitDense(Builder& build, const Value& x, const Dense& dense, const Plan& plan) {
  if (x.rank() == 0) return x;
  const int64_t entries = dense.begin.operand.dim(0);
  const size_t length = dense.computed() && plan.CanKeep(entries) ? static_cast<size_t>(entries) : plan.entry.size();
  TFLOWER_TRY(const Value begin, ToOperand(build, dense.begin, plan, length, 0));
  TFLOWER_TRY(const Value end, ToOperand(build, dense.end, plan, length, 0));
  TFLOWER_TRY(const Value strides, ToOperand(build, dense.strides, plan, length, 1));
  tfl::StridedSlice op = dense.op;
  const int32_t used = static_cast<int32_t>((uint32_t{1} << length) - 1);
  op.begin_mask &= used;
  op.end_mask &= used;
  TFLOWER_TRY(const Value y, build.Emit(op, {x, begin, end, strides}));
  return dense.in_order() && y.SameShape(x) ? x : y;  // all of x, as it is
}

// The slice that the node's begin, end, strides and masks take of x.
Result<Value> SliceOf(const Node& node, Builder& build, const Value& x) {
  const int64_t entries = node.Input(1).dim(0);
  if (entries < 0 || entries > 32) return Error(Code::kUnsupportedShape, "the number of entries must be known, and at most 32").What("input 1");
  for (int i = 2; i <= 3; ++i)
    if (node.Input(i).dim(0) != entries) return Error(Code::kInvalidGraph, "must have as many entries as input 1").What("input " + std::to_string(i));
  const Masks masks(node);
  TFLOWER_TRY(const Plan plan, PlanEntries(masks, static_cast<int>(entries), x.rank()));
  TFLOWER_TRY(const Dense dense, MakeDense(node, build, x, masks, plan));
  if (dense.computed() && entries <= kMaxEntriesAsIs && !plan.CanKeep(entries)) return EmitAsIs(build, x, dense, masks);
  TFLOWER_TRY(const Value sliced, EmitDense(build, x, dense, plan));
  return InsertDims(build, sliced, plan.new_axes);
}

Status LowerStridedSlice(const Node& node, Builder& build) { return build.Bind(0, SliceOf(node, build, node.Input(0))); }

// x with the node's slice replaced by its last input. The places of x that the slice has are what the same slice of their numbers holds.
Result<Value> WithSlice(const Node& node, Builder& build, const Value& x) {
  const int64_t vector[] = {-1}, column[] = {-1, 1};
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value flat, ReshapeTo(build, x, vector));
  TFLOWER_TRY(const Value numbers, CountAlong(build, flat, 0));
  TFLOWER_TRY(const Value places, ReshapeBy(build, numbers, shape));
  TFLOWER_TRY(const Value sliced, SliceOf(node, build, places));
  TFLOWER_TRY(const Value slice_shape, ShapeOf(build, sliced));
  TFLOWER_TRY(const Value spread, node.Input(4).SameShape(sliced) ? Result<Value>(node.Input(4)) : build.Emit(tfl::BroadcastTo{}, {node.Input(4), slice_shape}));
  TFLOWER_TRY(const Value indices, ReshapeTo(build, sliced, column));
  TFLOWER_TRY(const Value updates, ReshapeTo(build, spread, vector));
  TFLOWER_TRY(const Value written, ScatterInto(build, Scattering::kUpdate, flat, indices, updates));
  return ReshapeBy(build, written, shape);
}

Status LowerTensorUpdate(const Node& node, Builder& build) { return build.Bind(0, WithSlice(node, build, node.Input(0))); }

// The gradient of a slice: zeros, and what comes for the slice. Inputs: the shape, begin, end, strides, the gradient.
Status LowerGradient(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value shape, AsInt32(build, node.Input(0)));
  TFLOWER_TRY(const Value zero, ZeroOf(build, node.Input(4).dtype()));
  TFLOWER_TRY(const Value zeros, build.Emit(tfl::Fill{}, {shape, zero}));
  return build.Bind(0, WithSlice(node, build, zeros));
}

Status LowerAssign(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value old, build.ReadVariable(node.Input(0)));
  TFLOWER_TRY(const Value value, WithSlice(node, build, old));
  return build.AssignVariable(node.Input(0), value);
}

Status LowerRefAssign(const Node& node, Builder& build) {
  TFLOWER_CHECK(LowerAssign(node, build));
  return build.Bind(0, node.Input(0));
}

constexpr const char* kAssignEmits =
    "ADD ASSIGN_VARIABLE BROADCAST_TO CAST CONCATENATION EXPAND_DIMS GATHER MAXIMUM MUL RANGE READ_VARIABLE RESHAPE SHAPE SLICE STRIDED_SLICE UNSORTED_SEGMENT_MAX";
constexpr const char* kGradientEmits =
    "ADD BROADCAST_TO CAST CONCATENATION EXPAND_DIMS FILL GATHER MAXIMUM MUL RANGE RESHAPE SHAPE SLICE STRIDED_SLICE UNSORTED_SEGMENT_MAX";

constexpr OpDef kOps[] = {
    {"StridedSlice", {Any(), Index(1, 1), Index(1, 1), Index(1, 1)}, kStridedAttrs, LowerStridedSlice,
     "CAST CONCATENATION EXPAND_DIMS GATHER RESHAPE STRIDED_SLICE"},
    {"TensorStridedSliceUpdate", {Any(), Index(1, 1), Index(1, 1), Index(1, 1), Any()}, kStridedAttrs, LowerTensorUpdate, kAssignEmits},
    {"StridedSliceGrad", {Index(1, 1), Index(1, 1), Index(1, 1), Index(1, 1), Any()}, kStridedAttrs, LowerGradient, kGradientEmits},
    {"ResourceStridedSliceAssign", {WrittenHandle(), Index(1, 1), Index(1, 1), Index(1, 1), Any()}, kStridedAttrs, LowerAssign, kAssignEmits},
    {"StridedSliceAssign", {WrittenHandle(), Index(1, 1), Index(1, 1), Index(1, 1), Any()}, kStridedAttrs, LowerRefAssign, kAssignEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(strided_slice, kOps);
}  // namespace tflower::tf_ops
