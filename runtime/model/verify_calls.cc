// Verifies calls between subgraphs (they exist, and none calls itself) and signatures.
#include <algorithm>
#include <unordered_set>

#include "sdk/schema/options_io.h"
#include "verify_parts.h"

namespace tflower::runtime {
namespace {

// Deeper nesting of control flow than this is nobody's model, and every level takes stack when run.
constexpr size_t kMaxCallDepth = 64;

Status AddCall(int64_t callee, size_t count, const tfl::FieldInfo& field, std::vector<size_t>& callees) {
  if (callee < 0 || static_cast<uint64_t>(callee) >= count) {
    return Malformed("subgraph " + std::to_string(callee) + " of " + std::to_string(count) + " does not exist")
        .What(field.name);
  }
  callees.push_back(static_cast<size_t>(callee));
  return Ok();
}

Status CallsOfOperator(VerifyContext& context, const tfl::OpInfo& info, const tflite::Operator& op, size_t count,
                       std::vector<size_t>& callees) {
  const flatbuffers::Table* table = tfl::OptionsTable(info, op);
  if (table == nullptr) return Ok();
  for (const tfl::FieldInfo& field : info.fields) {
    if (!NamesSubgraph(field)) continue;
    if (field.type != tfl::FieldType::kVector) {
      const int64_t callee = field.type == tfl::FieldType::kUint32 ? int64_t{table->GetField<uint32_t>(field.slot, 0)}
                                                                   : int64_t{table->GetField<int32_t>(field.slot, 0)};
      TFLOWER_CHECK(AddCall(callee, count, field, callees));
      continue;
    }
    const auto list = SpanOf(table->GetPointer<const flatbuffers::Vector<int32_t>*>(field.slot));
    TFLOWER_CHECK(context.Charge(list.size()));
    for (const int32_t callee : list) {
      TFLOWER_CHECK(AddCall(callee, count, field, callees));
    }
  }
  return Ok();
}

// The error of operator `i` of subgraph `s`.
Error Locate(const VerifyContext& context, Error error, size_t s, size_t i) {
  const tflite::Operator& op = At(At(context.model->subgraphs(), s).operators(), i);
  return std::move(error).Op(context.codes[op.opcode_index()].name).Node("operator " + std::to_string(i)).At(context.OffsetOf(&op)).Note("in subgraph " + std::to_string(s));
}

struct Call {
  size_t callee = 0, op = 0;  // op: the first operator that calls it
};
using Calls = std::vector<std::vector<Call>>;  // of each subgraph

Result<Calls> CallGraph(VerifyContext& context) {
  const auto* subgraphs = context.model->subgraphs();
  Calls calls(subgraphs->size());
  std::vector<size_t> callees;
  for (size_t s = 0; s < calls.size(); ++s) {
    const auto* operators = At(subgraphs, s).operators();
    for (size_t i = 0; i < SizeOf(operators); ++i) {
      callees.clear();
      auto status = CallsOfOperator(context, *context.codes[At(operators, i).opcode_index()].info, At(operators, i), calls.size(), callees);
      if (!status.ok()) return Locate(context, std::move(status.error()), s, i);
      for (const size_t callee : callees) calls[s].push_back({callee, i});
    }
    std::ranges::stable_sort(calls[s], {}, &Call::callee);
    calls[s].erase(std::unique(calls[s].begin(), calls[s].end(), [](const Call& a, const Call& b) { return a.callee == b.callee; }), calls[s].end());
  }
  return calls;
}

// Depth-first without recursion. heights[s]: longest chain of calls from s; 0 = not visited.
class RecursionChecker {
 public:
  RecursionChecker(const VerifyContext& context, const Calls& calls)
      : context_(context), calls_(calls), heights_(calls.size(), 0), open_(calls.size(), false) {}

  Status Run() {
    for (size_t s = 0; s < calls_.size(); ++s) {
      if (heights_[s] == 0) TFLOWER_CHECK(Visit(s));
    }
    return Ok();
  }

 private:
  Status Visit(size_t root) {
    std::vector<std::pair<size_t, size_t>> stack = {{root, 0}};  // subgraph, next callee
    open_[root] = true;
    while (!stack.empty()) {
      auto& [s, next] = stack.back();
      if (next == calls_[s].size()) {
        TFLOWER_CHECK(Close(s));
        stack.pop_back();  // ends the life of s and next
        continue;
      }
      const auto [callee, op] = calls_[s][next++];
      if (open_[callee])
        return Locate(context_, Malformed("subgraph " + std::to_string(callee) + " calls itself through subgraph " + std::to_string(s)), s, op);
      if (heights_[callee] != 0) continue;
      open_[callee] = true;
      stack.emplace_back(callee, 0);
    }
    return Ok();
  }

  Status Close(size_t s) {
    size_t height = 1;
    for (const Call& call : calls_[s]) height = std::max(height, heights_[call.callee] + 1);
    if (height > kMaxCallDepth)
      return Malformed("subgraphs call each other more than " + std::to_string(kMaxCallDepth) + " deep");
    heights_[s] = height;
    open_[s] = false;
    return Ok();
  }

  const VerifyContext& context_;
  const Calls& calls_;
  std::vector<size_t> heights_;
  std::vector<bool> open_;
};

using TensorMaps = flatbuffers::Vector<flatbuffers::Offset<tflite::TensorMap>>;

Status VerifyTensorMaps(const TensorMaps* maps, std::span<const int32_t> tensors, const std::string& what) {
  std::unordered_set<std::string_view> names;
  const std::unordered_set<uint32_t> known(tensors.begin(), tensors.end());
  for (size_t i = 0; i < SizeOf(maps); ++i) {
    const tflite::TensorMap& map = At(maps, i);
    const std::string_view name = Text(map.name());
    if (!names.insert(name).second)
      return Malformed("two " + what + "s are named '" + std::string(name) + "'").What(what);
    if (!known.contains(map.tensor_index())) {
      return Malformed("tensor " + std::to_string(map.tensor_index()) + " is no " + what + " of the subgraph")
          .What(what + " '" + std::string(name) + "'");
    }
  }
  return Ok();
}

Status VerifySignature(VerifyContext& context, const tflite::SignatureDef& signature) {
  const auto* subgraphs = context.model->subgraphs();
  if (signature.subgraph_index() >= subgraphs->size()) {
    return Malformed("subgraph " + std::to_string(signature.subgraph_index()) + " of " +
                     std::to_string(subgraphs->size()) + " does not exist");
  }
  const tflite::SubGraph& subgraph = At(subgraphs, signature.subgraph_index());
  TFLOWER_CHECK(context.Charge(uint64_t{SizeOf(subgraph.inputs())} + SizeOf(subgraph.outputs())));
  TFLOWER_CHECK(VerifyTensorMaps(signature.inputs(), SpanOf(subgraph.inputs()), "input"));
  return VerifyTensorMaps(signature.outputs(), SpanOf(subgraph.outputs()), "output");
}

}  // namespace

Status VerifyCalls(VerifyContext& context) {
  TFLOWER_TRY(const auto calls, CallGraph(context));
  return RecursionChecker(context, calls).Run();
}

Status VerifySignatures(VerifyContext& context) {
  std::unordered_set<std::string_view> keys;
  for (size_t i = 0; i < SizeOf(context.model->signature_defs()); ++i) {
    const tflite::SignatureDef& signature = At(context.model->signature_defs(), i);
    const std::string_view key = Text(signature.signature_key());
    if (!keys.insert(key).second) return Malformed("two signatures are named '" + std::string(key) + "'");
    auto status = VerifySignature(context, signature);
    if (status.ok()) continue;
    const std::string part = status.error().what;
    return std::move(status.error()).What("signature '" + std::string(key) + "'" + (part.empty() ? "" : ": " + part));
  }
  return Ok();
}

}  // namespace tflower::runtime
