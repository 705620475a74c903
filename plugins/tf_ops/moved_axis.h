// Axes that are computed at run time, for operators that want theirs as a number: the axis is made the first, and goes back afterwards.
#pragma once

#include "formula.h"
#include "index.h"

namespace tflower::tf_ops {

class MovedAxis {
 public:
  // axis: an integer scalar, in [-rank, rank) at run time.
  MovedAxis(Builder& build, const Value& axis, int rank) : build_(build), axis_(build, AsInt32(build, axis)) {
    std::vector<int32_t> numbers(static_cast<size_t>(rank));
    for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int32_t>(i);
    numbers_ = Expr(build, build.Vector(std::span<const int32_t>(numbers)));
    axis_ = Where(axis_ < 0, axis_ + static_cast<double>(rank), axis_);
  }
  Result<Value> First(const Value& x) const { return Permuted(x, Where(numbers_ == 0, axis_, Where(numbers_ <= axis_, numbers_ - 1, numbers_))); }
  Result<Value> Back(const Value& y) const { return Permuted(y, Where(numbers_ == axis_, 0.0, Where(numbers_ < axis_, numbers_ + 1, numbers_))); }

 private:
  Result<Value> Permuted(const Value& x, const Expr& order) const { return Emit(tfl::Transpose{}, {Expr(build_, x), order}).result(); }

  Builder& build_;
  Expr axis_, numbers_ = axis_;
};

// What it emits.
#define TFLOWER_MOVED_AXIS_EMITS "ADD CAST EQUAL LESS LESS_EQUAL SELECT SELECT_V2 SUB TRANSPOSE "

}  // namespace tflower::tf_ops
