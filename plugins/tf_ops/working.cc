#include "working.h"

#include <algorithm>

#include "formula.h"

namespace tflower::tf_ops {
namespace {

// A type of `native` that can stand in for t; kNone if there is none.
DType StandIn(DType t, DTypeSet native, Bits bits) {
  const auto first = [&](std::initializer_list<DType> types) {
    const auto it = std::find_if(types.begin(), types.end(), [&](DType type) { return Contains(native, type); });
    return it == types.end() ? DType::kNone : *it;
  };
  switch (t) {
    case DType::kFloat16: case DType::kBFloat16: case DType::kFloat64: return first({DType::kFloat32});
    case DType::kComplex128: return first({DType::kComplex64});
    case DType::kInt8: case DType::kUInt8: case DType::kInt16: case DType::kUInt16: return first({DType::kInt32, DType::kInt64});
    case DType::kInt32: return first({DType::kInt64});
    case DType::kUInt32:
      if (bits == Bits::kLow) return first({DType::kInt32, DType::kInt64});
      return bits == Bits::kOrder ? first({DType::kInt64, DType::kInt32}) : first({DType::kInt64});
    case DType::kUInt64: return bits == Bits::kValues ? DType::kNone : first({DType::kInt64});
    default: return DType::kNone;
  }
}

// Unsigned values as signed ones in the same order, and back: the sign bit turned, which is in the last int32 of each.
Result<Value> TurnSign(Builder& build, const Value& x, DType to) {
  const int32_t sign[] = {0, INT32_MIN};
  TFLOWER_TRY(const Value mask, BitsOf(to) == 64 ? build.Vector(std::span<const int32_t>(sign)) : build.Scalar(INT32_MIN));
  return Bitcast(Emit(tfl::BitwiseXor{}, {Bitcast(Expr(build, x), DType::kInt32), Expr(build, mask)}), to).result();
}

}  // namespace

Result<Working> Working::Of(Builder& build, DType type, DTypeSet native, Bits bits) {
  Working out;
  out.type_ = out.working_ = type;
  out.bits_ = bits;
  if (Contains(native, type)) return out;
  out.working_ = StandIn(type, native, bits);
  if (out.working_ == DType::kNone) {
    return Error(Code::kUnsupportedType, "TFLite has no operators for it in " + std::string(NameOf(type)) + ", nor in a type that holds its values")
        .Hint("cast the operands, in the model, to a type that is wide enough for them");
  }
  if (type == DType::kFloat64 || type == DType::kComplex128)
    build.Report("is computed in " + std::string(NameOf(out.working_)) + ", since LiteRT cannot in " + std::string(NameOf(type)));
  return out;
}

Result<Value> Working::Enter(Builder& build, const Value& x) const {
  if (x.dtype() != type_) return x;
  return turns_sign() ? TurnSign(build, x, working_) : Convert(build, x, working_);
}

Result<Value> Working::Leave(Builder& build, const Value& y) const {
  if (y.dtype() != working_) return y;
  return turns_sign() ? TurnSign(build, y, type_) : Convert(build, y, type_);
}

Result<Value> Convert(Builder& build, const Value& x, DType to) {
  const Expr from(build, x);
  if (x.dtype() == to) return x;
  if (x.dtype() == DType::kUInt64) return Cast(Bitcast(from, DType::kInt64), to).result();
  if (to == DType::kUInt64) return Bitcast(Cast(from, DType::kInt64), to).result();
  if (x.dtype() == DType::kComplex128) {
    const Expr narrow = Bitcast(Cast(Bitcast(from, DType::kFloat64), DType::kFloat32), DType::kComplex64);
    return Cast(narrow, to).result();
  }
  if (to == DType::kComplex128) {
    const Expr parts = Bitcast(Cast(from, DType::kComplex64), DType::kFloat32);
    return Bitcast(Cast(parts, DType::kFloat64), to).result();
  }
  return Cast(from, to).result();
}

Status LowerTyped(const Node& node, Builder& build, const TypeRule& rule, ResultsFn lower) {
  const auto is_listed = [](uint32_t set, size_t i) { return i >= 32 || (set >> i & 1) != 0; };
  std::vector<const tflower_value*> inputs;
  DType other = DType::kNone;
  for (const Value& v : node.Inputs()) {
    if (other == DType::kNone && is_listed(rule.operands, inputs.size()) && v && !Contains(rule.native, v.dtype())) other = v.dtype();
    inputs.push_back(v.abi());
  }
  Working working;  // of no type: everything stays as it is
  if (other != DType::kNone) {
    TFLOWER_TRY(working, Working::Of(build, other, rule.native, rule.bits));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == nullptr || !is_listed(rule.operands, i)) continue;
    TFLOWER_TRY(const Value v, working.Enter(build, Value(inputs[i])));
    inputs[i] = v.abi();
  }
  tflower_node typed = *node.abi();
  typed.inputs = inputs.data();
  TFLOWER_TRY(const std::vector<Value> results, lower(Node(&typed, node.attr_defs()), build));
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) continue;
    TFLOWER_CHECK(build.Bind(static_cast<int>(i), is_listed(rule.results, i) ? working.Leave(build, results[i]) : Result<Value>(results[i])));
  }
  return Ok();
}

}  // namespace tflower::tf_ops
