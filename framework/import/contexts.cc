// Contexts: in which branches nodes run, and what Merges take.
#include <algorithm>

#include "import/conditionals.h"
#include "import/tensor_ref.h"

namespace tflower::tf {

void Contexts::Grow() {
  const size_t n = d_.nodes.size();
  context_of_.resize(n, kNever);
  plain_.resize(n);
  switch_fork_.resize(n, -1);
  switch_side_.resize(n, {-1, kNever});
  index_read_.resize(n);
  lost_.resize(n);
}

void Contexts::CountIndexReaders(const std::vector<bool>& live) {
  index_read_.resize(d_.nodes.size());
  const auto look = [&](const Input& in) {
    if (in.node >= 0 && in.output == 1 && At(in.node).flow == FlowOp::kMerge) index_read_[static_cast<size_t>(in.node)] = true;
  };
  for (size_t i = 0; i < d_.nodes.size(); ++i)
    if (live[i])
      for (const Input& in : d_.nodes[i].inputs) look(in);
  for (const Input& in : d_.results) look(in);
}

Input Contexts::Plain(const Input& in) const { return in.node >= 0 && plain_[static_cast<size_t>(in.node)].has ? plain_[static_cast<size_t>(in.node)].tensor : in; }

int32_t Contexts::ContextOfTensor(const Input& in) {
  if (in.node < 0) return kGraph;
  if (At(in.node).flow != FlowOp::kSwitch || in.output == kControl) return ContextOf(in.node);
  return Side(in.node, in.output);
}

// The context of a Switch's output, made when first asked for.
int32_t Contexts::Side(int32_t node, int32_t side) {
  const int32_t fork = switch_fork_[static_cast<size_t>(node)];
  if (fork < 0) return switch_side_[static_cast<size_t>(node)].first == side ? switch_side_[static_cast<size_t>(node)].second : kNever;
  if (static_cast<size_t>(side) >= ForkAt(fork).side.size()) return kNever;
  int32_t& context = ForkAt(fork).side[static_cast<size_t>(side)];
  if (context < 0) {
    context = static_cast<int32_t>(contexts_.size());
    contexts_.push_back({fork, side, ForkAt(fork).context, ContextAt(ForkAt(fork).context).depth + 1});
  }
  return context;
}

void Contexts::Place(int32_t node) {
  DraftNode& n = At(node);
  ContextOf(node) = kGraph;
  lost_[static_cast<size_t>(node)] = n.problem || std::any_of(n.inputs.begin(), n.inputs.end(), [&](const Input& in) { return in.node >= 0 && lost_[static_cast<size_t>(in.node)]; });
  if (n.problem) return;
  if (n.flow == FlowOp::kMerge) {
    PlaceMerge(node);
    if (At(node).problem) lost_[static_cast<size_t>(node)] = true;
    return;
  }
  if (!Meet(node)) return void(lost_[static_cast<size_t>(node)] = true);
  const bool passes_on = n.flow == FlowOp::kIdentity || n.flow == FlowOp::kSwitch;
  if (passes_on && !n.inputs.empty()) plain_[static_cast<size_t>(node)] = {true, Plain(n.inputs[0])};
  if (n.flow == FlowOp::kSwitch) PlaceSwitch(node);
  if (At(node).problem) lost_[static_cast<size_t>(node)] = true;
}

// The deepest context of the inputs; the others must be around it.
bool Contexts::Meet(int32_t node) {
  int32_t context = kGraph;
  for (const auto* edges : {&At(node).inputs, &At(node).controls})
    for (const Input& in : *edges) {
      const int32_t other = ContextOfTensor(in);
      if (other == kNever) context = kNever;
      if (context == kNever) break;
      if (other == context || other == kGraph) continue;
      if (context == kGraph) {
        context = other;
        continue;
      }
      int32_t a = context, b = other, child_a = -1, child_b = -1;
      while (a != b) {
        int32_t& deeper = ContextAt(a).depth >= ContextAt(b).depth ? a : b;
        (&deeper == &a ? child_a : child_b) = deeper;
        deeper = ContextAt(deeper).parent;
      }
      if (child_a < 0) context = other;
      if (child_a < 0 || child_b < 0) continue;
      if (ContextAt(child_a).fork == ContextAt(child_b).fork) {
        context = kNever;
        break;
      }
      d_.Refuse(node, Unsupported("needs branches of two unrelated conditions: of '" + PredicateName(ContextAt(child_a).fork) + "' and of '" + PredicateName(ContextAt(child_b).fork) + "'"));
      return false;
    }
  ContextOf(node) = context;
  return true;
}

std::string Contexts::PredicateName(int32_t fork) {
  const Input& p = ForkAt(fork).predicate;
  return std::string(p.node >= 0 ? At(p.node).name : d_.args[static_cast<size_t>(p.arg)].name);
}

std::string Contexts::SideName(int32_t fork, int32_t side) {
  if (!ForkAt(fork).by_index) return side == 1 ? "true" : "false";
  return std::to_string(side);
}

void Contexts::PlaceSwitch(int32_t node) {
  if (At(node).inputs.size() != 2) {
    d_.Refuse(node, Error(Code::kInvalidGraph, "must have two inputs"));
    return;
  }
  const int32_t context = ContextOf(node);
  if (context == kNever) return;
  const bool by_index = At(node).op == "_SwitchN";
  int64_t sides = 2;
  if (by_index) {
    const Attr* attr = At(node).Find("num_outs");
    const Result<int64_t> number = attr != nullptr ? AttrInt(*attr) : Result<int64_t>(int64_t{0});
    sides = number.ok() ? number.value() : 0;
    if (sides < 1 || sides > kMaxSides) return d_.Refuse(node, Error(Code::kInvalidGraph, "must be from 1 to " + std::to_string(kMaxSides)).What("num_outs"));
  }
  const Input predicate = At(node).inputs[1];
  const uint64_t key = KeyOf(Plain(predicate)) ^ (by_index ? static_cast<uint64_t>(sides) << 48 : 0);
  for (int32_t c = context; c != kGraph; c = ContextAt(c).parent)
    if (ForkAt(ContextAt(c).fork).key == key) {  // decided already
      switch_side_[static_cast<size_t>(node)] = {ContextAt(c).side, context};
      return;
    }
  if (ContextAt(context).depth >= kMaxNestedFlow) {
    d_.Refuse(node, Unsupported("conditionals are nested deeper than " + std::to_string(kMaxNestedFlow)));
    ContextOf(node) = kGraph;
    return;
  }
  const auto [it, is_new] = fork_of_.try_emplace({context, key}, static_cast<int32_t>(forks_.size()));
  if (is_new) {
    Fork fork;
    fork.context = context;
    fork.predicate = predicate;
    fork.key = key;
    fork.by_index = by_index;
    fork.side.assign(static_cast<size_t>(sides), -1);
    forks_.push_back(std::move(fork));
  }
  switch_fork_[static_cast<size_t>(node)] = it->second;
}

// A tree of choices, joined from its leaves.
void Contexts::PlaceMerge(int32_t node) {
  std::map<std::pair<int32_t, int32_t>, Choice> choices;  // deepest first
  const size_t n = At(node).inputs.size();
  const auto refuse = [&](std::string why) {
    d_.Refuse(node, Unsupported(std::move(why)));
    ContextOf(node) = kGraph;
  };
  if (n == 0) return d_.Refuse(node, Error(Code::kInvalidGraph, "must have inputs"));
  for (size_t i = 0; i < n; ++i) {
    const Input in = At(node).inputs[i];
    if (in.node >= 0 && lost_[static_cast<size_t>(in.node)]) {  // then so is the whole
      At(node).inputs = {in};
      return Forward(node, {kGraph, in, 0, {}});
    }
    const int32_t context = ContextOfTensor(in);
    if (context == kNever) continue;
    if (!choices.emplace(std::pair(-ContextAt(context).depth, context), Choice{context, in, static_cast<int32_t>(i), {}}).second)
      return refuse("two of its inputs exist at the same time, so what it gives would be a matter of chance");
  }
  if (choices.empty()) {
    ContextOf(node) = kNever;
    return;
  }
  while (choices.size() > 1) {
    const Context context = ContextAt(choices.begin()->second.context);
    if (context.fork < 0) return refuse("two of its inputs exist at the same time, so what it gives would be a matter of chance");
    const Fork& fork = ForkAt(context.fork);
    Join join;
    join.fork = context.fork;
    for (size_t s = 0; s < fork.side.size(); ++s) {
      const auto found = choices.find({-context.depth, fork.side[s]});
      if (found == choices.end()) return refuse("has no input for the case that '" + PredicateName(context.fork) + "' is " + SideName(context.fork, static_cast<int32_t>(s)) + ", or one that always exists");
      join.side.push_back(found->second);
      choices.erase(found);
    }
    join.merge = choices.empty() ? node : InnerMerge(node);
    ContextOf(join.merge) = fork.context;
    const Choice joined{fork.context, TensorOf(join.merge), 0, TensorOf(join.merge, 1)};
    const bool last = choices.empty();
    joins_.push_back(std::move(join));
    if (last) return;
    if (!choices.emplace(std::pair(-ContextAt(fork.context).depth, fork.context), joined).second)
      return refuse("two of its inputs exist at the same time, so what it gives would be a matter of chance");
  }
  Forward(node, choices.begin()->second);
}

int32_t Contexts::InnerMerge(int32_t node) {
  DraftNode merge;
  merge.name = At(node).name;
  merge.op = At(node).op;
  merge.attrs = At(node).attrs;
  merge.flow = FlowOp::kMerge;
  const int32_t index = d_.Add(std::move(merge));
  Grow();
  index_read_[static_cast<size_t>(index)] = index_read_[static_cast<size_t>(node)];
  made_.push_back(index);
  return index;
}

// A Merge that has only one input left.
void Contexts::Forward(int32_t node, const Choice& choice) {
  ContextOf(node) = choice.context;
  Input index = choice.index;
  if (index_read_[static_cast<size_t>(node)] && index.node < 0) index = Number(choice.number, choice.context);
  BecomeIdentity(node, choice.value, index);
}

Input Contexts::Number(int32_t number, int32_t context) {
  DraftNode constant;
  constant.name = "index";
  constant.op = "Const";
  constant.attrs = made_up_.Keep({IndexAttr(made_up_, "value", number), TypeAttr(made_up_, "dtype", DataType::kInt32)});
  const int32_t node = d_.Add(std::move(constant));
  Grow();
  ContextOf(node) = context;
  made_.push_back(node);
  return TensorOf(node);
}

void Contexts::BecomeIdentity(int32_t index, const Input& value, const Input& value_index) {
  DraftNode& node = At(index);
  if (node.problem) return;
  const Attr* t = node.Find("T");
  const bool two = index_read_[static_cast<size_t>(index)] && (value_index.node >= 0 || value_index.arg >= 0);
  node.op = two ? "IdentityN" : "Identity";
  node.attrs = t != nullptr ? std::span(t, 1) : std::span<const Attr>();
  node.flow = two ? FlowOp::kNone : FlowOp::kIdentity;
  node.inputs = {value};
  if (two) node.inputs.push_back(value_index);
}

// A Switch whose predicate is known where it stands, or of which only control edges are left.
void Contexts::PassBoth(DraftNode& node) {
  if (node.inputs.size() != 2) return;
  const Attr* t = node.Find("T");
  const Input predicate = node.inputs[1];
  int64_t outputs = 2;
  if (const Attr* number = node.Find("num_outs"); number != nullptr)
    if (const Result<int64_t> n = AttrInt(*number); n.ok()) outputs = std::clamp<int64_t>(n.value(), 1, kMaxSides);
  node.inputs.assign(static_cast<size_t>(outputs), Input(node.inputs[0]));
  node.op = "IdentityN";
  node.attrs = t != nullptr ? std::span(t, 1) : std::span<const Attr>();
  node.flow = FlowOp::kNone;
  if (predicate.node >= 0) {
    node.controls.push_back(predicate);
    node.controls.back().output = kControl;
  }
}

void Contexts::CheckResults() {
  for (auto* list : {&d_.results, &d_.control_results})
    for (Input& in : *list) {
      if (in.node < 0) continue;
      const int32_t context = ContextOfTensor(in);
      if (context == kGraph || lost_[static_cast<size_t>(in.node)]) continue;
      Error error = Unsupported(context == kNever ? "never has a value: it stands in both branches of a condition"
                                                  : "exists only when '" + PredicateName(ContextAt(context).fork) + "' is " + SideName(ContextAt(context).fork, ContextAt(context).side));
      if (d_.is_main) {  // signatures know nodes by their numbers
        d_.Refuse(in.node, std::move(error));
      } else {
        const int32_t output = in.output;
        in = d_.Impossible(in.node, std::move(error));
        in.output = std::min(output, 0);
        Grow();
      }
    }
}

}  // namespace tflower::tf
