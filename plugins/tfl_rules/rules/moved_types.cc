// Operators that move elements about, of types that stock LiteRT does not move: another type carries them there and back. The one place that
// says which operator takes what; lowerings and other rules emit these operators for any type. Runs last.
//
//   in a type of the same width that the operator moves, by BITCAST (bool: CAST): what comes out has the same bits
//   16-bit values where it moves none, in int32 or float32 by CAST, which hold them all
//   complex128 as two int64 tensors, one after the other
//   UNPACK of 64-bit values is a SPLIT
#include <array>

#include <tflower/pattern.h>

namespace tflower::tfl_rules {
namespace {

using enum DType;

constexpr DTypeSet kReal = Types({kInt8, kUInt8, kInt16, kUInt16, kInt32, kUInt32, kInt64, kUInt64, kFloat16, kFloat32, kFloat64});
constexpr DTypeSet kMost = kReal | Types({kBFloat16, kBool, kComplex64});
constexpr DTypeSet kSome = Types({kInt8, kUInt8, kInt16, kInt32, kInt64, kFloat16, kBFloat16, kFloat32, kBool});
constexpr DTypeSet kFew = Types({kInt8, kUInt8, kInt32, kInt64, kFloat32});

struct Mover {
  tfl::Builtin code;
  uint32_t operands;  // those that hold elements to be moved: bit i stands for operand i
  DTypeSet moved;     // by stock LiteRT, as run
  Result<std::vector<Value>> (*emit)(Builder& build, const Operator& like, std::span<const Value> inputs);
};
template <class TflOp>
constexpr Mover Moves(uint32_t operands, DTypeSet moved) {
  return {TflOp::kCode, operands, moved, [](Builder& build, const Operator& like, std::span<const Value> inputs) {
            return build.EmitAll(like.As<TflOp>(), inputs, like.num_outputs());
          }};
}

constexpr uint32_t kFirst = 1, kSecond = 2, kThird = 4, kFourth = 8, kEvery = ~0u;

constexpr Mover kMovers[] = {
    Moves<tfl::Concatenation>(kEvery, kSome | Types({kUInt32})),
    Moves<tfl::DepthToSpace>(kFirst, kFew),
    Moves<tfl::Fill>(kSecond, Types({kInt8, kInt16, kInt32, kInt64, kFloat16, kFloat32, kBool})),
    Moves<tfl::Gather>(kFirst, kSome),
    Moves<tfl::GatherNd>(kFirst, kSome),
    Moves<tfl::MatrixDiag>(kFirst, kFew | Types({kInt16})),
    Moves<tfl::MatrixSetDiag>(kFirst | kSecond, kFew | Types({kInt16})),
    Moves<tfl::MirrorPad>(kFirst, kMost),
    Moves<tfl::OneHot>(kThird | kFourth, kFew | Types({kBool})),
    Moves<tfl::Pack>(kEvery, kFew | Types({kInt16, kUInt32})),
    Moves<tfl::Pad>(kFirst, kSome),
    Moves<tfl::PadV2>(kFirst | kThird, kSome),
    Moves<tfl::ReverseSequence>(kFirst, (kFew & ~Types({kInt8})) | Types({kInt16})),
    Moves<tfl::ReverseV2>(kFirst, kSome),
    Moves<tfl::Select>(kSecond | kThird, kMost & ~Types({kBFloat16})),
    Moves<tfl::SelectV2>(kSecond | kThird, kMost & ~Types({kBFloat16})),
    Moves<tfl::Slice>(kFirst, kMost),
    Moves<tfl::SpaceToDepth>(kFirst, kFew),
    Moves<tfl::SparseToDense>(kThird | kFourth, kFew),
    Moves<tfl::Split>(kSecond, kFew | Types({kInt16, kFloat16})),
    Moves<tfl::SplitV>(kFirst, kFew | Types({kInt16})),
    Moves<tfl::StridedSlice>(kFirst, kMost),
    Moves<tfl::Tile>(kFirst, kMost & ~Types({kUInt16})),
    Moves<tfl::Transpose>(kFirst, kMost),
    Moves<tfl::Unpack>(kFirst, kSome & ~kI64),
};
constexpr const char* kNames = "CONCATENATION|DEPTH_TO_SPACE|FILL|GATHER|GATHER_ND|MATRIX_DIAG|MATRIX_SET_DIAG|MIRROR_PAD|ONE_HOT|PACK|PAD|PADV2|REVERSE_SEQUENCE|"
                               "REVERSE_V2|SELECT|SELECT_V2|SLICE|SPACE_TO_DEPTH|SPARSE_TO_DENSE|SPLIT|SPLIT_V|STRIDED_SLICE|TILE|TRANSPOSE|UNPACK";

// What carries elements of type t; kNone if nothing does.
DType CarrierOf(DType t, DTypeSet moved) {
  for (DType carrier : {kInt8, kUInt8, kInt16, kInt32, kInt64})
    if (BitsOf(carrier) == BitsOf(t) && Contains(moved, carrier)) return carrier;
  if (t == kFloat16 || t == kBFloat16) return kFloat32;
  return BitsOf(t) == 16 ? kInt32 : kNone;
}

Result<Value> As(Builder& build, const Value& x, DType type) {
  if (x.dtype() == type) return x;
  const bool truth = x.dtype() == kBool || type == kBool;  // whose bits are nobody's business
  if (!truth && BitsOf(x.dtype()) == BitsOf(type)) return build.EmitAs(tfl::Bitcast{}, {x}, type);
  return build.Emit(tfl::Cast{.in_data_type = static_cast<tfl::TensorType>(x.dtype()), .out_data_type = static_cast<tfl::TensorType>(type)}, {x});
}

// The operator on what `change` makes of the elements that it moves.
template <class Change>
Result<std::vector<Value>> EmitOn(Builder& build, const Mover& mover, const Operator& op, Change change) {
  std::vector<Value> inputs = op.Inputs();
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (i < 32 && (mover.operands >> i & 1) == 0) continue;
    TFLOWER_TRY(inputs[i], change(inputs[i]));
  }
  return mover.emit(build, op, inputs);
}

Status MoveAs(Builder& build, const Mover& mover, const Operator& op, DType carrier) {
  TFLOWER_TRY(const std::vector<Value> moved, EmitOn(build, mover, op, [&](const Value& x) { return As(build, x, carrier); }));
  for (int i = 0; i < op.num_outputs(); ++i) {
    TFLOWER_CHECK(build.Substitute(op.Output(i), As(build, moved[static_cast<size_t>(i)], op.Output(i).dtype())));
  }
  return Ok();
}

// The lower or upper 64 bits of each element.
Result<Value> HalfOf(Builder& build, const Value& x, int32_t which) {
  TFLOWER_TRY(const Value pairs, build.EmitAs(tfl::Bitcast{}, {x}, kInt64));
  TFLOWER_TRY(const Value index, build.Scalar(which));
  return build.Emit(tfl::Gather{.axis = x.rank()}, {pairs, index});
}

Status MoveHalves(Builder& build, const Mover& mover, const Operator& op) {
  std::array<std::vector<Value>, 2> moved;
  for (int32_t which : {0, 1}) {
    TFLOWER_TRY(moved[static_cast<size_t>(which)], EmitOn(build, mover, op, [&](const Value& x) { return HalfOf(build, x, which); }));
  }
  for (int i = 0; i < op.num_outputs(); ++i) {
    const Value old = op.Output(i);
    const size_t s = static_cast<size_t>(i);
    TFLOWER_TRY(const Value pairs, build.Emit(tfl::Pack{.values_count = 2, .axis = old.rank()}, {moved[0][s], moved[1][s]}));
    TFLOWER_CHECK(build.Substitute(old, build.EmitAs(tfl::Bitcast{}, {pairs}, old.dtype())));
  }
  return Ok();
}

Status SplitInstead(Builder& build, const Operator& unpack) {
  const Value x = unpack.Input(0);
  const int32_t given = unpack.As<tfl::Unpack>().axis, axis = given < 0 ? given + x.rank() : given, count = unpack.num_outputs();
  TFLOWER_TRY(const Value dim, build.Scalar(axis));
  const Value inputs[] = {dim, x};
  TFLOWER_TRY(const std::vector<Value> parts, build.EmitAll(tfl::Split{.num_splits = count}, inputs, count));
  for (int i = 0; i < count; ++i) {
    TFLOWER_CHECK(build.Substitute(unpack.Output(i), build.Emit(tfl::Squeeze{.squeeze_dims = {&axis, 1}}, {parts[static_cast<size_t>(i)]})));
  }
  return Ok();
}

Status MoveInCarrier(const MatchView& m, Builder& build) {
  const Operator op = m.root_op();
  const Value out = m.root();
  const auto mover = std::ranges::find(kMovers, op.code(), &Mover::code);
  if (mover == std::end(kMovers) || BitsOf(out.dtype()) < 8 || Contains(mover->moved, out.dtype()) || out.is_quantized()) return Declined();
  const DType carrier = CarrierOf(out.dtype(), mover->moved);
  if (carrier != kNone) return MoveAs(build, *mover, op, carrier);
  if (op.code() == tfl::Builtin::UNPACK) return SplitInstead(build, op);
  return BitsOf(out.dtype()) == 128 ? MoveHalves(build, *mover, op) : Declined();
}

constexpr RuleDef kRules[] = {
    {"moved-types", -1, Match(kNames, {}), MoveInCarrier,
     "BITCAST CAST CONCATENATION DEPTH_TO_SPACE FILL GATHER GATHER_ND MATRIX_DIAG MATRIX_SET_DIAG MIRROR_PAD ONE_HOT PACK PAD PADV2 REVERSE_SEQUENCE REVERSE_V2 "
     "SELECT SELECT_V2 SLICE SPACE_TO_DEPTH SPARSE_TO_DENSE SPLIT SPLIT_V SQUEEZE STRIDED_SLICE TILE TRANSPOSE UNPACK"},
};
}  // namespace
TFLOWER_RULE_FAMILY(moved_types, kRules);
}  // namespace tflower::tfl_rules
