// Tensors made from nothing but a shape or a few scalars: Fill, Empty, ZerosLike, OnesLike -> FILL (ZEROS_LIKE), Range -> RANGE, LinSpace.
// Where the shape is known, small results become constants.
#include "index.h"
#include "scalars.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kFillAttrs[] = {Type("T"), Type("index_type", DType::kInt32)};
constexpr AttrDef kEmptyAttrs[] = {Type("dtype"), NoEffect("init")};
constexpr AttrDef kRangeAttrs[] = {Type("Tidx", DType::kInt32)};
constexpr AttrDef kLinSpaceAttrs[] = {Type("T"), Type("Tidx", DType::kInt32)};

Status LowerFill(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value dims, AsInt32(build, node.Input(0)));
  return build.Bind(0, build.Emit(tfl::Fill{}, {dims, node.Input(1)}));
}

// What an Empty holds without init is up to us: zeros, too.
Status LowerEmpty(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value zero, ZeroOf(build, node.Type("dtype")));
  return build.Bind(0, build.Emit(tfl::Fill{}, {node.Input(0), zero}));
}

Status LowerZerosLike(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  constexpr DTypeSet kOwnOperator = Types({DType::kFloat32, DType::kInt32, DType::kInt64});
  if (!x.is_static() && Contains(kOwnOperator, x.dtype())) return build.Bind(0, build.Emit(tfl::ZerosLike{}, {x}));
  TFLOWER_TRY(const Value zero, ZeroOf(build, x.dtype()));
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  return build.Bind(0, build.Emit(tfl::Fill{}, {shape, zero}));
}

Status LowerOnesLike(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value number, build.Scalar(1.0f));
  TFLOWER_TRY(const Value one, Convert(build, number, x.dtype()));
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  return build.Bind(0, build.Emit(tfl::Fill{}, {shape, one}));
}

// start + i * step for all but the last of `num` values, which is stop itself (of one: start).  Source: tf.raw_ops.LinSpace.
Result<Value> LowerLinSpace(const Node& node, Builder& build) {
  const Value start = node.Input(0), stop = node.Input(1);
  const Result<Elements> known = build.ReadElements(node.Input(2));
  if (known.ok() && known.value().all_known() && (known.value().values[0] < 1 || known.value().values[0] > INT32_MAX))
    return Error(Code::kInvalidGraph, std::to_string(known.value().values[0]) + " values are not possible").What("input 2");
  TFLOWER_TRY(const Value count, build.Emit(tfl::Cast{.in_data_type = ToTfl(node.Input(2).dtype()), .out_data_type = ToTfl(start.dtype())}, {node.Input(2)}));
  TFLOWER_TRY(const Value zero, build.ScalarOf(start.dtype(), 0));
  TFLOWER_TRY(const Value unit, build.ScalarOf(start.dtype(), 1));
  TFLOWER_TRY(const Value all_but_one, build.Emit(tfl::Sub{}, {count, unit}));
  TFLOWER_TRY(const Value steps, build.Emit(tfl::Maximum{}, {all_but_one, unit}));
  TFLOWER_TRY(const Value counts, build.Emit(tfl::Range{}, {zero, count, unit}));
  TFLOWER_TRY(const Value width, build.Emit(tfl::Sub{}, {stop, start}));
  TFLOWER_TRY(const Value step, build.Emit(tfl::Div{}, {width, steps}));
  TFLOWER_TRY(const Value offsets, build.Emit(tfl::Mul{}, {counts, step}));
  TFLOWER_TRY(const Value values, build.Emit(tfl::Add{}, {offsets, start}));
  TFLOWER_TRY(const Value last, build.Emit(tfl::Equal{}, {counts, steps}));
  return build.Emit(tfl::SelectV2{}, {last, stop, values});
}

Result<Value> LowerRange(const Node& node, Builder& build) { return build.Emit(tfl::Range{}, node.Inputs()); }

constexpr Operand kScalar = Ranked(0, 0);

constexpr OpDef kOps[] = {
    {"Fill", {Index(1, 1), kScalar}, kFillAttrs, LowerFill, "CAST FILL"},
    {"Empty", {Of(kI32, 1, 1)}, kEmptyAttrs, LowerEmpty, "FILL"},
    {"ZerosLike", {Any()}, kT, LowerZerosLike, "FILL SHAPE ZEROS_LIKE"},
    {"OnesLike", {Any()}, kT, LowerOnesLike, "FILL SHAPE"},
    {"Range", {kScalar, kScalar, kScalar}, kRangeAttrs, Typed<LowerRange, TypeRule{.native = kF32 | kIndex}>, "CAST RANGE"},
    {"LinSpace", {Float(0), Float(0), Index(0, 0)}, kLinSpaceAttrs, InFloat32<LowerLinSpace>, "ADD CAST DIV EQUAL MAXIMUM MUL RANGE SELECT_V2 SUB"},
};
}  // namespace
TFLOWER_OP_FAMILY(fill, kOps);
}  // namespace tflower::tf_ops
