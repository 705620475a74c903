#include "import/draft.h"

#include <algorithm>
#include <utility>

#include "import/binding.h"

namespace tflower::tf {
namespace {

void PutVarint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void PutBytes(std::string& out, uint32_t field, std::string_view bytes) {
  PutVarint(out, field << 3 | 2);
  PutVarint(out, bytes.size());
  out += bytes;
}

void PutNumber(std::string& out, uint32_t field, uint64_t value) {
  PutVarint(out, field << 3);
  PutVarint(out, value);
}

// Who reads each node, as slices of one array.
class Readers {
 public:
  Readers(const Draft& draft, const std::vector<bool>& live) : first_(draft.nodes.size() + 1) {
    const auto each_edge = [&](const auto& visit) {
      for (size_t i = 0; i < draft.nodes.size(); ++i) {
        if (!live[i]) continue;
        for (const auto* edges : {&draft.nodes[i].inputs, &draft.nodes[i].controls})
          for (const Input& in : *edges)
            if (in.node >= 0) visit(static_cast<size_t>(in.node), static_cast<int32_t>(i));
      }
    };
    each_edge([&](size_t from, int32_t) { ++first_[from + 1]; });
    for (size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
    readers_.resize(first_.back());
    std::vector<size_t> at(first_.begin(), first_.end() - 1);
    each_edge([&](size_t from, int32_t to) { readers_[at[from]++] = to; });
  }
  std::span<const int32_t> operator[](int32_t node) const {
    const auto i = static_cast<size_t>(node);
    return std::span(readers_).subspan(first_[i], first_[i + 1] - first_[i]);
  }

 private:
  std::vector<size_t> first_;
  std::vector<int32_t> readers_;
};

bool IsBackEdge(const Draft& draft, const DraftNode& reader, const Input& in) {
  return in.node >= 0 && reader.flow == FlowOp::kMerge && draft.nodes[static_cast<size_t>(in.node)].flow == FlowOp::kNextIteration;
}

// Nodes that close a cycle among those that are not `done`: depth-first, without recursion.
std::vector<int32_t> CycleEnds(const Draft& draft, const std::vector<bool>& live, const std::vector<bool>& done) {
  enum : uint8_t { kNew, kOpen, kClosed };
  std::vector<uint8_t> state(draft.nodes.size(), kNew);
  std::vector<int32_t> ends, stack;
  for (size_t root = 0; root < draft.nodes.size(); ++root) {
    if (live[root] && !done[root] && state[root] == kNew) stack.push_back(static_cast<int32_t>(root));
    while (!stack.empty()) {
      const auto i = static_cast<size_t>(stack.back());
      if (state[i] != kNew) {
        state[i] = kClosed;
        stack.pop_back();
        continue;
      }
      state[i] = kOpen;
      for (const auto* edges : {&draft.nodes[i].inputs, &draft.nodes[i].controls})
        for (const Input& in : *edges) {
          if (in.node < 0 || done[static_cast<size_t>(in.node)] || IsBackEdge(draft, draft.nodes[i], in)) continue;
          if (state[static_cast<size_t>(in.node)] == kOpen) ends.push_back(in.node);
          if (state[static_cast<size_t>(in.node)] == kNew) stack.push_back(in.node);
        }
    }
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

}  // namespace

Attr FunctionAttr(MadeUp& made_up, std::string_view attr, std::string_view function) {
  std::string name, value;
  PutBytes(name, 1, function);
  PutBytes(value, 10, name);
  return {attr, made_up.Keep(std::move(value))};
}

Attr FunctionsAttr(MadeUp& made_up, std::string_view attr, const std::vector<std::string_view>& functions) {
  std::string list, value;
  for (const std::string_view function : functions) {
    std::string name;
    PutBytes(name, 1, function);
    PutBytes(list, 9, name);
  }
  PutBytes(value, 1, list);
  return {attr, made_up.Keep(std::move(value))};
}

Attr IndexAttr(MadeUp& made_up, std::string_view attr, int32_t number) {
  std::string tensor, value;
  PutNumber(tensor, 1, static_cast<uint64_t>(DataType::kInt32));
  PutBytes(tensor, 2, "");
  PutNumber(tensor, 7, static_cast<uint64_t>(number));
  PutBytes(value, 8, tensor);
  return {attr, made_up.Keep(std::move(value))};
}

Attr TypeAttr(MadeUp& made_up, std::string_view attr, DataType type) {
  std::string value;
  PutNumber(value, 6, static_cast<uint64_t>(type));
  return {attr, made_up.Keep(std::move(value))};
}

FlowOp FlowOpOf(std::string_view op) {
  if (op == "Identity") return FlowOp::kIdentity;
  if (op.starts_with("Ref")) op.remove_prefix(3);
  if (op == "Switch" || op == "_SwitchN") return FlowOp::kSwitch;
  if (op == "Merge") return FlowOp::kMerge;
  if (op == "Enter") return FlowOp::kEnter;
  if (op == "Exit") return FlowOp::kExit;
  if (op == "NextIteration") return FlowOp::kNextIteration;
  if (op == "LoopCond") return FlowOp::kLoopCond;
  return FlowOp::kNone;
}

const Attr* DraftNode::Find(std::string_view attr) const {
  const auto found = std::find_if(attrs.begin(), attrs.end(), [&](const Attr& a) { return a.name == attr; });
  return found == attrs.end() ? nullptr : &*found;
}

Draft Draft::Of(const Scope& scope) {
  Draft draft;
  draft.nodes.reserve(scope.nodes().size());
  for (const Node& node : scope.nodes()) {
    DraftNode& out = draft.nodes.emplace_back();
    out.name = node.name;
    out.op = node.op;
    out.device = node.device;
    out.attrs = node.attrs;
    out.inputs.assign(node.inputs.begin(), node.inputs.end());
    out.controls.assign(node.control_inputs.begin(), node.control_inputs.end());
    out.flow = FlowOpOf(node.op);
  }
  return draft;
}

void Draft::WriteTo(Scope& scope) && {
  size_t edges = 0;
  for (const DraftNode& node : nodes) edges += node.inputs.size() + node.controls.size();
  scope.inputs_.clear();
  scope.inputs_.reserve(edges);  // spans into it must stay
  scope.nodes_.resize(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    const DraftNode& from = nodes[i];
    const auto copy = [&](const std::vector<Input>& inputs) {
      scope.inputs_.insert(scope.inputs_.end(), inputs.begin(), inputs.end());
      return std::span<const Input>(scope.inputs_).last(inputs.size());
    };
    Node& to = scope.nodes_[i];
    to.name = from.name;
    to.op = from.op;
    to.device = from.device;
    to.attrs = from.attrs;
    to.inputs = copy(from.inputs);
    to.control_inputs = copy(from.controls);
  }
  scope.problems_ = std::move(problems);
}

int32_t Draft::Add(DraftNode node) {
  nodes.push_back(std::move(node));
  return static_cast<int32_t>(nodes.size() - 1);
}

void Draft::Clear(int32_t index) {
  DraftNode& node = nodes[static_cast<size_t>(index)];
  if (!node.problem) node.op = "NoOp";
  node.attrs = {};
  node.inputs.clear();
  node.controls.clear();
  node.flow = FlowOp::kNone;
}

void Draft::Refuse(int32_t index, Error error) {
  DraftNode& node = nodes[static_cast<size_t>(index)];
  problems.emplace(index, std::move(error));
  node.inputs.clear();
  node.controls.clear();
  node.flow = FlowOp::kNone;
  node.problem = true;
}

Input Draft::Impossible(int32_t culprit, Error error) {
  DraftNode node;
  node.name = nodes[static_cast<size_t>(culprit)].name;
  node.op = nodes[static_cast<size_t>(culprit)].op;
  const int32_t index = Add(std::move(node));
  Refuse(index, std::move(error));
  return TensorOf(index);
}

std::vector<bool> Draft::Live() const {
  std::vector<bool> live(nodes.size());
  std::vector<int32_t> pending;
  const auto need = [&](const Input& in) {
    if (in.node < 0 || live[static_cast<size_t>(in.node)]) return;
    live[static_cast<size_t>(in.node)] = true;
    pending.push_back(in.node);
  };
  for (const Input& in : results) need(in);
  for (const Input& in : control_results) need(in);
  while (!pending.empty()) {
    const DraftNode& node = nodes[static_cast<size_t>(pending.back())];
    pending.pop_back();
    for (const Input& in : node.inputs) need(in);
    for (const Input& in : node.controls) need(in);
  }
  return live;
}

DataType Draft::TypeOf(const Input& tensor) const {
  Input at = tensor;
  for (int steps = 0; steps < 64; ++steps) {  // a variable's handle may have come a long way
    if (at.arg >= 0) return static_cast<size_t>(at.arg) < args.size() ? args[static_cast<size_t>(at.arg)].dtype : DataType::kInvalid;
    const DraftNode& node = nodes[static_cast<size_t>(at.node)];
    Node view;
    view.op = node.op;
    if (IsVariable(view)) return DataType::kResource;
    if (node.flow != FlowOp::kNone && node.op.starts_with("Ref")) return DataType::kResource;
    const bool passes_on = node.flow == FlowOp::kSwitch || node.flow == FlowOp::kIdentity;
    if (passes_on && !node.inputs.empty()) {
      at = node.inputs[0];
      continue;
    }
    for (const std::string_view name : {"T", "dtype"})
      if (const Attr* attr = node.Find(name); attr != nullptr)
        if (auto type = AttrType(*attr); type.ok()) return type.value();
    break;
  }
  return DataType::kInvalid;
}

Input TensorOf(int32_t node, int32_t output) {
  Input in;
  in.node = node;
  in.output = output;
  return in;
}

Input ArgumentOf(int32_t arg) {
  Input in;
  in.arg = arg;
  return in;
}

std::vector<int32_t> Ordered(Draft& draft, const std::vector<bool>& live) {
  const size_t n = draft.nodes.size();
  std::vector<uint32_t> missing(n);
  std::vector<bool> done(n), goes_back(n);
  std::vector<int32_t> order;
  for (size_t i = 0; i < n; ++i) {
    if (!live[i]) continue;
    const DraftNode& node = draft.nodes[i];
    goes_back[i] = node.flow == FlowOp::kNextIteration;
    for (const Input& in : node.inputs) missing[i] += in.node >= 0 && !IsBackEdge(draft, node, in);
    for (const Input& in : node.controls) missing[i] += in.node >= 0 && !IsBackEdge(draft, node, in);
    if (missing[i] == 0) order.push_back(static_cast<int32_t>(i));
  }
  const Readers readers(draft, live);
  for (size_t at = 0;; ++at) {
    if (at == order.size()) {
      const auto num_live = static_cast<size_t>(std::count(live.begin(), live.end(), true));
      if (order.size() == num_live) return order;
      for (const int32_t end : CycleEnds(draft, live, done)) {
        draft.Refuse(end, Error(Code::kInvalidGraph, "is part of a cycle outside of loops"));
        order.push_back(end);
      }
    }
    const int32_t from = order[at];
    done[static_cast<size_t>(from)] = true;
    for (const int32_t to : readers[from]) {
      const auto i = static_cast<size_t>(to);
      if (done[i] || missing[i] == 0) continue;  // refused ones wait for nothing any more
      const bool back = draft.nodes[i].flow == FlowOp::kMerge && goes_back[static_cast<size_t>(from)];
      if (!back && !draft.nodes[i].problem && --missing[i] == 0) order.push_back(to);
    }
  }
}

std::string_view PrefixOf(std::string_view name) { return name.substr(0, std::min(name.rfind('/'), name.size())); }

}  // namespace tflower::tf
