// EmitChunks. With the batch first, the axis of steps is 1 in all that follows, and no transposition is needed.
#include "emit/chunks.h"

#include <algorithm>

#include <tflower/pattern.h>

namespace tflower::rnn {
namespace {

constexpr int64_t kOperators = 160;  // of a chunk: as many as the unrolling of any loop may make
constexpr int64_t kLongest = 14;

// Of a sequence of known length: the length whose whole number of chunks leaves the fewest steps for nothing.
int64_t ChunkOf(int64_t steps, int64_t longest) {
  int64_t best = longest;
  const auto padding = [&](int64_t chunk) { return (steps + chunk - 1) / chunk * chunk - steps; };
  for (int64_t chunk = longest; chunk > longest / 2; --chunk) if (padding(chunk) < padding(best)) best = chunk;
  return best;
}

class Emitter {
 public:
  Emitter(BodyReader& body, const ChunkedLayer& layer, ChunkedCell& cell)
      : build_(body.build()), loop_(body.loop()), layer_(layer), cell_(cell), axis_(layer.x.time_major ? 0 : 1),
        longest_(std::clamp<int64_t>(kOperators / layer.operators, 1, kLongest)) {}

  Result<ChunkedResult> Run() {
    if (longest_ < 3) return Declined("a step of it takes too many operators");
    if (loop_.steps_known > 0 && loop_.steps_known <= longest_) return Whole();
    TFLOWER_CHECK(CountChunks());
    TFLOWER_TRY(std::vector<Value> variables, Variables());
    const auto more = [&](const std::vector<Value>& v) -> Result<Value> { return build_.Emit(tfl::Less{}, {v[kRound], v[kRounds]}); };
    const auto round = [&](const std::vector<Value>& v) -> Result<std::vector<Value>> { return Round(v); };
    TFLOWER_TRY(const std::vector<Value> out, build_.Loop(std::span<const Value>(variables), more, round));
    ChunkedResult result{{}, std::vector<Value>(layer_.states.size())};
    for (size_t i = 0; padding_known_ == 0 && i < layer_.states.size(); ++i) result.states[i] = out[kFirst + i];
    for (size_t i = 0; i < layer_.widths.size(); ++i) {
      TFLOWER_TRY(const Value all, WithoutPadding(out[Recorded(i)], layer_.widths[i]));
      result.recorded.push_back({all, layer_.x.time_major});
    }
    return result;
  }

 private:
  // Of the loop: its variables begin with these, then come states, what is recorded, and what all steps read.
  enum Variable : size_t { kRound, kRounds, kChunks, kFirst };
  size_t Recorded(size_t i) const { return kFirst + layer_.states.size() + i; }
  size_t Outer() const { return Recorded(layer_.widths.size()); }

  using Steps = std::vector<std::vector<Value>>;  // by what is recorded, then by step

  Result<Steps> RunSteps(const Value& x, int64_t steps, std::vector<Value>& states, std::span<const Value> outer) {
    TFLOWER_CHECK(cell_.Begin(x, static_cast<int>(steps), axis_, outer));
    Steps recorded(layer_.widths.size());
    for (int i = 0; i < steps; ++i) {
      TFLOWER_TRY(const std::vector<Value> values, cell_.Step(i, states));
      for (size_t k = 0; k < values.size(); ++k) recorded[k].push_back(values[k]);
    }
    return recorded;
  }

  Result<Value> Joined(const std::vector<Value>& steps) {
    return build_.Emit(tfl::Pack{.values_count = static_cast<int32_t>(steps.size()), .axis = axis_}, std::span<const Value>(steps));
  }

  Result<ChunkedResult> Whole() {
    ChunkedResult result{{}, layer_.states};
    TFLOWER_TRY(const Steps recorded, RunSteps(layer_.x.values, loop_.steps_known, result.states, layer_.outer));
    for (const std::vector<Value>& steps : recorded) {
      TFLOWER_TRY(const Value all, Joined(steps));
      result.recorded.push_back({all, layer_.x.time_major});
    }
    return result;
  }

  Result<std::vector<Value>> Variables() {
    std::vector<Value> out(kFirst);
    TFLOWER_TRY(out[kRound], Number(0));
    out[kRounds] = count_;
    TFLOWER_TRY(out[kChunks], InChunks());
    out.insert(out.end(), layer_.states.begin(), layer_.states.end());
    for (const int64_t width : layer_.widths) {
      TFLOWER_TRY(const Value space, Space(width));
      out.push_back(space);
    }
    out.insert(out.end(), layer_.outer.begin(), layer_.outer.end());
    return out;
  }

  Result<std::vector<Value>> Round(const std::vector<Value>& v) {
    const auto first = [&](size_t i) { return v.begin() + static_cast<std::ptrdiff_t>(i); };
    std::vector<Value> next = v, states(first(kFirst), first(Recorded(0)));
    TFLOWER_TRY(const Value x, build_.Emit(tfl::Gather{.axis = axis_}, {v[kChunks], v[kRound]}));
    TFLOWER_TRY(const Steps recorded, RunSteps(x, chunk_, states, std::span<const Value>(v).subspan(Outer())));
    std::ranges::copy(states, next.begin() + kFirst);
    TFLOWER_TRY(const Value zero, Number(0));
    const std::vector<Value> start = axis_ == 0 ? std::vector<Value>{v[kRound], zero, zero, zero} : std::vector<Value>{zero, v[kRound], zero, zero};
    TFLOWER_TRY(const Value at, VectorOf(start));
    TFLOWER_TRY(const Value axis, Number(axis_));
    for (size_t i = 0; i < recorded.size(); ++i) {
      TFLOWER_TRY(const Value joined, Joined(recorded[i]));
      TFLOWER_TRY(const Value piece, build_.Emit(tfl::ExpandDims{}, {joined, axis}));
      TFLOWER_TRY(next[Recorded(i)], build_.Emit(tfl::DynamicUpdateSlice{}, {v[Recorded(i)], piece, at}));
    }
    TFLOWER_TRY(const Value one, Number(1));
    TFLOWER_TRY(next[kRound], build_.Emit(tfl::Add{}, {v[kRound], one}));
    return next;
  }

  // Scalars: how many chunks there are, and how many steps they lack.
  Status CountChunks() {
    if (loop_.steps_known > 0) {
      chunk_ = ChunkOf(loop_.steps_known, longest_);
      const int64_t count = (loop_.steps_known + chunk_ - 1) / chunk_;
      padding_known_ = count * chunk_ - loop_.steps_known;
      TFLOWER_TRY(steps_, Number(loop_.steps_known));
      TFLOWER_TRY(count_, Number(count));
      TFLOWER_TRY(rows_, Number(count * chunk_));
      TFLOWER_TRY(padding_, Number(padding_known_));
      return Ok();
    }
    if (loop_.steps.rank() != 0) return Declined("the number of its steps is no scalar");
    steps_ = loop_.steps;
    // Where a model takes round sizes only, those that stand for an unknown length are even: with an odd one, padding is not taken for the same always.
    for (chunk_ = (longest_ - 1) / 2 * 2 + 1; chunk_ >= 3; chunk_ -= 2) {
      TFLOWER_CHECK(CountChunksOf(chunk_));
      if (!padding_.is_constant()) return Ok();
    }
    return Declined("the number of its steps cannot be divided into chunks");
  }

  Status CountChunksOf(int64_t length) {
    TFLOWER_TRY(const Value more, Number(length - 1));
    TFLOWER_TRY(const Value sum, build_.Emit(tfl::Add{}, {steps_, more}));
    TFLOWER_TRY(const Value chunk, Number(length));
    TFLOWER_TRY(count_, build_.Emit(tfl::FloorDiv{}, {sum, chunk}));
    TFLOWER_TRY(rows_, build_.Emit(tfl::Mul{}, {count_, chunk}));
    TFLOWER_TRY(padding_, build_.Emit(tfl::Sub{}, {rows_, steps_}));
    return Ok();
  }

  Result<Value> Number(int64_t x) { return build_.Scalar(static_cast<int32_t>(x)); }

  // A vector of scalars, of which those in the places of the steps and of the batch are for steps first.
  Result<Value> VectorOf(std::vector<Value> parts) {
    return build_.Emit(tfl::Pack{.values_count = static_cast<int32_t>(parts.size())}, std::span<const Value>(parts));
  }

  // [chunks, steps of one, batch, features], or with the batch first.
  Result<Value> InChunks() {
    Value x = layer_.x.values;
    if (padding_known_ != 0) {
      TFLOWER_TRY(const Value none, Number(0));
      std::vector<Value> ends(6, none);
      ends[static_cast<size_t>(2 * axis_ + 1)] = padding_;
      TFLOWER_TRY(const Value flat, VectorOf(ends));
      TFLOWER_TRY(const Value shape, build_.Vector({3, 2}));
      TFLOWER_TRY(const Value paddings, build_.Emit(tfl::Reshape{}, {flat, shape}));
      TFLOWER_TRY(x, build_.Emit(tfl::Pad{}, {x, paddings}));
    }
    TFLOWER_TRY(const Value shape, ShapeOfChunks(x.dim(-1)));
    return build_.Emit(tfl::Reshape{}, {x, shape});
  }

  Result<Value> ShapeOfChunks(int64_t width) {
    TFLOWER_TRY(const Value chunk, Number(chunk_));
    TFLOWER_TRY(const Value any, Number(-1));
    TFLOWER_TRY(const Value columns, Number(width));
    return VectorOf(axis_ == 0 ? std::vector<Value>{count_, chunk, any, columns} : std::vector<Value>{any, count_, chunk, columns});
  }

  // Where what is recorded of all steps goes: a column of a state, many times; what is in it at first does not count.
  Result<Value> Space(int64_t width) {
    TFLOWER_TRY(const Value shape, axis_ == 0 ? build_.Vector({1, 1, -1, 1}) : build_.Vector({-1, 1, 1, 1}));
    TFLOWER_TRY(const Value begin, build_.Vector({0, 0}));
    TFLOWER_TRY(const Value size, build_.Vector({-1, 1}));
    TFLOWER_TRY(const Value column, build_.Emit(tfl::Slice{}, {layer_.states[0], begin, size}));
    TFLOWER_TRY(const Value row, build_.Emit(tfl::Reshape{}, {column, shape}));
    TFLOWER_TRY(const Value chunk, Number(chunk_));
    TFLOWER_TRY(const Value one, Number(1));
    TFLOWER_TRY(const Value columns, Number(width));
    TFLOWER_TRY(const Value times, VectorOf(axis_ == 0 ? std::vector<Value>{count_, chunk, one, columns} : std::vector<Value>{one, count_, chunk, columns}));
    return build_.Emit(tfl::Tile{}, {row, times});
  }

  // [steps, batch, units], or with the batch first.
  Result<Value> WithoutPadding(const Value& states, int64_t width) {
    TFLOWER_TRY(const Value any, Number(-1));
    TFLOWER_TRY(const Value columns, Number(width));
    TFLOWER_TRY(const Value shape, VectorOf(axis_ == 0 ? std::vector<Value>{rows_, any, columns} : std::vector<Value>{any, rows_, columns}));
    TFLOWER_TRY(const Value rows, build_.Emit(tfl::Reshape{}, {states, shape}));
    if (padding_known_ == 0) return rows;
    TFLOWER_TRY(const Value begin, build_.Vector({0, 0, 0}));
    TFLOWER_TRY(const Value size, VectorOf(axis_ == 0 ? std::vector<Value>{steps_, any, any} : std::vector<Value>{any, steps_, any}));
    return build_.Emit(tfl::Slice{}, {rows, begin, size});
  }

  Builder& build_;
  const Loop& loop_;
  const ChunkedLayer& layer_;
  ChunkedCell& cell_;
  const int axis_;
  const int64_t longest_;
  int64_t chunk_ = 0;
  int64_t padding_known_ = -1;
  Value steps_, count_, rows_, padding_;
};

}  // namespace

Result<ChunkedResult> EmitChunks(BodyReader& body, const ChunkedLayer& layer, ChunkedCell& cell) { return Emitter(body, layer, cell).Run(); }

}  // namespace tflower::rnn
