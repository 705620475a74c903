// Effects: summaries of functions, and reachability of what touches a handle.
#include "lower/effects.h"

#include <algorithm>

#include "lower/rows.h"

namespace tflower::lower {
namespace {

constexpr int kMaxTrace = 1000;  // nodes that only pass a handle on

bool IsCallRole(uint32_t role) {
  return role == TFLOWER_ROLE_CALL || role == TFLOWER_ROLE_IF || role == TFLOWER_ROLE_CASE || role == TFLOWER_ROLE_WHILE;
}

// States of a node in Touches.
enum : uint8_t { kUnseen, kActive, kNo, kYes };

}  // namespace

const tflower_lowering* Effects::RowOf(std::string_view op) {
  const auto [it, is_new] = rows_.try_emplace(std::string(op), nullptr);
  if (is_new)
    if (const Result<LoweringRef> found = registry_.FindLowering(op); found.ok()) it->second = found.value().row;
  return it->second;
}

Result<std::vector<Effects::Callee>> Effects::Callees(const tf::Node& node) {
  std::vector<Callee> out;
  const auto add = [&](std::string_view name, size_t first_input) -> Status {
    TFLOWER_TRY(const tf::Function* function, graph_.FindFunction(name));
    out.push_back({function, first_input});
    return Ok();
  };
  if (graph_.HasFunction(node.op)) {
    TFLOWER_CHECK(add(node.op, 0));
    return out;
  }
  const tflower_lowering* row = RowOf(node.op);
  if (row == nullptr || !IsCallRole(row->role)) return out;
  const size_t first_input = row->role == TFLOWER_ROLE_IF || row->role == TFLOWER_ROLE_CASE ? 1 : 0;
  std::vector<std::string_view> names;
  for (const tf::Attr& attr : node.attrs)
    if (!attr.name.starts_with("_")) tf::EachFunctionName(attr, [&](std::string_view name) { names.push_back(name); });
  for (std::string_view name : names) TFLOWER_CHECK(add(name, first_input));
  return out;
}

// Where a handle comes from, through what passes it on.
Effects::Origin Effects::Trace(const tf::Scope& scope, tf::Input input, int depth) {
  for (int steps = 0; steps < kMaxTrace; ++steps) {
    if (input.arg >= 0) return {-1, input.arg};
    if (input.node < 0) return {};
    const tf::Node& node = scope.nodes()[static_cast<size_t>(input.node)];
    const tflower_lowering* row = RowOf(node.op);
    if (row != nullptr && (row->role == TFLOWER_ROLE_FORWARD || row->role == TFLOWER_ROLE_WHILE)) {
      if (static_cast<size_t>(input.output) >= node.inputs.size()) return {};
      input = node.inputs[static_cast<size_t>(input.output)];
      continue;
    }
    const bool called = graph_.HasFunction(node.op) || (row != nullptr && IsCallRole(row->role));  // of branches any: others than the same handle are refused
    if (!called || depth > 64) return {input.node, -1};
    const Result<std::vector<Callee>> callees = Callees(node);
    if (!callees.ok() || callees.value().empty()) return {};
    const auto& [function, first_input] = callees.value().front();
    const tf::Function& f = *function;
    if (input.output < 0 || static_cast<size_t>(input.output) >= f.results.size()) return {};
    const Origin inner = Trace(f.body, f.results[static_cast<size_t>(input.output)], depth + 1);
    const size_t operand = first_input + static_cast<size_t>(std::max(inner.arg, 0));
    if (inner.arg < 0 || operand >= node.inputs.size()) return {};
    input = node.inputs[operand];
  }
  return {};
}

bool Effects::IsHandle(const tf::Scope& scope, const tf::Function* function, const tf::Input& input) {
  const Origin origin = Trace(scope, input);
  if (origin.arg >= 0) return function != nullptr && static_cast<size_t>(origin.arg) < function->args.size() && function->args[static_cast<size_t>(origin.arg)].dtype == tf::DataType::kResource;
  if (origin.node < 0) return false;
  const tflower_lowering* row = RowOf(scope.nodes()[static_cast<size_t>(origin.node)].op);
  return row != nullptr && (row->role == TFLOWER_ROLE_VARIABLE || row->role == TFLOWER_ROLE_REF_VARIABLE || row->role == TFLOWER_ROLE_HANDLE);
}

template <class F>
Result<bool> Effects::LookAt(const tf::Scope& scope, const tf::Function* function, const tf::Node& node, const F& wrote) {
  TFLOWER_TRY(const std::vector<Callee> callees, Callees(node));
  bool touches = false;
  for (const Callee& callee : callees) {
    TFLOWER_TRY(const Summary* summary, Summarise(*callee.function));
    touches |= summary->touches;
    for (size_t a = 0; a < summary->writes.size(); ++a)
      if (summary->writes[a] && a + callee.first_input < node.inputs.size()) wrote(Trace(scope, node.inputs[a + callee.first_input]));
  }
  if (!callees.empty()) return touches;
  const tflower_lowering* row = RowOf(node.op);
  if (row == nullptr || row->role != TFLOWER_ROLE_PLAIN || row->num_inputs == 0) return false;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const uint32_t flags = OperandOf(*row, i).flags;
    if ((flags & TFLOWER_OPERAND_WRITES) != 0) wrote(Trace(scope, node.inputs[i]));
    touches |= (flags & TFLOWER_OPERAND_RESOURCE) != 0 || IsHandle(scope, function, node.inputs[i]);
  }
  return touches;
}

Result<const Effects::Summary*> Effects::Summarise(const tf::Function& function) {
  if (const auto it = summaries_.find(&function); it != summaries_.end()) return &it->second;
  Summary summary;
  summary.writes.resize(function.args.size(), false);
  functions_.emplace(&function.body, &function);
  std::vector<uint8_t>& states = touches_[&function.body];
  states.assign(function.body.nodes().size(), kUnseen);
  for (size_t i = 0; i < function.body.nodes().size(); ++i) {
    TFLOWER_TRY(const bool touches, LookAt(function.body, &function, function.body.nodes()[i], [&](Origin o) {
      if (o.arg >= 0 && static_cast<size_t>(o.arg) < summary.writes.size()) summary.writes[static_cast<size_t>(o.arg)] = true;
    }));
    if (touches) touches_[&function.body][i] = kYes;
    summary.touches |= touches;
  }
  return &summaries_.emplace(&function, std::move(summary)).first->second;
}

Status Effects::Add(const std::vector<int32_t>& roots) {
  const tf::Scope& main = graph_.main();
  if (!touches_.contains(&main)) touches_[&main].assign(main.nodes().size(), kUnseen);
  std::vector<uint8_t> seen(main.nodes().size(), 0);
  std::vector<int32_t> pending = roots;
  while (!pending.empty()) {
    const int32_t index = pending.back();
    pending.pop_back();
    if (index < 0 || seen[static_cast<size_t>(index)]++ != 0) continue;
    const tf::Node& node = main.nodes()[static_cast<size_t>(index)];
    TFLOWER_TRY(const bool touches, LookAt(main, nullptr, node, [&](Origin o) {
      if (o.node >= 0) written_.insert(std::string(main.nodes()[static_cast<size_t>(o.node)].name));
    }));
    if (touches) touches_[&main][static_cast<size_t>(index)] = kYes;
    for (const tf::Input& in : node.inputs) pending.push_back(in.node);
    for (const tf::Input& in : node.control_inputs) pending.push_back(in.node);
  }
  return Ok();
}

bool Effects::Touches(const tf::Scope& scope, int32_t root) {
  const auto it = touches_.find(&scope);
  if (it == touches_.end()) return false;
  std::vector<uint8_t>& states = it->second;
  std::vector<int32_t> stack{root};
  while (!stack.empty()) {
    const int32_t index = stack.back();
    uint8_t& state = states[static_cast<size_t>(index)];
    if (state == kYes || state == kNo) {
      stack.pop_back();
      continue;
    }
    const tf::Node& node = scope.nodes()[static_cast<size_t>(index)];
    bool below = false;
    const bool again = state == kActive;
    state = kActive;
    for (const auto inputs : {node.inputs, node.control_inputs}) {
      for (const tf::Input& in : inputs) {
        if (in.node < 0) continue;
        const uint8_t other = states[static_cast<size_t>(in.node)];
        below |= other == kYes;
        if (!again && other == kUnseen) stack.push_back(in.node);
      }
    }
    if (!again) continue;
    state = below ? kYes : kNo;
    stack.pop_back();
  }
  return states[static_cast<size_t>(root)] == kYes;
}

}  // namespace tflower::lower
