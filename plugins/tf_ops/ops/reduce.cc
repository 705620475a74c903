// Reductions: Sum, Mean, Max, Min, Prod, Any, All, EuclideanNorm; L2Loss over all. Axes that are computed at run time are handed on: the
// number of them says the result's rank. Sums and products of integers wrap as their type does, also where the operator would take them for
// quantised numbers.
#include <algorithm>

#include "elementwise.h"
#include "re_im.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Bool("keep_dims", false), Type("T"), Type("Tidx", DType::kInt32)};
constexpr AttrDef kBoolAttrs[] = {Bool("keep_dims", false), Type("Tidx", DType::kInt32)};

// The axes of input 1, ascending, each once.
Result<std::vector<int64_t>> ReadAxes(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(std::vector<int64_t> axes, build.Ints(node.Input(1), "input 1 (axes)"));
  for (int64_t& a : axes) {
    if (a < -x.rank() || a >= x.rank()) return Error(Code::kInvalidGraph, "axis " + std::to_string(a) + " is outside of rank " + std::to_string(x.rank())).What("input 1 (axes)");
    if (a < 0) a += x.rank();
  }
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

// The axes as an operand. Null: there is nothing to reduce over.
Result<Value> AxesOf(const Node& node, Builder& build) {
  if (node.Input(1).num_elements() == 0) return Value();
  if (!build.ReadElements(node.Input(1)).ok()) return AsInt32(build, node.Input(1));
  TFLOWER_TRY(const std::vector<int64_t> axes, ReadAxes(node, build));
  return axes.empty() ? Result<Value>(Value()) : build.Vector(axes);
}

// Of complex numbers, part by part.
template <class TflOp>
Result<Value> Reduce(Builder& build, const Value& x, const Value& axes, bool keep_dims) {
  const TflOp op{.keep_dims = keep_dims};
  if (!Contains(kComplexTypes, x.dtype())) return build.Emit(op, {x, axes});
  TFLOWER_TRY(ReIm z, PartsOf(build, x));
  TFLOWER_TRY(z.re, build.Emit(op, {z.re, axes}));
  TFLOWER_TRY(z.im, build.Emit(op, {z.im, axes}));
  return JoinParts(build, z);
}

template <class TflOp>
Result<Value> LowerReduce(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value axes, AxesOf(node, build));
  if (!axes) return node.Input(0);
  return Reduce<TflOp>(build, node.Input(0), axes, node.Bool("keep_dims"));
}

// ---- products

Result<Value> Stretch(Builder& build, const Value& x, int axis, int64_t from, int64_t count) {
  std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), size(static_cast<size_t>(x.rank()), -1);
  begin[static_cast<size_t>(axis)] = from;
  size[static_cast<size_t>(axis)] = count;
  TFLOWER_TRY(const Value first, build.Vector(std::span<const int64_t>(begin)));
  TFLOWER_TRY(const Value counts, build.Vector(std::span<const int64_t>(size)));
  return build.Emit(tfl::Slice{}, {x, first, counts});
}

// Of complex numbers: one half times the other, until one is left. x keeps the dimension.
Result<Value> ProductAlong(Builder& build, Value x, int axis) {
  if (x.dim(axis) < 1) return Error(Code::kUnsupportedShape, "a dimension along which complex numbers are multiplied must be known and not empty").What("input 0")
      .Hint("give the shape with --input-shape");
  for (int64_t n = x.dim(axis); n > 1; n = (n + 1) / 2) {
    TFLOWER_TRY(const Value left, Stretch(build, x, axis, 0, n / 2));
    TFLOWER_TRY(const Value right, Stretch(build, x, axis, n / 2, n / 2));
    TFLOWER_TRY(const Value product, build.Emit(tfl::Mul{}, {left, right}));
    if (n % 2 == 0) {
      x = product;
      continue;
    }
    TFLOWER_TRY(const Value last, Stretch(build, x, axis, n - 1, 1));
    TFLOWER_TRY(x, build.Emit(tfl::Concatenation{.axis = axis}, {product, last}));
  }
  return x;
}

Result<Value> LowerProd(const Node& node, Builder& build) {
  Value x = node.Input(0);
  if (!Contains(kComplexTypes, x.dtype())) return LowerReduce<tfl::ReduceProd>(node, build);
  TFLOWER_TRY(const std::vector<int64_t> axes, ReadAxes(node, build));
  for (int64_t axis : axes) {
    TFLOWER_TRY(x, ProductAlong(build, x, static_cast<int>(axis)));
  }
  if (node.Bool("keep_dims") || axes.empty()) return x;
  const std::vector<int32_t> gone(axes.begin(), axes.end());
  return DropDims(build, x, gone);
}

// ---- norms

Result<Value> SumOfSquares(Builder& build, const Value& x, const Value& axes, bool keep_dims) {
  TFLOWER_TRY(const ReIm z, PartsOf(build, x));
  TFLOWER_TRY(Value square, build.Emit(tfl::Square{}, {z.re}));
  if (z.im) {
    TFLOWER_TRY(const Value other, build.Emit(tfl::Square{}, {z.im}));
    TFLOWER_TRY(square, build.Emit(tfl::Add{}, {square, other}));
  }
  return build.Emit(tfl::Sum{.keep_dims = keep_dims}, {square, axes});
}

// A number of x's type, which may be complex.
Result<Value> LowerEuclideanNorm(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value axes, AxesOf(node, build));
  const bool is_complex = Contains(kComplexTypes, x.dtype());
  if (!axes) {
    TFLOWER_TRY(const Value size, is_complex ? build.Emit(tfl::ComplexAbs{}, {x}) : build.Emit(tfl::Abs{}, {x}));
    return CastTo(build, size, x.dtype());
  }
  TFLOWER_TRY(const Value sum, SumOfSquares(build, x, axes, node.Bool("keep_dims")));
  TFLOWER_TRY(const Value root, build.Emit(tfl::Sqrt{}, {sum}));
  return CastTo(build, root, x.dtype());
}

// Half the sum of all squares.
Result<Value> LowerL2Loss(const Node& node, Builder& build) {
  std::vector<int64_t> axes;
  for (int i = 0; i < node.Input(0).rank(); ++i) axes.push_back(i);
  TFLOWER_TRY(const Value operand, build.Vector(axes));
  TFLOWER_TRY(const Value sum, SumOfSquares(build, node.Input(0), operand, false));
  TFLOWER_TRY(const Value half, build.Scalar(0.5f));
  return build.Emit(tfl::Mul{}, {sum, half});
}

Result<Value> LowerAny(const Node& node, Builder& build) { return LowerReduce<tfl::ReduceAny>(node, build); }
Result<Value> LowerAll(const Node& node, Builder& build) { return LowerReduce<tfl::ReduceAll>(node, build); }

constexpr AttrDef kT[] = {Type("T")};

constexpr DTypeSet kWrapping = kF32 | kIndex | kComplexTypes;
constexpr DTypeSet kNarrow = Types({DType::kInt8, DType::kUInt8, DType::kInt16});
constexpr TypeRule kSums{.native = kWrapping, .bits = Bits::kLow, .operands = 1};
constexpr TypeRule kMeans{.native = kWrapping, .operands = 1};  // MEAN adds up in int64, as TF does
constexpr TypeRule kProducts{.native = kWrapping | kNarrow, .bits = Bits::kLow, .operands = 1};
constexpr TypeRule kExtremes{.native = kF32 | kIndex | kNarrow, .bits = Bits::kOrder, .operands = 1};
constexpr TypeRule kNorms{.native = kF32 | kComplexTypes, .operands = 1};

constexpr Operand kNumeric = In(kNumbers), kReals = In(kRealNumbers);
constexpr Operand kNormed = In(kFloats | kComplexes);

constexpr OpDef kOps[] = {
    {"Sum", {kNumeric, Index(0, 1)}, kAttrs, Typed<LowerReduce<tfl::Sum>, kSums>, "BITCAST CAST IMAG PACK REAL SUM"},
    {"Mean", {kNumeric, Index(0, 1)}, kAttrs, Typed<LowerReduce<tfl::Mean>, kMeans>, "BITCAST CAST IMAG MEAN PACK REAL"},
    {"Max", {kReals, Index(0, 1)}, kAttrs, Typed<LowerReduce<tfl::ReduceMax>, kExtremes>, "BITCAST BITWISE_XOR CAST REDUCE_MAX"},
    {"Min", {kReals, Index(0, 1)}, kAttrs, Typed<LowerReduce<tfl::ReduceMin>, kExtremes>, "BITCAST BITWISE_XOR CAST REDUCE_MIN"},
    {"Prod", {kNumeric, Index(0, 1)}, kAttrs, Typed<LowerProd, kProducts>, "BITCAST CAST CONCATENATION MUL REDUCE_PROD RESHAPE SLICE SQUEEZE"},
    {"EuclideanNorm", {kNormed, Index(0, 1)}, kAttrs, Typed<LowerEuclideanNorm, kNorms>, "ABS ADD BITCAST CAST COMPLEX_ABS IMAG REAL SQRT SQUARE SUM"},
    {"L2Loss", {Float()}, kT, InFloat32<LowerL2Loss>, "CAST MUL SQUARE SUM"},
    {"Any", {Boolean(), Index(0, 1)}, kBoolAttrs, Typed<LowerAny, TypeRule{.native = kAnyType}>, "CAST REDUCE_ANY"},
    {"All", {Boolean(), Index(0, 1)}, kBoolAttrs, Typed<LowerAll, TypeRule{.native = kAnyType}>, "CAST REDUCE_ALL"},
};
}  // namespace
TFLOWER_OP_FAMILY(reduce, kOps);
}  // namespace tflower::tf_ops
