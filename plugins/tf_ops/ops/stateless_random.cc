// Stateless random numbers: functions of seed and shape. Where both are known they are constants, equal to TensorFlow's on CPUs, bit for bit.
// Of seeds that come at run time, operators compute the generator's words, bit for bit, and what is made of them (random_words.h).  Source: tf.random.stateless_uniform and its like, tf.raw_ops.StatelessRandomGetKeyCounter.

#include "random_words.h"

#include "index.h"
#include "shared/philox.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kV1[] = {Type("dtype", DType::kFloat32), Type("T", DType::kInt32), Type("Tseed", DType::kInt64)};
constexpr AttrDef kV1Int[] = {Type("dtype"), Type("T"), Type("Tseed", DType::kInt64)};
constexpr AttrDef kV1Full[] = {Type("dtype", DType::kUInt64), Type("T", DType::kInt32), Type("Tseed", DType::kInt64)};
constexpr AttrDef kV2[] = {Type("dtype", DType::kFloat32), Type("Tshape", DType::kInt32)};
constexpr AttrDef kV2Full[] = {Type("dtype", DType::kUInt64), Type("Tshape", DType::kInt32)};
constexpr AttrDef kSeed[] = {Type("Tseed", DType::kInt64)};

constexpr int64_t kPhilox = 1, kAutoSelect = 3;  // numbers of tf.random.Algorithm
constexpr int64_t kMaxBytes = int64_t{1} << 28;

// Key and counter, as TF writes them into tensors.
struct State {
  uint64_t key, low, high;
  Philox generator() const { return Philox(key, low, high); }
};

Error NotKnown(std::string_view what) {
  return Error(Code::kUnsupportedGraph, "must be known when converting: these numbers are drawn until they fit, which operators cannot do")
      .What(what).Hint("use constant seeds, or tf.random.stateless_normal and its like");
}

uint64_t Join(uint32_t low, uint32_t high) { return uint64_t{high} << 32 | low; }

// One call of Philox with a fixed key mixes the two seeds.
Result<State> Scramble(Builder& build, const Value& seed) {
  if (!seed.is_constant()) return NotKnown("seed");
  TFLOWER_TRY(const std::vector<int64_t> s, build.Ints(seed, "seed"));
  if (s.size() != 2) return Error(Code::kInvalidGraph, "must have two elements").What("seed");
  const Philox::Words mix = Philox(0x02461E293EC8F720u, static_cast<uint64_t>(s[0]), static_cast<uint64_t>(s[1]))();
  return State{Join(mix[0], mix[1]), 0, Join(mix[2], mix[3])};
}

Status CheckAlgorithm(Builder& build, const Value& algorithm) {
  TFLOWER_TRY(const int64_t alg, build.Int(algorithm, "alg"));
  if (alg == kPhilox || alg == kAutoSelect) return Ok();
  return Error(Code::kUnsupportedAttribute, std::to_string(alg) + " is not supported, only Philox (1) and auto_select (3)").What("alg");
}

Result<State> ReadState(Builder& build, const Value& key, const Value& counter, const Value& algorithm) {
  if (!key.is_constant()) return NotKnown("key");
  if (!counter.is_constant()) return NotKnown("counter");
  TFLOWER_CHECK(CheckAlgorithm(build, algorithm));
  TFLOWER_TRY(const std::span<const uint64_t> k, build.DataAs<uint64_t>(key));
  TFLOWER_TRY(const std::span<const uint64_t> c, build.DataAs<uint64_t>(counter));
  if (k.size() != 1 || c.size() < 2) return Error(Code::kInvalidGraph, "the key must have one element and the counter two");
  return State{k[0], c[0], c[1]};
}

Result<Value> Words(Builder& build, std::initializer_list<uint64_t> words) {
  const auto n = static_cast<int64_t>(words.size());
  return build.Constant<uint64_t>({&n, 1}, std::span<const uint64_t>(words.begin(), words.size()));
}

Status LowerKeyCounter(const Node& node, Builder& build) {
  if (!node.Input(0).is_constant()) {
    TFLOWER_TRY(const PhiloxState state, StateOfSeeds(build, node.Input(0)));
    TFLOWER_CHECK(build.Bind(0, KeyTensor(state).result()));
    TFLOWER_CHECK(build.Bind(1, CounterTensor(state).result()));
    return node.num_outputs() < 3 ? Ok() : build.Bind(2, build.Scalar(static_cast<int32_t>(kPhilox)));
  }
  TFLOWER_TRY(const State state, Scramble(build, node.Input(0)));
  TFLOWER_CHECK(build.Bind(0, Words(build, {state.key})));
  TFLOWER_CHECK(build.Bind(1, Words(build, {state.low, state.high})));
  return node.num_outputs() < 3 ? Ok() : build.Bind(2, build.Scalar(static_cast<int32_t>(kPhilox)));
}

Status LowerGetAlg(const Node&, Builder& build) { return build.Bind(0, build.Scalar(static_cast<int32_t>(kPhilox))); }

// ---- distributions: each fills values with groups that one or more calls of the generator give

// As many T as one call gives.
template <class T>
constexpr size_t kGroup = sizeof(T) == 8 ? 2 : 4;

template <class T>
void FillUniform(Philox philox, std::span<T> out) {
  for (size_t i = 0; i < out.size(); i += kGroup<T>) {
    const Philox::Words w = philox();
    for (size_t k = 0; k < std::min(kGroup<T>, out.size() - i); ++k) {
      if constexpr (sizeof(T) == 4) out[i + k] = UniformFloat(w[k]);
      else out[i + k] = UniformDouble(w[2 * k], w[2 * k + 1]);
    }
  }
}

template <class T>
void FillNormal(Philox philox, std::span<T> out) {
  for (size_t i = 0; i < out.size(); i += kGroup<T>) {
    const Philox::Words w = philox();
    T normal[kGroup<T>];
    if constexpr (sizeof(T) == 4) {
      for (size_t k = 0; k < 4; k += 2) std::ranges::copy(NormalFloats(w[k], w[k + 1]), normal + k);
    } else {
      std::ranges::copy(NormalDoubles(w), normal);
    }
    std::copy_n(normal, std::min(kGroup<T>, out.size() - i), out.data() + i);
  }
}

// Single words of a generator, one after the other.
class WordStream {
 public:
  explicit WordStream(Philox philox) : philox_(philox) {}
  uint32_t operator()() {
    if (used_ == Philox::kWords) words_ = philox_(), used_ = 0;
    return words_[used_++];
  }

 private:
  Philox philox_;
  Philox::Words words_{};
  size_t used_ = Philox::kWords;
};

// Normal numbers, where those beyond 2 are drawn again. Each group has room for 256 words an element.
template <class T>
void FillTruncated(Philox base, std::span<T> out) {
  for (size_t i = 0; i < out.size(); i += kGroup<T>) {
    Philox philox = base;
    philox.Skip(i * 256 / Philox::kWords);
    WordStream next(philox);
    for (size_t k = 0; k < kGroup<T>;) {
      std::array<T, 2> pair;
      if constexpr (sizeof(T) == 4) {
        const uint32_t x0 = next(), x1 = next();
        pair = NormalFloats(x0, x1);
      } else {
        const uint32_t x0 = next(), x1 = next(), x2 = next(), x3 = next();
        pair = NormalDoubles({x0, x1, x2, x3});
      }
      for (const T x : pair) {
        if (std::abs(x) >= T{2} || k == kGroup<T>) continue;
        if (i + k < out.size()) out[i + k] = x;
        ++k;
      }
    }
  }
}

// low + word % (high - low); without limits, the words themselves.
template <class T>
void FillInts(Philox philox, std::span<T> out, const T* limits) {
  using Word = std::make_unsigned_t<T>;
  const Word range = limits == nullptr ? 0 : static_cast<Word>(static_cast<Word>(limits[1]) - static_cast<Word>(limits[0]));
  for (size_t i = 0; i < out.size(); i += kGroup<T>) {
    const Philox::Words w = philox();
    for (size_t k = 0; k < std::min(kGroup<T>, out.size() - i); ++k) {
      Word word;
      if constexpr (sizeof(T) == 4) word = w[k];
      else word = Join(w[2 * k], w[2 * k + 1]);
      if (limits != nullptr) word = static_cast<Word>(static_cast<Word>(limits[0]) + word % range);
      out[i + k] = static_cast<T>(word);
    }
  }
}

// ---- lowerings

struct Request {
  State state;
  std::vector<int64_t> dims;
  size_t count = 1;
  Value low, high;  // limits of integers
};

bool IsV2(const Node& node) { return node.op().ends_with("V2"); }

// V1: shape, seed, limits. V2: shape, key, counter, alg, limits.
Result<Request> ReadShape(const Node& node, Builder& build) {
  Request request{};
  TFLOWER_TRY(request.dims, build.Ints(node.Input(0), "shape"));
  for (const int64_t d : request.dims) {
    if (d < 0) return Error(Code::kInvalidGraph, "a dimension is negative").What("shape");
    if (d > kMaxBytes || (request.count *= static_cast<size_t>(d)) * 8 > kMaxBytes)
      return Error(Code::kLimit, "as a constant, that many random numbers would take more than 256 MiB").What("shape");
  }
  const int limits = IsV2(node) ? 4 : 2;
  if (node.num_inputs() > limits) request.low = node.Input(limits), request.high = node.Input(limits + 1);
  return request;
}

Result<Request> ReadRequest(const Node& node, Builder& build) {
  TFLOWER_TRY(Request request, ReadShape(node, build));
  if (IsV2(node)) {
    TFLOWER_TRY(request.state, ReadState(build, node.Input(1), node.Input(2), node.Input(3)));
  } else {
    TFLOWER_TRY(request.state, Scramble(build, node.Input(1)));
  }
  return request;
}

// ---- seeds that come at run time

bool ComesAtRunTime(const Node& node) { return !node.Input(1).is_constant() || (IsV2(node) && !node.Input(2).is_constant()); }

// As many of the numbers as are asked for, in their shape.
Result<Value> Shaped(Builder& build, const Request& request, const Expr& numbers) {
  const auto count = static_cast<int64_t>(request.count);
  const int64_t all[] = {-1};
  TFLOWER_TRY(const Value flat, numbers.result());
  TFLOWER_TRY(const Value vector, ReshapeTo(build, flat, all));
  TFLOWER_TRY(const Value begin, build.Vector({0}));
  TFLOWER_TRY(const Value size, build.Vector(std::span<const int64_t>(&count, 1)));
  TFLOWER_TRY(const Value some, build.Emit(tfl::Slice{}, {vector, begin, size}));
  return ReshapeTo(build, some, request.dims);
}

// As many calls as the numbers take, and their words, uint32 [calls, 4].
size_t CallsFor(const Request& request, size_t group) { return std::max<size_t>(1, (request.count + group - 1) / group); }

Result<Expr> WordsFor(const Node& node, Builder& build, const Request& request, size_t group) {
  if (IsV2(node)) TFLOWER_CHECK(CheckAlgorithm(build, node.Input(3)));
  TFLOWER_TRY(const PhiloxState state, IsV2(node) ? StateOfTensors(build, node.Input(1), node.Input(2)) : StateOfSeeds(build, node.Input(1)));
  TFLOWER_TRY(const Value words, RandomWords(build, state, static_cast<int64_t>(CallsFor(request, group))));
  return Expr(build, words);
}

Expr UniformOf(const Expr& words) {
  const Expr mantissa = FloorMod(Bitcast(words, DType::kInt32), 0x800000);
  return Bitcast(mantissa + 0x3F800000, DType::kFloat32) - 1.0;
}

// Of pairs of words: see NormalFloats.
Result<Expr> NormalOf(Builder& build, const Expr& words, int64_t calls) {
  const int64_t pairs[] = {calls, 2, 2};
  TFLOWER_TRY(const Value uniform, UniformOf(words).result());
  TFLOWER_TRY(const Value in_pairs, ReshapeTo(build, uniform, pairs));
  TFLOWER_TRY(const std::vector<Value> u, build.EmitAll(tfl::Unpack{.num = 2, .axis = 2}, {&in_pairs, 1}, 2));
  const Expr radius = Sqrt(Log(Max(Expr(build, u[0]), 1.0e-7)) * -2.0), angle = Expr(build, u[1]) * (2.0 * 3.14159265358979323846);
  return Emit(tfl::Pack{.values_count = 2, .axis = 2}, {Sin(angle) * radius, Cos(angle) * radius});
}

Status FloatsAtRunTime(const Node& node, Builder& build, bool normal) {
  if (node.Type("dtype") != DType::kFloat32) return Error(Code::kUnsupportedType, "of a seed that comes at run time only float32 is supported").What("dtype");
  TFLOWER_TRY(const Request request, ReadShape(node, build));
  TFLOWER_TRY(const Expr words, WordsFor(node, build, request, 4));
  if (!normal) return build.Bind(0, Shaped(build, request, UniformOf(words)));
  TFLOWER_TRY(const Expr numbers, NormalOf(build, words, static_cast<int64_t>(CallsFor(request, 4))));
  return build.Bind(0, Shaped(build, request, numbers));
}

// low + word % (high - low) of 32-bit integers; without limits, the words themselves.
Status IntsAtRunTime(const Node& node, Builder& build) {
  const DType type = node.Type("dtype");
  TFLOWER_TRY(const Request request, ReadShape(node, build));
  const bool wide = type == DType::kInt64 || type == DType::kUInt64;
  if (wide && request.low) return Error(Code::kUnsupportedType, "of a seed that comes at run time only 32-bit integers within limits are supported").What("dtype");
  TFLOWER_TRY(const Expr words, WordsFor(node, build, request, wide ? 2 : 4));
  if (wide) {
    const int64_t pairs[] = {-1, 2};
    TFLOWER_TRY(const Value all, words.result());
    return build.Bind(0, Shaped(build, request, Bitcast(Expr(build, ReshapeTo(build, all, pairs)), type)));
  }
  if (!request.low) return build.Bind(0, Shaped(build, request, Bitcast(words, type)));
  if (request.low.is_constant() && request.high.is_constant()) {
    TFLOWER_TRY(const int64_t least, build.Int(request.low, "minval"));
    TFLOWER_TRY(const int64_t beyond, build.Int(request.high, "maxval"));
    if (least >= beyond) return Error(Code::kInvalidGraph, "must be above minval, " + std::to_string(least)).What("maxval");
  }
  const Expr low = Cast(Expr(build, request.low), DType::kInt64), high = Cast(Expr(build, request.high), DType::kInt64);
  return build.Bind(0, Shaped(build, request, Cast(FloorMod(Cast(words, DType::kInt64), high - low) + low, type)));
}

// ---- seeds that are known

template <class T, class Fill>
Result<Value> Made(Builder& build, const Request& request, const Fill& fill) {
  std::vector<T> values(request.count);
  fill(request.state.generator(), std::span<T>(values));
  return build.Constant<T>(request.dims, values);
}

enum class Distribution { kUniform, kNormal, kTruncated };

template <class T>
Result<Value> MadeFloats(Builder& build, const Request& request, Distribution distribution) {
  switch (distribution) {
    case Distribution::kUniform: return Made<T>(build, request, FillUniform<T>);
    case Distribution::kNormal: return Made<T>(build, request, FillNormal<T>);
    default: return Made<T>(build, request, FillTruncated<T>);
  }
}

template <Distribution distribution>
Status LowerFloats(const Node& node, Builder& build) {
  if (distribution != Distribution::kTruncated && ComesAtRunTime(node)) return FloatsAtRunTime(node, build, distribution == Distribution::kNormal);
  TFLOWER_TRY(const Request request, ReadRequest(node, build));
  const DType type = node.Type("dtype");
  if (type == DType::kFloat64) return build.Bind(0, MadeFloats<double>(build, request, distribution));
  if (type == DType::kFloat32) return build.Bind(0, MadeFloats<float>(build, request, distribution));
  return Error(Code::kUnsupportedType, std::string(NameOf(type)) + " is not supported, only float32 and float64").What("dtype");
}

Result<Value> MadeInts(Builder& build, const Request& request, DType type) {
  Result<Value> out = Error(Code::kUnsupportedType, std::string(NameOf(type)) + " is not supported, only int32, int64, uint32 and uint64").What("dtype");
  VisitNumeric(type, [&]<class T>(T) {
    if constexpr (std::is_integral_v<T> && sizeof(T) >= 4) {
      out = [&]() -> Result<Value> {
        if (!request.low) return Made<T>(build, request, [](Philox philox, std::span<T> values) { FillInts<T>(philox, values, nullptr); });
        TFLOWER_TRY(const std::span<const T> low, build.DataAs<T>(request.low));
        TFLOWER_TRY(const std::span<const T> high, build.DataAs<T>(request.high));
        if (low.size() != 1 || high.size() != 1 || low[0] >= high[0]) return Error(Code::kInvalidGraph, "must be scalars, the lower below the upper").What("minval, maxval");
        const T limits[] = {low[0], high[0]};
        return Made<T>(build, request, [&](Philox philox, std::span<T> values) { FillInts<T>(philox, values, limits); });
      }();
    }
  });
  return out;
}

Status LowerInts(const Node& node, Builder& build) {
  if (ComesAtRunTime(node)) return IntsAtRunTime(node, build);
  TFLOWER_TRY(const Request request, ReadRequest(node, build));
  if (request.low && (!request.low.is_constant() || !request.high.is_constant()))
    return Error(Code::kUnsupportedGraph, "must be known when converting, as the seed is").What("minval, maxval").Hint("use constant limits");
  return build.Bind(0, MadeInts(build, request, node.Type("dtype")));
}

constexpr Operand kShape = Index(1, 1), kSeedOperand = Any(), kKey = Of(Types({DType::kUInt64}), 1, 1), kAlg = Index(0, 0), kLimit = Ranked(0, 0);

constexpr const char* kWordsEmit = "ADD BITCAST BITWISE_XOR CAST CONCATENATION FLOOR_MOD MUL PACK RESHAPE SLICE SUB UNPACK";
constexpr const char* kNormalEmits = "ADD BITCAST BITWISE_XOR CAST CONCATENATION COS FLOOR_MOD LOG MAXIMUM MUL PACK RESHAPE SIN SLICE SQRT SUB UNPACK";

constexpr OpDef kOps[] = {
    {"StatelessRandomGetKeyCounter", {kSeedOperand}, kSeed, LowerKeyCounter, kWordsEmit},
    {"StatelessRandomGetKeyCounterAlg", {kSeedOperand}, kSeed, LowerKeyCounter, kWordsEmit},
    {"StatelessRandomGetAlg", {}, {}, LowerGetAlg, ""},
    {"StatelessRandomUniform", {kShape, kSeedOperand}, kV1, LowerFloats<Distribution::kUniform>, kWordsEmit},
    {"StatelessRandomNormal", {kShape, kSeedOperand}, kV1, LowerFloats<Distribution::kNormal>, kNormalEmits},
    {"StatelessTruncatedNormal", {kShape, kSeedOperand}, kV1, LowerFloats<Distribution::kTruncated>, ""},
    {"StatelessRandomUniformInt", {kShape, kSeedOperand, kLimit, kLimit}, kV1Int, LowerInts, kWordsEmit},
    {"StatelessRandomUniformFullInt", {kShape, kSeedOperand}, kV1Full, LowerInts, kWordsEmit},
    {"StatelessRandomUniformV2", {kShape, kKey, kKey, kAlg}, kV2, LowerFloats<Distribution::kUniform>, kWordsEmit},
    {"StatelessRandomNormalV2", {kShape, kKey, kKey, kAlg}, kV2, LowerFloats<Distribution::kNormal>, kNormalEmits},
    {"StatelessTruncatedNormalV2", {kShape, kKey, kKey, kAlg}, kV2, LowerFloats<Distribution::kTruncated>, ""},
    {"StatelessRandomUniformIntV2", {kShape, kKey, kKey, kAlg, kLimit, kLimit}, kV2, LowerInts, kWordsEmit},
    {"StatelessRandomUniformFullIntV2", {kShape, kKey, kKey, kAlg}, kV2Full, LowerInts, kWordsEmit},
};
}  // namespace
TFLOWER_OP_FAMILY(stateless_random, kOps);
}  // namespace tflower::tf_ops
