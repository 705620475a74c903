// Random numbers that differ from invocation to invocation: RandomUniform -> RANDOM_UNIFORM, RandomStandardNormal -> RANDOM_STANDARD_NORMAL,
// Multinomial -> MULTINOMIAL, and what is made of uniform numbers: RandomUniformInt, TruncatedNormal, RandomShuffle.
//
// With the same seeds, RandomUniform, RandomStandardNormal and Multinomial give TensorFlow's own numbers; the others its distribution.
#include <cmath>

#include "index.h"
#include "scalars.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kFloatAttrs[] = {Int("seed", 0), Int("seed2", 0), Type("dtype"), Type("T")};
constexpr AttrDef kIntAttrs[] = {Int("seed", 0), Int("seed2", 0), Type("Tout"), Type("T")};
constexpr AttrDef kMultinomialAttrs[] = {Int("seed", 0), Int("seed2", 0), Type("T"), Type("output_dtype", DType::kInt64)};
constexpr AttrDef kShuffleAttrs[] = {Int("seed", 0), Int("seed2", 0), Type("T")};

// The n-th stream of uniform numbers of one node. Seeds that are both 0 ask for other numbers each time, and stay so.
Result<Value> Uniform(const Node& node, Builder& build, const Value& shape, int64_t stream = 0) {
  const int64_t seed = node.Int("seed"), seed2 = node.Int("seed2");
  const bool any = seed == 0 && seed2 == 0;
  const auto other = static_cast<int64_t>(static_cast<uint64_t>(seed) ^ static_cast<uint64_t>(stream) << 62);
  return build.Emit(tfl::RandomUniform{.seed = any ? 0 : other, .seed2 = seed2}, {shape});
}

template <class TflOp>
Status LowerFloats(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value shape, AsInt32(build, node.Input(0)));
  TFLOWER_TRY(const Value x, build.Emit(TflOp{.seed = node.Int("seed"), .seed2 = node.Int("seed2")}, {shape}));
  return build.Bind(0, CastTo(build, x, node.Type("dtype")));
}

// floor(u * 2^bits) of the type.
Result<Value> Bits(const Node& node, Builder& build, const Value& shape, int64_t stream, int bits, DType type) {
  TFLOWER_TRY(const Value u, Uniform(node, build, shape, stream));
  TFLOWER_TRY(const Value scaled, With<tfl::Mul>(build, u, std::ldexp(1.0, bits)));
  return CastTo(build, scaled, type);
}

// The distance of two known limits, or 0.
Result<int64_t> KnownRange(Builder& build, const Value& low, const Value& high) {
  if (!low.is_constant() || !high.is_constant()) return int64_t{0};
  TFLOWER_TRY(const int64_t from, build.Int(low, "input 1"));
  TFLOWER_TRY(const int64_t to, build.Int(high, "input 2"));
  if (from >= to) return Error(Code::kInvalidGraph, "the lower limit " + std::to_string(from) + " must be below the upper, " + std::to_string(to)).What("input 1");
  int64_t range = 0;
  return __builtin_sub_overflow(to, from, &range) ? int64_t{0} : range;
}

// Uniform in [low, high). A uniform float has 23 random bits: enough for few numbers; others are remainders of 46 or 63 random bits.
Status LowerUniformInt(const Node& node, Builder& build) {
  const DType type = node.Type("Tout");
  TFLOWER_TRY(const Value shape, AsInt32(build, node.Input(0)));
  TFLOWER_TRY(const int64_t range, KnownRange(build, node.Input(1), node.Input(2)));
  constexpr int64_t kFew = 1 << 12;
  if (range != 0 && range <= kFew) {
    TFLOWER_TRY(const Value u, Uniform(node, build, shape));
    TFLOWER_TRY(const Value scaled, With<tfl::Mul>(build, u, static_cast<double>(range)));
    TFLOWER_TRY(const Value offset, CastTo(build, scaled, type));
    return build.Bind(0, build.Emit(tfl::Add{}, {offset, node.Input(1)}));
  }
  TFLOWER_TRY(const Value low, CastTo(build, node.Input(1), DType::kInt64));
  TFLOWER_TRY(const Value high, CastTo(build, node.Input(2), DType::kInt64));
  TFLOWER_TRY(const Value width, build.Emit(tfl::Sub{}, {high, low}));
  TFLOWER_TRY(Value bits, Bits(node, build, shape, 0, 23, DType::kInt64));
  const bool wide = type == DType::kInt64 && (range == 0 || range > INT32_MAX);
  for (int64_t stream = 1; stream < (wide ? 3 : 2); ++stream) {
    const int more = stream == 1 ? 23 : 17;
    TFLOWER_TRY(const Value shifted, With<tfl::Mul>(build, bits, std::ldexp(1.0, more)));
    TFLOWER_TRY(const Value next, Bits(node, build, shape, stream, more, DType::kInt64));
    TFLOWER_TRY(bits, build.Emit(tfl::Add{}, {shifted, next}));
  }
  TFLOWER_TRY(const Value offset, build.Emit(tfl::FloorMod{}, {bits, width}));
  TFLOWER_TRY(const Value sum, build.Emit(tfl::Add{}, {offset, low}));
  return build.Bind(0, CastTo(build, sum, type));
}

// The normal distribution between -2 and 2: its quantiles at i / n of the probability, i in [0, n].
std::vector<float> TruncatedQuantiles(int n) {
  constexpr double kSqrt2 = 1.41421356237309504880, kDensity = 0.39894228040143267794;
  const auto below = [](double x) { return 0.5 * std::erfc(-x / kSqrt2); };
  const double low = below(-2), high = below(2);
  std::vector<float> out;
  double x = -2;
  for (int i = 0; i <= n; ++i) {
    const double p = low + (high - low) * i / n;
    for (int step = 0; step < 8; ++step) x -= (below(x) - p) / (kDensity * std::exp(-x * x / 2));
    out.push_back(static_cast<float>(std::clamp(x, -2.0, 2.0)));
  }
  return out;
}

// Quantiles of uniform numbers, between which it is linear: off by less than 1e-5.
Status LowerTruncatedNormal(const Node& node, Builder& build) {
  constexpr int kIntervals = 4096;
  std::vector<float> starts = TruncatedQuantiles(kIntervals), widths;
  for (size_t i = 0; i + 1 < starts.size(); ++i) widths.push_back(starts[i + 1] - starts[i]);
  starts.pop_back();
  const int64_t n = kIntervals;
  TFLOWER_TRY(const Value start_table, build.Constant<float>({&n, 1}, starts));
  TFLOWER_TRY(const Value width_table, build.Constant<float>({&n, 1}, widths));
  TFLOWER_TRY(const Value shape, AsInt32(build, node.Input(0)));
  TFLOWER_TRY(const Value u, Uniform(node, build, shape));
  TFLOWER_TRY(const Value place, With<tfl::Mul>(build, u, kIntervals));
  TFLOWER_TRY(const Value interval, CastTo(build, place, DType::kInt32));
  TFLOWER_TRY(const Value floor, CastTo(build, interval, DType::kFloat32));
  TFLOWER_TRY(const Value fraction, build.Emit(tfl::Sub{}, {place, floor}));
  TFLOWER_TRY(const Value start, build.Emit(tfl::Gather{}, {start_table, interval}));
  TFLOWER_TRY(const Value width, build.Emit(tfl::Gather{}, {width_table, interval}));
  TFLOWER_TRY(const Value part, build.Emit(tfl::Mul{}, {fraction, width}));
  TFLOWER_TRY(const Value x, build.Emit(tfl::Add{}, {start, part}));
  return build.Bind(0, CastTo(build, x, node.Type("dtype")));
}

Status LowerMultinomial(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value logits, CastTo(build, node.Input(0), DType::kFloat32));
  TFLOWER_TRY(const Value classes, build.Emit(tfl::Multinomial{.seed = node.Int("seed"), .seed2 = node.Int("seed2")}, {logits, node.Input(1)}));
  return build.Bind(0, CastTo(build, classes, node.Type("output_dtype")));
}

// Rows in the order of as many uniform numbers.
Status LowerShuffle(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value first, build.Vector({0}));
  TFLOWER_TRY(const Value one, build.Vector({1}));
  TFLOWER_TRY(const Value rows, build.Emit(tfl::Slice{}, {shape, first, one}));
  TFLOWER_TRY(const Value u, Uniform(node, build, rows));
  TFLOWER_TRY(const Value count, ReshapeTo(build, rows, {}));
  const std::vector<Value> operands{u, count};
  TFLOWER_TRY(const std::vector<Value> sorted, build.EmitAll(tfl::TopKV2{}, operands, 2));
  return build.Bind(0, build.Emit(tfl::Gather{}, {x, sorted[1]}));
}

constexpr Operand kShape = Index(1, 1);

constexpr OpDef kOps[] = {
    {"RandomUniform", {kShape}, kFloatAttrs, LowerFloats<tfl::RandomUniform>, "CAST RANDOM_UNIFORM"},
    {"RandomStandardNormal", {kShape}, kFloatAttrs, LowerFloats<tfl::RandomStandardNormal>, "CAST RANDOM_STANDARD_NORMAL"},
    {"RandomUniformInt", {kShape, Index(0, 0), Index(0, 0)}, kIntAttrs, LowerUniformInt, "ADD CAST FLOOR_MOD MUL RANDOM_UNIFORM SUB"},
    {"TruncatedNormal", {kShape}, kFloatAttrs, LowerTruncatedNormal, "ADD CAST GATHER MUL RANDOM_UNIFORM SUB"},
    {"Multinomial", {Float(2), Of(kI32, 0, 0)}, kMultinomialAttrs, LowerMultinomial, "CAST MULTINOMIAL"},
    {"RandomShuffle", {Ranked(1, TFLOWER_MAX_RANK)}, kShuffleAttrs, LowerShuffle, "GATHER RANDOM_UNIFORM RESHAPE SHAPE SLICE TOPK_V2"},
};
}  // namespace
TFLOWER_OP_FAMILY(random, kOps);
}  // namespace tflower::tf_ops
