// Operators and constants that the host itself puts into the target graph, without a plugin.
#pragma once

#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "lower/typer.h"

namespace tflower::lower {

// One operator with one result: EmitOwn(typer, graph, node, tfl::Fill{}, {dims, zero}).
template <class Op>
Result<ir::Value*> EmitOwn(Typer& typer, ir::Subgraph& graph, std::string_view node, const Op& op, std::vector<ir::Value*> inputs) {
  EmitRequest request;
  request.code = static_cast<int32_t>(Op::kCode);
  if constexpr (!std::is_empty_v<Op>) request.options = {&op, sizeof op};
  request.inputs = std::move(inputs);
  request.node = node;
  request.plugin = "tflower";
  TFLOWER_TRY(const std::vector<ir::Value*> out, typer.Emit(graph, request));
  return out[0];
}

inline ir::Value* Int32Vector(Typer& typer, ir::Subgraph& graph, const std::vector<int32_t>& x) {
  return typer.AddConstant(graph, ir::Constant::Copy(DType::kInt32, {static_cast<int64_t>(x.size())}, std::as_bytes(std::span(x))));
}
inline ir::Value* Int32Scalar(Typer& typer, ir::Subgraph& graph, int32_t x) {
  return typer.AddConstant(graph, ir::Constant::Copy(DType::kInt32, {}, std::as_bytes(std::span(&x, 1))));
}

}  // namespace tflower::lower
