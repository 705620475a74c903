// Reductions with axes as operand 1.
#include "reductions.h"

namespace tflower::tfl_rules {
namespace {

// Calls f with the operator's options struct.
template <class F>
auto Visit(const Operator& op, F&& f) {
  switch (op.code()) {
    case tfl::Builtin::SUM: return f(op.As<tfl::Sum>());
    case tfl::Builtin::MEAN: return f(op.As<tfl::Mean>());
    case tfl::Builtin::REDUCE_MAX: return f(op.As<tfl::ReduceMax>());
    case tfl::Builtin::REDUCE_MIN: return f(op.As<tfl::ReduceMin>());
    case tfl::Builtin::REDUCE_PROD: return f(op.As<tfl::ReduceProd>());
    case tfl::Builtin::REDUCE_ANY: return f(op.As<tfl::ReduceAny>());
    default: return f(op.As<tfl::ReduceAll>());
  }
}

}  // namespace

bool KeepsDims(const Operator& reduction) {
  return Visit(reduction, [](const auto& options) { return options.keep_dims; });
}

Result<Value> Reduce(Builder& build, const Operator& reduction, const Value& x, const Value& axes, bool keep_dims) {
  return Visit(reduction, [&](auto options) -> Result<Value> {
    options.keep_dims = keep_dims;
    return build.Emit(options, {x, axes});
  });
}

}  // namespace tflower::tfl_rules
