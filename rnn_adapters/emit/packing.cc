// Packing: indices of steps, and gathers.
#include "emit/packing.h"

#include <array>

#include <tflower/pattern.h>

#include "emit/step_mask.h"
#include "read/mask.h"

namespace tflower::rnn {
namespace {

Result<Value> AtAxis(Builder& build, const Value& x, int32_t axis) {
  TFLOWER_TRY(const Value at, build.Scalar(axis));
  return build.Emit(tfl::ExpandDims{}, {x, at});
}

// The element before that one; for 0 the first.
Result<Value> Before(Builder& build, const Value& places) {
  TFLOWER_TRY(const Value one, build.Scalar(int32_t{1}));
  TFLOWER_TRY(const Value zero, build.Scalar(int32_t{0}));
  TFLOWER_TRY(const Value before, build.Emit(tfl::Sub{}, {places, one}));
  return build.Emit(tfl::Maximum{}, {before, zero});
}

Result<Value> IsPositive(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value zero, build.Scalar(int32_t{0}));
  return build.Emit(tfl::Greater{}, {x, zero});
}

Result<Value> InRows(Builder& build, const Value& x, const Value& at) { return build.Emit(tfl::Gather{.axis = 1, .batch_dims = 1}, {x, at}); }

}  // namespace

Result<std::optional<Packing>> Packing::Make(Builder& build, const Loop& loop) {
  if (!loop.mask) return std::optional<Packing>();
  Packing packing(build);
  TFLOWER_CHECK(packing.Init(loop));
  return std::optional<Packing>(packing);
}

Status Packing::Init(const Loop& loop) {
  TFLOWER_TRY(mask_, MaskOfSteps(*build_, loop));
  TFLOWER_TRY(const Value ones, build_->Emit(tfl::Cast{tfl::TensorType::BOOL, tfl::TensorType::INT32}, {mask_}));
  TFLOWER_TRY(const Value axis, build_->Scalar(int32_t{1}));
  TFLOWER_TRY(places_, build_->Emit(tfl::Cumsum{}, {ones, axis}));
  TFLOWER_TRY(counts_, build_->Emit(tfl::Sum{}, {ones, axis}));
  return IsPrefix(*build_, loop) ? MarkBehind(ones) : Sort(ones, loop);
}

// By keys that fall from step to step, those that count before all others.
Status Packing::Sort(const Value& ones, const Loop& loop) {
  TFLOWER_TRY(const Value steps, Steps(*build_, loop));
  TFLOWER_TRY(const Value in_front, build_->Scalar(int32_t{1} << 30));
  TFLOWER_TRY(const Value raised, build_->Emit(tfl::Mul{}, {ones, in_front}));
  TFLOWER_TRY(const Value keys, build_->Emit(tfl::Sub{}, {raised, steps}));
  TFLOWER_TRY(const Value count, NumberOfSteps(*build_, loop));
  TFLOWER_TRY(const std::vector<Value> sorted, build_->EmitAll(tfl::TopKV2{}, std::array{keys, count}, 2));
  order_ = sorted[1];
  return MarkBehind(sorted[0]);
}

Status Packing::MarkBehind(const Value& values) {
  TFLOWER_TRY(const Value large, build_->Scalar(kBehind));
  TFLOWER_TRY(const Value none, build_->Scalar(0.0f));
  TFLOWER_TRY(const Value zero, build_->Scalar(int32_t{0}));
  TFLOWER_TRY(const Value is_behind, build_->Emit(tfl::LessEqual{}, {values, zero}));
  TFLOWER_TRY(const Value marks, build_->Emit(tfl::SelectV2{}, {is_behind, large, none}));
  TFLOWER_TRY(behind_, AtAxis(*build_, marks, 2));
  return Ok();
}

Result<Sequence> Packing::Pack(const Sequence& x) const {
  TFLOWER_TRY(Value values, WithBatchFirst(*build_, x));
  if (!order_) return Sequence{values, false};
  TFLOWER_TRY(values, InRows(*build_, values, order_));
  return Sequence{values, false};
}

Result<Value> Packing::Last(const Value& packed, const Value& initial) const {
  TFLOWER_TRY(const Value at, Before(*build_, counts_));
  TFLOWER_TRY(const Value last, InRows(*build_, packed, at));
  TFLOWER_TRY(const Value any, IsPositive(*build_, counts_));
  TFLOWER_TRY(const Value rows, AtAxis(*build_, any, 1));
  return build_->Emit(tfl::SelectV2{}, {rows, last, initial});
}

Result<Value> Packing::Held(const Value& packed, const Value& initial) const {
  TFLOWER_TRY(const Value at, Before(*build_, places_));
  TFLOWER_TRY(const Value there, InRows(*build_, packed, at));
  TFLOWER_TRY(const Value any, IsPositive(*build_, places_));
  return Choose(any, there, initial);
}

Result<Value> Packing::Chosen(const Value& packed, const Value& other) const {
  if (!order_) return Choose(mask_, packed, other);
  TFLOWER_TRY(const Value at, Before(*build_, places_));
  TFLOWER_TRY(const Value there, InRows(*build_, packed, at));
  return Choose(mask_, there, other);
}

Result<Value> Packing::Choose(const Value& where, const Value& steps, const Value& other) const {
  TFLOWER_TRY(const Value rows, AtAxis(*build_, where, 2));
  TFLOWER_TRY(const Value elsewhere, other.rank() > 1 ? AtAxis(*build_, other, 1) : Result<Value>(other));
  return build_->Emit(tfl::SelectV2{}, {rows, steps, elsewhere});
}

Result<Value> Packing::ChosenLast(const Value& packed, const Value& other) const {
  TFLOWER_TRY(const Value last, Last(packed, other));
  TFLOWER_TRY(const Value from, build_->Vector({0, -1}));
  TFLOWER_TRY(const Value to, build_->Vector({0, 0}));
  TFLOWER_TRY(const Value step, build_->Vector({1, 1}));
  TFLOWER_TRY(const Value at_last, build_->Emit(tfl::StridedSlice{.begin_mask = 1, .end_mask = 3}, {mask_, from, to, step}));
  return build_->Emit(tfl::SelectV2{}, {at_last, last, other});
}

}  // namespace tflower::rnn
