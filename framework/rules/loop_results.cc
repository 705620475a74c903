// SeparateLoopResults: copies by SLICE, or by RESHAPE where there is no dimension to slice.
#include "rules/loop_results.h"

#include <unordered_set>

#include "lower/emit.h"

namespace tflower::rules {
namespace {

bool HasFixedSize(const ir::Value& v) { return v.is_static() && BitsOf(v.dtype) != 0; }

// Result i is an input that something was written to before result i is read.
bool IsOverwritten(const ir::Subgraph& body, size_t i) {
  const ir::Value* const v = body.outputs[i].value;
  if (v->producer != nullptr || v->constant || (i < body.inputs.size() && body.inputs[i].value == v)) return false;
  if (!HasFixedSize(*v)) return true;
  for (size_t j = 0; j < i && j < body.inputs.size(); ++j) if (body.inputs[j].value == v) return true;
  return false;
}

Result<ir::Value*> Copy(lower::Typer& typer, ir::Subgraph& graph, ir::Value* v) {
  const auto vector = [&](const std::vector<int32_t>& x) { return lower::Int32Vector(typer, graph, x); };
  const size_t rank = v->dims.size();
  if (rank == 0) return lower::EmitOwn(typer, graph, v->name, tfl::Reshape{}, {v, vector({})});
  return lower::EmitOwn(typer, graph, v->name, tfl::Slice{}, {v, vector(std::vector<int32_t>(rank, 0)), vector(std::vector<int32_t>(rank, -1))});
}

Status Separate(ir::Subgraph& body, lower::Typer& typer) {
  for (size_t i = 0; i < body.outputs.size(); ++i) {
    ir::Value* const v = body.outputs[i].value;
    if (!IsOverwritten(body, i)) continue;
    TFLOWER_TRY(ir::Value * copy, Copy(typer, body, v));
    --v->graph_outputs;
    ++copy->graph_outputs;
    body.outputs[i].value = copy;
  }
  return Ok();
}

}  // namespace

Status SeparateLoopResults(ir::Model& model, lower::Typer& typer) {
  std::unordered_set<const ir::Subgraph*> done;
  for (size_t g = 0; g < model.subgraphs.size(); ++g)
    for (const auto& op : model.subgraphs[g]->operators())
      if (!op->dead && ir::IsWhile(*op) && done.insert(op->bodies[1]).second) TFLOWER_CHECK(Separate(*op->bodies[1], typer));
  return Ok();
}

}  // namespace tflower::rules
