// Walk: signatures, from their inputs to their outputs, and the failures that these depend on.
#include <algorithm>

#include <fmt/format.h>

#include "lower/walk.h"

namespace tflower::lower {

ir::Value* Walk::InputValue(const tf::TensorInfo& info) {
  ir::Value* v = region_->graph->NewValue();
  v->name = info.name;
  v->dtype = static_cast<DType>(tf::ToTflType(info.dtype));
  if (!info.shape && rank_.open) v->rank = ir::Rank::kOpen;
  const std::vector<int64_t> shape = info.shape.value_or(std::vector<int64_t>(static_cast<size_t>(rank_.rank), -1));
  for (size_t i = 0; i < shape.size(); ++i) {
    const int64_t d = shape[i];
    v->open.push_back(d < 0);
    v->dims.push_back(d >= 0 ? ir::Dim(d) : typer_.symbols().Input(info.key, static_cast<int>(i)));
  }
  return v;
}

Result<std::unique_ptr<ir::Subgraph>> Walk::LowerSignature(const tf::Signature& signature) {
  auto subgraph = std::make_unique<ir::Subgraph>();
  Region region{subgraph.get(), {}, {}};
  region_ = &region;
  subgraph->signature_key = signature.key;
  subgraph->name = signature.key;
  Frame frame(tf_.main(), "", {}, 0);
  for (const tf::TensorInfo& info : signature.inputs) {
    const auto refuse = [&](std::string why, std::string hint) {
      return Error(Code::kUnsupportedShape, std::move(why)).Node(info.name).What(fmt::format("input '{}' of signature '{}'", info.key, signature.key)).Hint(hint);
    };
    if (info.encoding != tf::TensorInfo::Encoding::kDense) return refuse("is not a dense tensor", "export the signature with dense tensors");
    if (tf::ToTflType(info.dtype) < 0)
      return Error(Code::kUnsupportedType, fmt::format("type {} does not exist in TFLite", tf::DataTypeName(info.dtype))).Node(info.name).What("input '" + info.key + "'");
    ir::Value* v = InputValue(info);
    subgraph->inputs.push_back({info.key, v});
    std::vector<ir::Value*> outputs(static_cast<size_t>(info.output) + 1, nullptr);
    if (frame.state(info.node) == Frame::State::kDone)  // two inputs cut at one node
      for (size_t i = 0; i < outputs.size(); ++i) outputs[i] = frame.Get(info.node, static_cast<int32_t>(i));
    outputs[static_cast<size_t>(info.output)] = v;
    frame.Set(info.node, std::move(outputs));
  }
  for (const tf::TensorInfo& info : signature.outputs) {
    if (info.encoding != tf::TensorInfo::Encoding::kDense)
      return Error(Code::kUnsupportedType, "is not a dense tensor").Node(info.name).What("output '" + info.key + "'").Hint("export the signature with dense tensors");
    TFLOWER_CHECK(Demand(frame, info.node));
    ir::Value* v = frame.Get(info.node, info.output);
    if (v == nullptr) return Error(Code::kInvalidGraph, "the node has no such output").Node(info.name).What("output '" + info.key + "'");
    if (v->is_handle()) {
      TFLOWER_TRY(v, ReadVariable(v));  // a reference variable of TF1
    }
    if (v->list != nullptr) return Error(Code::kUnsupportedType, "is a list of tensors, not a tensor").Node(info.name).What("output '" + info.key + "'").Hint("stack it into one tensor");
    subgraph->outputs.push_back({info.key, v});
    ++v->graph_outputs;
    if (!v->is_poison() && v->producer != nullptr) v->name = info.name;
  }
  return subgraph;
}

// Every failure that one of these goes back to.
std::unordered_set<const Error*> Walk::FailuresBehind(std::vector<const ir::Poison*> pending) {
  std::unordered_set<const void*> seen;
  std::unordered_set<const Error*> hit;
  while (!pending.empty()) {
    const ir::Poison* p = pending.back();
    pending.pop_back();
    if (!seen.insert(p).second) continue;
    if (p->failure != nullptr) hit.insert(p->failure);
    pending.insert(pending.end(), p->causes.begin(), p->causes.end());
  }
  return hit;
}

void Walk::CollectFailures(const ir::Subgraph& graph, LowerFailures& out) {
  std::vector<const ir::Poison*> pending = required_;
  for (const ir::SignatureTensor& o : graph.outputs) if (o.value->is_poison()) pending.push_back(o.value->poison);
  const auto hit = FailuresBehind(std::move(pending));
  for (const Error& e : failures_) if (hit.contains(&e)) out.errors.push_back(e);
}

Result<ir::Model> Walk::Run(LowerFailures& failures) {
  ir::Model model;
  for (const tf::Signature& signature : tf_.signatures()) {
    std::vector<int32_t> roots;
    for (const tf::TensorInfo& output : signature.outputs) roots.push_back(output.node);
    TFLOWER_CHECK(effects_.Add(roots));
  }
  for (const tf::Signature& signature : tf_.signatures()) {
    TFLOWER_TRY(std::unique_ptr<ir::Subgraph> subgraph, LowerSignature(signature));
    CollectFailures(*subgraph, failures);
    failures_.clear();
    poison_.clear();
    required_.clear();
    if (failures.errors.empty()) subgraph->RemoveDead();
    model.subgraphs.push_back(std::move(subgraph));
  }
  if (!failures.errors.empty()) {
    const size_t n = failures.errors.size();
    // A broken plugin is why, rather than the model; and what is not covered, rather than what contradicts itself.
    const auto severity = [](const Error& e) { return ExitCode(e.code) == 4 ? 2 : ExitCode(e.code) == 1 ? 1 : 0; };
    const auto worst = std::ranges::max_element(failures.errors, {}, severity);
    Error summary(worst->code, fmt::format("{} node{} cannot be converted", n, n == 1 ? "" : "s"));
    if (severity(*worst) == 2) summary.notes.push_back(fmt::format("{}: {}", worst->file, worst->message));
    return std::move(summary).File(tf_.path());
  }
  TFLOWER_CHECK(BuildInitialiser(model.subgraphs));
  for (auto& body : bodies_) model.subgraphs.push_back(std::move(body));
  model.RemoveUncalled();
  model.notes = std::move(notes_);
  return model;
}

}  // namespace tflower::lower
