#include "random_words.h"

#include <numeric>

#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr int kRounds = 10;
constexpr double kMultiplier[] = {0xD2511F53, 0xCD9E8D57};
constexpr int64_t kKeyStep[] = {0x9E3779B9, 0xBB67AE85};
constexpr uint32_t kScrambler[] = {0x3EC8F720, 0x02461E29};  // the fixed key, its lower word first

Expr Xor(const Expr& a, const Expr& b) { return Emit(tfl::BitwiseXor{}, {a, b}); }

// The parts along an axis, without it.
Result<std::vector<Value>> Parts(Builder& build, const Expr& x, int32_t axis, int32_t count) {
  TFLOWER_TRY(const Value value, x.result());
  return build.EmitAll(tfl::Unpack{.num = count, .axis = axis}, {&value, 1}, count);
}

// The lower and the upper words of int64 values [n].
struct Halves {
  Expr low, high;
};
Result<Halves> HalvesOf(Builder& build, const Expr& x) {
  TFLOWER_TRY(const std::vector<Value> parts, Parts(build, Bitcast(x, DType::kUInt32), 1, 2));
  return Halves{Expr(build, parts[0]), Expr(build, parts[1])};
}

// Round keys: `key` and steps of it, each [].
Result<std::vector<Value>> RoundKeys(Builder& build, const Expr& key, int64_t step) {
  std::vector<int64_t> steps;
  for (int64_t r = 0; r < kRounds; ++r) steps.push_back(r * step);
  const int64_t n = kRounds;
  TFLOWER_TRY(const Value all, build.Constant<int64_t>({&n, 1}, steps));
  TFLOWER_TRY(const Halves halves, HalvesOf(build, Cast(key, DType::kInt64) + Expr(build, all)));
  return Parts(build, halves.low, 0, kRounds);
}


// One call for each element of the counters.
Result<std::vector<Value>> Call(Builder& build, const Expr (&key)[2], std::vector<Expr> x) {
  std::vector<Value> keys[2];
  for (int i = 0; i < 2; ++i) {
    TFLOWER_TRY(keys[i], RoundKeys(build, key[i], kKeyStep[i]));
  }
  for (size_t r = 0; r < kRounds; ++r) {
    TFLOWER_TRY(const Halves a, HalvesOf(build, Cast(x[0], DType::kInt64) * kMultiplier[0]));
    TFLOWER_TRY(const Halves b, HalvesOf(build, Cast(x[2], DType::kInt64) * kMultiplier[1]));
    x = {Xor(Xor(b.high, x[1]), Expr(build, keys[0][r])), b.low, Xor(Xor(a.high, x[3]), Expr(build, keys[1][r])), a.low};
  }
  return ValuesOf(x);
}

Result<Value> Words(Builder& build, std::span<const uint32_t> words) {
  const auto n = static_cast<int64_t>(words.size());
  return build.Constant<uint32_t>({&n, 1}, words);
}

// The words of 64-bit values [n], each [1].
Result<std::vector<Value>> WordsOf(Builder& build, const Expr& x, int32_t count) {
  TFLOWER_TRY(const Value pairs, Bitcast(x, DType::kUInt32).result());
  const int64_t column[] = {count, 1};
  return Parts(build, Expr(build, ReshapeTo(build, pairs, column)), 0, count);
}

}  // namespace

Result<PhiloxState> StateOfSeeds(Builder& build, const Value& seeds) {
  TFLOWER_TRY(const std::vector<Value> words, WordsOf(build, Cast(Expr(build, seeds), DType::kInt64), 4));
  const Expr key[2] = {Expr(build, Words(build, {kScrambler, 1})), Expr(build, Words(build, {kScrambler + 1, 1}))};
  std::vector<Expr> counter;
  for (const Value& w : words) counter.emplace_back(build, w);
  TFLOWER_TRY(const std::vector<Value> mix, Call(build, key, std::move(counter)));
  const uint32_t zero = 0;
  const Expr none(build, Words(build, {&zero, 1}));
  return PhiloxState{{Expr(build, mix[0]), Expr(build, mix[1])}, {none, none, Expr(build, mix[2]), Expr(build, mix[3])}};
}

Result<PhiloxState> StateOfTensors(Builder& build, const Value& key, const Value& counter) {
  TFLOWER_TRY(const std::vector<Value> k, WordsOf(build, Expr(build, key), 2));
  TFLOWER_TRY(const std::vector<Value> c, WordsOf(build, Expr(build, counter), 4));
  return PhiloxState{{Expr(build, k[0]), Expr(build, k[1])}, {Expr(build, c[0]), Expr(build, c[1]), Expr(build, c[2]), Expr(build, c[3])}};
}

Expr KeyTensor(const PhiloxState& state) {
  return Bitcast(Emit(tfl::Pack{.values_count = 2, .axis = 1}, {state.key[0], state.key[1]}), DType::kUInt64);
}

Expr CounterTensor(const PhiloxState& state) {
  const auto half = [&](int i) { return Emit(tfl::Pack{.values_count = 2, .axis = 1}, {state.counter[i], state.counter[i + 1]}); };
  return Bitcast(Emit(tfl::Concatenation{.axis = 0}, {half(0), half(2)}), DType::kUInt64);
}

Result<Value> RandomWords(Builder& build, const PhiloxState& state, int64_t calls) {
  std::vector<int64_t> numbers(static_cast<size_t>(calls));
  std::iota(numbers.begin(), numbers.end(), 0);
  TFLOWER_TRY(const Value number, build.Constant<int64_t>({&calls, 1}, numbers));
  const Expr low = Bitcast(Emit(tfl::Pack{.values_count = 2, .axis = 1}, {state.counter[0], state.counter[1]}), DType::kInt64);
  TFLOWER_TRY(const Halves halves, HalvesOf(build, low + Expr(build, number)));
  TFLOWER_TRY(const std::vector<Value> words, Call(build, state.key, {halves.low, halves.high, state.counter[2], state.counter[3]}));
  return build.Emit(tfl::Pack{.values_count = 4, .axis = 1}, words);
}

}  // namespace tflower::tf_ops
