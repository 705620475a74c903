#include "elementwise.h"

#include <algorithm>

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
    case DType::kUInt32: return bits == Bits::kLow ? first({DType::kInt32, DType::kInt64}) : first({DType::kInt64});
    case DType::kUInt64: return bits == Bits::kValues ? DType::kNone : first({DType::kInt64});
    default: return DType::kNone;
  }
}

// uint64 values as int64 ones in the same order, and back: the sign bit turned, which is in the second half.
Result<Value> TurnSign(Builder& build, const Value& x, DType to) {
  const int32_t sign[] = {0, INT32_MIN};
  TFLOWER_TRY(const Value mask, build.Vector(std::span<const int32_t>(sign)));
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
  return bits_ == Bits::kOrder && type_ == DType::kUInt64 ? TurnSign(build, x, working_) : Convert(build, x, working_);
}

Result<Value> Working::Leave(Builder& build, const Value& y) const {
  if (y.dtype() != working_) return y;
  return bits_ == Bits::kOrder && type_ == DType::kUInt64 ? TurnSign(build, y, type_) : Convert(build, y, type_);
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

}  // namespace tflower::tf_ops
