// Typer: the state of an operator. An operator of its own writes it in front of each run: LiteRT lets any operator write a variable tensor, which
// the operator behind then goes on from. So no state outlives an invocation, whatever it begins with, and its shape may be unknown as any other's.
#include "lower/emit.h"
#include "lower/typer.h"

namespace tflower::lower {
namespace {

constexpr size_t kMaxSliced = 5;  // dimensions that SLICE takes

Result<bool> IsZero(const ir::Value& v) {
  if (!v.is_constant() || v.dtype == DType::kString) return false;
  TFLOWER_TRY(const std::span<const std::byte> bytes, v.constant->Bytes());
  for (const std::byte b : bytes) if (b != std::byte{0}) return false;
  return true;
}

ir::Value* ZeroLike(Typer& typer, ir::Subgraph& graph, const ir::Value& v) {
  const std::vector<std::byte> zero(static_cast<size_t>(BitsOf(v.dtype) + 7) / 8);
  return typer.AddConstant(graph, ir::Constant::Copy(v.dtype, {}, zero));
}

}  // namespace

Result<ir::Value*> Typer::EmitState(ir::Subgraph& graph, ir::Value* initial, EmitRequest r) {
  const size_t rank = initial->dims.size();
  const auto vector = [&](std::vector<int32_t> x) { return Int32Vector(*this, graph, x); };
  r.state = true;
  r.num_outputs = 1;
  TFLOWER_TRY(const bool is_zero, IsZero(*initial));
  const ir::Operator* const fill = initial->producer;
  if (fill != nullptr && fill->code == static_cast<int32_t>(tfl::Builtin::FILL)) {
    r.code = fill->code;
    r.inputs = fill->inputs;
  } else if (is_zero) {
    std::vector<int32_t> dims;
    for (const ir::Dim& d : initial->dims) dims.push_back(static_cast<int32_t>(d.value()));
    r.code = static_cast<int32_t>(tfl::Builtin::FILL);
    r.inputs = {vector(std::move(dims)), ZeroLike(*this, graph, *initial)};
  } else if (rank == 0 || rank > kMaxSliced) {
    return Error(Code::kDeclined, "a state of rank " + std::to_string(rank) + " cannot be filled");
  } else {
    r.code = static_cast<int32_t>(tfl::Builtin::SLICE);
    r.inputs = {initial, vector(std::vector<int32_t>(rank, 0)), vector(std::vector<int32_t>(rank, -1))};
  }
  TFLOWER_TRY(const std::vector<ir::Value*> out, Emit(graph, r));
  if (out[0]->dims != initial->dims) return Error(Code::kDeclined, "the state's shape is not that of what it begins with");
  return out[0];
}

}  // namespace tflower::lower
