// EmitChunks. With the batch first, the axis of steps is 1 in all that follows, and no transposition is needed.
#include "emit/chunks.h"

#include <algorithm>

#include <tflower/pattern.h>

namespace tflower::rnn {
namespace {

constexpr int64_t kWhole = 14;    // a sequence of so many steps is one chunk: about as many operators as the unrolling of any loop may make
constexpr int64_t kShortest = 8, kLongest = 14;
constexpr int64_t kOfAnyLength[] = {9, 11, 7, 13};  // the first for which the padding is not the same at all sizes that stand for an unknown length: those are even

// Of a sequence of known length: the length whose whole number of chunks leaves the fewest steps for nothing.
int64_t ChunkOf(int64_t steps) {
  int64_t best = kShortest;
  const auto padding = [&](int64_t chunk) { return (steps + chunk - 1) / chunk * chunk - steps; };
  for (int64_t chunk = kShortest; chunk <= kLongest; ++chunk) if (padding(chunk) <= padding(best)) best = chunk;
  return best;
}

class Emitter {
 public:
  Emitter(BodyReader& body, const Sequence& x, const Value& initial, ChunkedCell& cell)
      : build_(body.build()), loop_(body.loop()), x_(x), initial_(initial), cell_(cell), axis_(x.time_major ? 0 : 1), width_(initial.dim(-1)) {}

  Result<ChunkedResult> Run() {
    if (loop_.steps_known > 0 && loop_.steps_known <= kWhole) return Whole();
    TFLOWER_CHECK(CountChunks());
    TFLOWER_TRY(const Value chunks, InChunks());
    TFLOWER_TRY(const Value zero, build_.Scalar(int32_t{0}));
    TFLOWER_TRY(const Value space, Space());
    const Value initial[] = {zero, initial_, space, chunks, count_};
    const auto more = [&](const std::vector<Value>& v) -> Result<Value> { return build_.Emit(tfl::Less{}, {v[0], v[4]}); };
    const auto round = [&](const std::vector<Value>& v) -> Result<std::vector<Value>> { return Round(v); };
    TFLOWER_TRY(const std::vector<Value> out, build_.Loop(initial, more, round));
    TFLOWER_TRY(const Value all, WithoutPadding(out[2]));
    return ChunkedResult{{all, x_.time_major}, padding_known_ == 0 ? out[1] : Value()};
  }

 private:
  Result<ChunkedResult> Whole() {
    TFLOWER_TRY(const std::vector<Value> states, Steps(x_.values, loop_.steps_known, initial_));
    TFLOWER_TRY(const Value all, build_.Emit(tfl::Pack{.values_count = static_cast<int32_t>(states.size()), .axis = axis_}, std::span<const Value>(states)));
    return ChunkedResult{{all, x_.time_major}, states.back()};
  }

  Result<std::vector<Value>> Steps(const Value& x, int64_t steps, Value h) {
    TFLOWER_CHECK(cell_.Begin(x, static_cast<int>(steps), axis_));
    std::vector<Value> states;
    for (int i = 0; i < steps; ++i) {
      TFLOWER_TRY(h, cell_.Step(i, h));
      states.push_back(h);
    }
    return states;
  }

  // v: number of the chunk, state, states so far, chunks, their count.
  Result<std::vector<Value>> Round(const std::vector<Value>& v) {
    TFLOWER_TRY(const Value x, build_.Emit(tfl::Gather{.axis = axis_}, {v[3], v[0]}));
    TFLOWER_TRY(const std::vector<Value> states, Steps(x, chunk_, v[1]));
    TFLOWER_TRY(const Value joined, build_.Emit(tfl::Pack{.values_count = static_cast<int32_t>(chunk_), .axis = axis_}, std::span<const Value>(states)));
    TFLOWER_TRY(const Value axis, build_.Scalar(int32_t{axis_}));
    TFLOWER_TRY(const Value piece, build_.Emit(tfl::ExpandDims{}, {joined, axis}));
    TFLOWER_TRY(const Value zero, build_.Scalar(int32_t{0}));
    const std::vector<Value> start = axis_ == 0 ? std::vector<Value>{v[0], zero, zero, zero} : std::vector<Value>{zero, v[0], zero, zero};
    TFLOWER_TRY(const Value at, build_.Emit(tfl::Pack{.values_count = 4}, start));
    TFLOWER_TRY(const Value all, build_.Emit(tfl::DynamicUpdateSlice{}, {v[2], piece, at}));
    TFLOWER_TRY(const Value one, build_.Scalar(int32_t{1}));
    TFLOWER_TRY(const Value next, build_.Emit(tfl::Add{}, {v[0], one}));
    return std::vector<Value>{next, states.back(), all, v[3], v[4]};
  }

  // Scalars: how many chunks there are, and how many steps they lack.
  Status CountChunks() {
    if (loop_.steps_known > 0) {
      chunk_ = ChunkOf(loop_.steps_known);
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
    for (const int64_t chunk : kOfAnyLength) {
      chunk_ = chunk;
      TFLOWER_CHECK(CountChunksOf(chunk));
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
    Value x = x_.values;
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

  // Where the states of all steps go; what is in it at first does not count.
  Result<Value> Space() {
    const int32_t width = static_cast<int32_t>(width_);
    TFLOWER_TRY(const Value shape, axis_ == 0 ? build_.Vector({1, 1, -1, width}) : build_.Vector({-1, 1, 1, width}));
    TFLOWER_TRY(const Value row, build_.Emit(tfl::Reshape{}, {initial_, shape}));
    TFLOWER_TRY(const Value chunk, Number(chunk_));
    TFLOWER_TRY(const Value one, Number(1));
    TFLOWER_TRY(const Value times, VectorOf(axis_ == 0 ? std::vector<Value>{count_, chunk, one, one} : std::vector<Value>{one, count_, chunk, one}));
    return build_.Emit(tfl::Tile{}, {row, times});
  }

  // [steps, batch, units], or with the batch first.
  Result<Value> WithoutPadding(const Value& states) {
    TFLOWER_TRY(const Value any, Number(-1));
    TFLOWER_TRY(const Value columns, Number(width_));
    TFLOWER_TRY(const Value shape, VectorOf(axis_ == 0 ? std::vector<Value>{rows_, any, columns} : std::vector<Value>{any, rows_, columns}));
    TFLOWER_TRY(const Value rows, build_.Emit(tfl::Reshape{}, {states, shape}));
    if (padding_known_ == 0) return rows;
    TFLOWER_TRY(const Value begin, build_.Vector({0, 0, 0}));
    TFLOWER_TRY(const Value size, VectorOf(axis_ == 0 ? std::vector<Value>{steps_, any, any} : std::vector<Value>{any, steps_, any}));
    return build_.Emit(tfl::Slice{}, {rows, begin, size});
  }

  Builder& build_;
  const Loop& loop_;
  const Sequence& x_;
  const Value initial_;
  ChunkedCell& cell_;
  const int axis_;
  const int64_t width_;
  int64_t chunk_ = 0;
  int64_t padding_known_ = -1;
  Value steps_, count_, rows_, padding_;
};

}  // namespace

Result<ChunkedResult> EmitChunks(BodyReader& body, const Sequence& x, const Value& initial, ChunkedCell& cell) { return Emitter(body, x, initial, cell).Run(); }

}  // namespace tflower::rnn
