// Tensors made from nothing but a shape or a few scalars: Fill, Empty, ZerosLike, OnesLike -> FILL (ZEROS_LIKE), Range -> RANGE, LinSpace.
// Where the shape is known, small results become constants.
#include "index.h"
#include "string_constants.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kFillAttrs[] = {Type("T"), Type("index_type", DType::kInt32)};
constexpr AttrDef kEmptyAttrs[] = {Type("dtype"), NoEffect("init")};
constexpr AttrDef kRangeAttrs[] = {Type("Tidx", DType::kInt32)};
constexpr AttrDef kLinSpaceAttrs[] = {Type("T"), Type("Tidx", DType::kInt32)};

// A scalar whose bits are all 0: zero of every type that has a fixed size. Of strings, the empty one.
Result<Value> Zero(Builder& build, DType dtype) {
  const std::string empty[] = {""};
  if (dtype == DType::kString) return StringConstant(build, {}, empty);
  constexpr std::byte kZeros[16] = {};
  const int bits = BitsOf(dtype);
  if (bits < 8 || bits > 128) return Error(Code::kUnsupportedType, "no zero of type " + std::string(NameOf(dtype)));
  return build.ConstantBytes(dtype, {}, kZeros, static_cast<size_t>(bits / 8));
}

Status LowerFill(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value dims, AsInt32(build, node.Input(0)));
  return build.Bind(0, build.Emit(tfl::Fill{}, {dims, node.Input(1)}));
}

// What an Empty holds without init is up to us: zeros, too.
Status LowerEmpty(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value zero, Zero(build, node.Type("dtype")));
  return build.Bind(0, build.Emit(tfl::Fill{}, {node.Input(0), zero}));
}

Status LowerZerosLike(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  constexpr DTypeSet kOwnOperator = Types({DType::kFloat32, DType::kInt32, DType::kInt64});
  if (!x.is_static() && Contains(kOwnOperator, x.dtype())) return build.Bind(0, build.Emit(tfl::ZerosLike{}, {x}));
  TFLOWER_TRY(const Value zero, Zero(build, x.dtype()));
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  return build.Bind(0, build.Emit(tfl::Fill{}, {shape, zero}));
}

Status LowerOnesLike(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value one, build.ScalarOf(x.dtype(), 1));
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  return build.Bind(0, build.Emit(tfl::Fill{}, {shape, one}));
}

// start + i * step for all but the last of `num` values, which is stop itself.  Source: tf.raw_ops.LinSpace.
Status LowerLinSpace(const Node& node, Builder& build) {
  const Value start = node.Input(0), stop = node.Input(1);
  TFLOWER_TRY(const int64_t num, build.Int(node.Input(2), "input 2"));
  if (num < 1 || num > INT32_MAX) return Error(Code::kInvalidGraph, std::to_string(num) + " values are not possible").What("input 2");
  const int64_t one = 1;
  const std::span<const int64_t> vector(&one, 1);
  if (num == 1) return build.Bind(0, ReshapeTo(build, start, vector));
  TFLOWER_TRY(const Value zero, build.ScalarOf(start.dtype(), 0));
  TFLOWER_TRY(const Value unit, build.ScalarOf(start.dtype(), 1));
  TFLOWER_TRY(const Value steps, build.ScalarOf(start.dtype(), static_cast<double>(num - 1)));
  TFLOWER_TRY(const Value counts, build.Emit(tfl::Range{}, {zero, steps, unit}));
  TFLOWER_TRY(const Value width, build.Emit(tfl::Sub{}, {stop, start}));
  TFLOWER_TRY(const Value step, build.Emit(tfl::Div{}, {width, steps}));
  TFLOWER_TRY(const Value offsets, build.Emit(tfl::Mul{}, {counts, step}));
  TFLOWER_TRY(const Value values, build.Emit(tfl::Add{}, {offsets, start}));
  TFLOWER_TRY(const Value last, ReshapeTo(build, stop, vector));
  return build.Bind(0, build.Emit(tfl::Concatenation{.axis = 0}, {values, last}));
}

constexpr Operand kScalar = Ranked(0, 0);

constexpr OpDef kOps[] = {
    {"Fill", {Index(1, 1), kScalar}, kFillAttrs, LowerFill, "CAST FILL"},
    {"Empty", {Of(kI32, 1, 1)}, kEmptyAttrs, LowerEmpty, "FILL"},
    {"ZerosLike", {Any()}, kT, LowerZerosLike, "FILL SHAPE ZEROS_LIKE"},
    {"OnesLike", {Any()}, kT, LowerOnesLike, "FILL SHAPE"},
    {"Range", {kScalar, kScalar, kScalar}, kRangeAttrs, Rename<tfl::Range>, "RANGE"},
    {"LinSpace", {Float(0), Float(0), Index(0, 0)}, kLinSpaceAttrs, LowerLinSpace, "ADD CONCATENATION DIV MUL RANGE RESHAPE SUB"},
};
}  // namespace
TFLOWER_OP_FAMILY(fill, kOps);
}  // namespace tflower::tf_ops
