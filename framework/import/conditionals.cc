// Conditionals: in which branches each node runs, and each conditional as one If node.
//
// A context is a branch within a branch within ... the graph; a fork is where a predicate splits a context into two. Switch takes its
// value from a context to one side of a fork, Merge takes one value of each side back. A node runs in the deepest context of its
// inputs. Merges of one fork become one If together with all that connects them within the branches, so that what a branch does is
// done once.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "import/control_flow_v1.h"
#include "import/tensor_ref.h"

namespace tflower::tf {
namespace {

constexpr int32_t kGraph = 0;   // the context of what always runs
constexpr int32_t kNever = -1;  // contradicts itself: both sides of one predicate

struct Context {
  int32_t fork = -1, side = 0;  // whose side it is
  int32_t parent = -1, depth = 0;
};

struct Fork {
  int32_t context = kGraph;      // what it splits
  Input predicate;               // as the first Switch has it
  uint64_t key = 0;              // of the predicate behind Identity and Switch
  int32_t side[2] = {-1, -1};    // contexts
};

// One value that a Merge can take.
struct Choice {
  int32_t context = kGraph;
  Input value;
  int32_t number = 0;  // for the output value_index
  Input index;         // when several were joined before: where the number is computed
};

// A Merge of two sides.
struct Join {
  int32_t merge = -1, fork = -1;
  Choice side[2];
};

struct Group {
  int32_t fork = -1;
  std::vector<const Join*> joins;
  std::vector<int32_t> members[2];
};

class Conditionals {
 public:
  Conditionals(Draft& draft, MadeUp& made_up) : d_(draft), made_up_(made_up) {}

  void Extract() {
    const std::vector<bool> live = d_.Live();
    const bool any = std::any_of(d_.nodes.begin(), d_.nodes.end(), [&](const DraftNode& n) { return live[static_cast<size_t>(&n - d_.nodes.data())] && (n.flow == FlowOp::kSwitch || n.flow == FlowOp::kMerge); });
    const std::vector<int32_t> order = Ordered(d_, live);  // looks for cycles, too
    if (!any) return;
    CountIndexReaders(live);
    contexts_.push_back({});
    Grow();
    for (const int32_t node : order) Place(node);
    CheckResults();
    nodes_at_.resize(contexts_.size());
    for (const std::vector<int32_t>* nodes : std::initializer_list<const std::vector<int32_t>*>{&order, &made_})
      for (const int32_t node : *nodes)
        if (ContextOf(node) >= 0) nodes_at_[static_cast<size_t>(ContextOf(node))].push_back(node);
    std::vector<std::vector<int32_t>> forks_at(contexts_.size());
    for (size_t f = 0; f < forks_.size(); ++f) forks_at[static_cast<size_t>(forks_[f].context)].push_back(static_cast<int32_t>(f));
    for (auto& join : joins_) joins_at_[forks_[static_cast<size_t>(join.fork)].context].push_back(&join);
    for (size_t c = contexts_.size(); c-- > 0;)
      if (!forks_at[c].empty()) Close(static_cast<int32_t>(c), forks_at[c]);
    for (const int32_t node : order)
      if (At(node).flow == FlowOp::kSwitch) PassBoth(At(node));
  }

 private:
  DraftNode& At(int32_t node) { return d_.nodes[static_cast<size_t>(node)]; }
  int32_t& ContextOf(int32_t node) { return context_of_[static_cast<size_t>(node)]; }
  Fork& ForkAt(int32_t fork) { return forks_[static_cast<size_t>(fork)]; }
  const Context& ContextAt(int32_t c) const { return contexts_[static_cast<size_t>(c)]; }
  void Grow() {
    const size_t n = d_.nodes.size();
    context_of_.resize(n, kNever);
    plain_.resize(n);
    switch_fork_.resize(n, -1);
    switch_side_.resize(n, {kNever, kNever});
    set_.resize(n);
    unit_.resize(n, -1);
    local_.resize(n, {0, 0});
    index_read_.resize(n);
  }
  static Error Unsupported(std::string why) { return Error(Code::kUnsupportedGraph, std::move(why)).Hint("export the model with TF2 control flow (tf.function)"); }

  void CountIndexReaders(const std::vector<bool>& live) {
    index_read_.resize(d_.nodes.size());
    const auto look = [&](const Input& in) {
      if (in.node >= 0 && in.output == 1 && At(in.node).flow == FlowOp::kMerge) index_read_[static_cast<size_t>(in.node)] = true;
    };
    for (size_t i = 0; i < d_.nodes.size(); ++i)
      if (live[i])
        for (const Input& in : d_.nodes[i].inputs) look(in);
    for (const Input& in : d_.results) look(in);
  }

  // ---- contexts
  Input Plain(const Input& in) const { return in.node >= 0 && plain_[static_cast<size_t>(in.node)].has ? plain_[static_cast<size_t>(in.node)].tensor : in; }

  int32_t ContextOfTensor(const Input& in) {
    if (in.node < 0) return kGraph;
    if (At(in.node).flow != FlowOp::kSwitch || in.output == kControl) return ContextOf(in.node);
    return in.output > 1 ? kNever : Side(in.node, in.output);
  }

  // The context of a Switch's output, made when first asked for.
  int32_t Side(int32_t node, int32_t side) {
    const int32_t fork = switch_fork_[static_cast<size_t>(node)];
    if (fork < 0) return switch_side_[static_cast<size_t>(node)][side];
    int32_t& context = ForkAt(fork).side[side];
    if (context < 0) {
      context = static_cast<int32_t>(contexts_.size());
      contexts_.push_back({fork, side, ForkAt(fork).context, ContextAt(ForkAt(fork).context).depth + 1});
    }
    return context;
  }

  void Place(int32_t node) {
    DraftNode& n = At(node);
    ContextOf(node) = kGraph;
    if (n.problem) return;
    if (n.flow == FlowOp::kMerge) return PlaceMerge(node);
    if (!Meet(node)) return;
    const bool passes_on = n.flow == FlowOp::kIdentity || n.flow == FlowOp::kSwitch;
    if (passes_on && !n.inputs.empty()) plain_[static_cast<size_t>(node)] = {true, Plain(n.inputs[0])};
    if (n.flow == FlowOp::kSwitch) PlaceSwitch(node);
  }

  // The deepest context of the inputs; the others must be around it.
  bool Meet(int32_t node) {
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

  std::string PredicateName(int32_t fork) {
    const Input& p = ForkAt(fork).predicate;
    return std::string(p.node >= 0 ? At(p.node).name : d_.args[static_cast<size_t>(p.arg)].name);
  }

  void PlaceSwitch(int32_t node) {
    if (At(node).inputs.size() != 2) {
      d_.Refuse(node, Error(Code::kInvalidGraph, "must have two inputs"));
      return;
    }
    const int32_t context = ContextOf(node);
    if (context == kNever) return;
    const Input predicate = At(node).inputs[1];
    const uint64_t key = KeyOf(Plain(predicate));
    for (int32_t c = context; c != kGraph; c = ContextAt(c).parent)
      if (ForkAt(ContextAt(c).fork).key == key) {  // decided already
        switch_side_[static_cast<size_t>(node)][ContextAt(c).side] = context;
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
      forks_.push_back(fork);
    }
    switch_fork_[static_cast<size_t>(node)] = it->second;
  }

  // A tree of choices, joined from its leaves.
  void PlaceMerge(int32_t node) {
    std::map<std::pair<int32_t, int32_t>, Choice> choices;  // deepest first
    const size_t n = At(node).inputs.size();
    const auto refuse = [&](std::string why) {
      d_.Refuse(node, Unsupported(std::move(why)));
      ContextOf(node) = kGraph;
    };
    if (n == 0) return d_.Refuse(node, Error(Code::kInvalidGraph, "must have inputs"));
    for (size_t i = 0; i < n; ++i) {
      const Input in = At(node).inputs[i];
      if (in.node >= 0 && At(in.node).problem) {  // the whole is lost
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
      const Choice one = choices.begin()->second;
      choices.erase(choices.begin());
      const Context& context = ContextAt(one.context);
      if (context.fork < 0) return refuse("two of its inputs exist at the same time, so what it gives would be a matter of chance");
      const Fork& fork = ForkAt(context.fork);
      const auto twin = choices.find({-context.depth, fork.side[1 - context.side]});
      if (twin == choices.end()) return refuse("has no input for the case that '" + PredicateName(context.fork) + "' is " + (context.side == 1 ? "false" : "true") + ", or one that always exists");
      const Choice other = twin->second;
      choices.erase(twin);
      Join join;
      join.merge = choices.empty() ? node : InnerMerge(node);
      join.fork = context.fork;
      join.side[context.side] = one;
      join.side[1 - context.side] = other;
      joins_.push_back(join);
      ContextOf(join.merge) = fork.context;
      const Choice joined{fork.context, TensorOf(join.merge), 0, TensorOf(join.merge, 1)};
      if (!choices.emplace(std::pair(-ContextAt(fork.context).depth, fork.context), joined).second)
        return refuse("two of its inputs exist at the same time, so what it gives would be a matter of chance");
      if (join.merge == node) return;
    }
    Forward(node, choices.begin()->second);
  }

  int32_t InnerMerge(int32_t node) {
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
  void Forward(int32_t node, const Choice& choice) {
    ContextOf(node) = choice.context;
    Input index = choice.index;
    if (index_read_[static_cast<size_t>(node)] && index.node < 0) index = Number(choice.number, choice.context);
    BecomeIdentity(node, choice.value, index);
  }

  Input Number(int32_t number, int32_t context) {
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

  void BecomeIdentity(int32_t index, const Input& value, const Input& value_index) {
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
  static void PassBoth(DraftNode& node) {
    if (node.inputs.size() != 2) return;
    const Attr* t = node.Find("T");
    node.op = "IdentityN";
    node.attrs = t != nullptr ? std::span(t, 1) : std::span<const Attr>();
    node.flow = FlowOp::kNone;
    const Input predicate = node.inputs[1];
    node.inputs[1] = node.inputs[0];
    if (predicate.node >= 0) {
      node.controls.push_back(predicate);
      node.controls.back().output = kControl;
    }
  }

  void CheckResults() {
    for (auto* list : {&d_.results, &d_.control_results})
      for (Input& in : *list) {
        if (in.node < 0) continue;
        const int32_t context = ContextOfTensor(in);
        if (context == kGraph) continue;
        Error error = Unsupported(context == kNever ? "never has a value: it stands in both branches of a condition"
                                                    : "exists only when '" + PredicateName(ContextAt(context).fork) + "' is " + (ContextAt(context).side == 1 ? "true" : "false"));
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

  // ---- groups
  int32_t Find(int32_t x) {
    while (set_[static_cast<size_t>(x)] != x) x = set_[static_cast<size_t>(x)] = set_[static_cast<size_t>(set_[static_cast<size_t>(x)])];
    return x;
  }
  void Unite(int32_t a, int32_t b) { set_[static_cast<size_t>(Find(a))] = Find(b); }

  // Switch(p, p) and what only passes it on stand for "in this branch" in control edges.
  bool IsPivot(int32_t node, const Fork& fork) { return At(node).flow == FlowOp::kIdentity && KeyOf(Plain(TensorOf(node))) == fork.key; }

  // All conditionals whose forks split this context. Those inside are nodes already.
  void Close(int32_t context, const std::vector<int32_t>& forks) {
    const auto found = joins_at_.find(context);
    if (found == joins_at_.end()) return;
    std::vector<bool> apart(forks.size(), false);
    std::vector<Group> groups = MakeGroups(forks, apart, found->second);
    std::vector<bool> stuck = Stuck(context, groups);
    if (std::find(stuck.begin(), stuck.end(), true) != stuck.end()) {
      std::unordered_map<int32_t, size_t> at;
      for (size_t i = 0; i < forks.size(); ++i) at[forks[i]] = i;
      for (size_t g = 0; g < groups.size(); ++g)
        if (stuck[g]) apart[at[groups[g].fork]] = true;
      groups = MakeGroups(forks, apart, found->second);
      stuck = Stuck(context, groups);
    }
    for (size_t g = 0; g < groups.size(); ++g) {
      if (stuck[g]) {
        for (const Join* join : groups[g].joins) d_.Refuse(join->merge, Unsupported("its branches and their outcome depend on each other"));
        continue;
      }
      Emit(context, groups[g]);
    }
  }

  // Merges that share a predicate tensor (as those of one tf.cond do) or anything within the branches; when that is too much (`apart`), only
  // those that share a computation.
  std::vector<Group> MakeGroups(const std::vector<int32_t>& forks, const std::vector<bool>& apart, const std::vector<const Join*>& joins) {
    for (const Join* join : joins) set_[static_cast<size_t>(join->merge)] = join->merge;
    for (const int32_t fork : forks)
      for (const int32_t side : ForkAt(fork).side)
        if (side >= 0) for (const int32_t v : nodes_at_[static_cast<size_t>(side)]) set_[static_cast<size_t>(v)] = v;
    std::unordered_map<int32_t, bool> is_apart;
    for (size_t i = 0; i < forks.size(); ++i) is_apart[forks[i]] = apart[i];

    std::unordered_map<uint64_t, int32_t> first;  // node by predicate tensor
    const auto share_predicate = [&](int32_t v, const Input& in, int32_t fork) {
      if (is_apart[fork] || in.node < 0 || At(in.node).flow != FlowOp::kSwitch || switch_fork_[static_cast<size_t>(in.node)] != fork) return;
      const auto [it, is_new] = first.try_emplace(KeyOf(At(in.node).inputs[1]), v);
      if (!is_new) Unite(v, it->second);
    };
    for (const Join* join : joins)
      for (int s = 0; s < 2; ++s) {
        const Input& in = join->side[s].value;
        if (in.node >= 0 && ContextOf(in.node) == ForkAt(join->fork).side[s]) Unite(join->merge, in.node);
        else share_predicate(join->merge, in, join->fork);
        for (const Input& control : At(join->merge).controls)
          if (control.node >= 0 && ContextOf(control.node) == ForkAt(join->fork).side[s]) Unite(join->merge, control.node);
      }
    for (const int32_t fork : forks)
      for (const int32_t side : ForkAt(fork).side) {
        if (side < 0) continue;
        for (const int32_t v : nodes_at_[static_cast<size_t>(side)]) {
          for (const Input& in : At(v).inputs) {
            if (in.node >= 0 && ContextOf(in.node) == side) Unite(v, in.node);
            else share_predicate(v, in, fork);
          }
          for (const Input& in : At(v).controls)
            if (in.node >= 0 && ContextOf(in.node) == side && !(is_apart[fork] && IsPivot(in.node, ForkAt(fork)))) Unite(v, in.node);
        }
      }

    std::vector<Group> groups;
    std::unordered_map<int32_t, size_t> group_of;
    for (const Join* join : joins) {
      const auto [it, is_new] = group_of.try_emplace(Find(join->merge), groups.size());
      if (is_new) groups.push_back({join->fork, {}, {}});
      groups[it->second].joins.push_back(join);
    }
    for (const int32_t fork : forks)
      for (int s = 0; s < 2; ++s) {
        if (ForkAt(fork).side[s] < 0) continue;
        for (const int32_t v : nodes_at_[static_cast<size_t>(ForkAt(fork).side[s])])
          if (const auto it = group_of.find(Find(v)); it != group_of.end()) groups[it->second].members[s].push_back(v);
      }
    return groups;
  }

  // Groups that would have to wait for themselves, and who waits for those.
  std::vector<bool> Stuck(int32_t context, const std::vector<Group>& groups) {
    const std::vector<int32_t>& nodes = nodes_at_[static_cast<size_t>(context)];
    int32_t units = static_cast<int32_t>(groups.size());  // a group, or a node of this context
    for (const int32_t v : nodes) unit_[static_cast<size_t>(v)] = units++;
    for (size_t g = 0; g < groups.size(); ++g)
      for (const Join* join : groups[g].joins) unit_[static_cast<size_t>(join->merge)] = static_cast<int32_t>(g);
    std::vector<std::vector<int32_t>> next(static_cast<size_t>(units));
    std::vector<uint32_t> missing(static_cast<size_t>(units));
    const auto edge = [&](const Input& in, int32_t to) {
      if (in.node < 0 || ContextOf(in.node) != context) return;
      const int32_t from = unit_[static_cast<size_t>(in.node)];
      next[static_cast<size_t>(from)].push_back(to);
      ++missing[static_cast<size_t>(to)];
    };
    const auto edges = [&](int32_t v, int32_t to) {
      for (const Input& in : At(v).inputs) edge(in, to);
      for (const Input& in : At(v).controls) edge(in, to);
    };
    for (const int32_t v : nodes) edges(v, unit_[static_cast<size_t>(v)]);
    for (size_t g = 0; g < groups.size(); ++g) {
      for (const auto& members : groups[g].members) for (const int32_t v : members) edges(v, static_cast<int32_t>(g));
      for (const Join* join : groups[g].joins) for (const Choice& choice : join->side) edge(choice.value, static_cast<int32_t>(g));
    }
    std::vector<int32_t> ready;
    for (int32_t u = 0; u < units; ++u) if (missing[static_cast<size_t>(u)] == 0) ready.push_back(u);
    std::vector<bool> stuck(groups.size(), true);
    while (!ready.empty()) {
      const int32_t u = ready.back();
      ready.pop_back();
      if (static_cast<size_t>(u) < groups.size()) stuck[static_cast<size_t>(u)] = false;
      for (const int32_t to : next[static_cast<size_t>(u)]) if (--missing[static_cast<size_t>(to)] == 0) ready.push_back(to);
    }
    return stuck;
  }

  // ---- one If
  void Emit(int32_t context, const Group& group) {
    const Fork fork = ForkAt(group.fork);
    DraftNode branch;
    branch.op = "If";
    branch.name = PrefixOf(At(group.joins.front()->merge).name);
    branch.inputs.push_back(fork.predicate);
    std::unordered_map<uint64_t, int32_t> captured;
    std::vector<ArgDef> args;
    // What a branch reads from outside, as its argument.
    const auto capture = [&](Input in) {
      if (in.node >= 0 && At(in.node).flow == FlowOp::kSwitch && switch_fork_[static_cast<size_t>(in.node)] == group.fork) {
        const DraftNode& from = At(in.node);
        if (!from.controls.empty() || KeyOf(from.inputs[1]) != KeyOf(fork.predicate)) branch.controls.push_back(TensorOf(in.node, kControl));
        in = from.inputs[0];
      }
      const auto [it, is_new] = captured.try_emplace(KeyOf(in), static_cast<int32_t>(args.size()));
      if (is_new) {
        args.push_back({made_up_.Keep("arg" + std::to_string(args.size())), d_.TypeOf(in), {}, {}, {}});
        branch.inputs.push_back(in);
      }
      return ArgumentOf(it->second);
    };
    Draft drafts[2];
    for (int s = 0; s < 2; ++s) {
      Draft& out = drafts[s];
      ++stamp_;
      for (const int32_t v : group.members[s]) {
        local_[static_cast<size_t>(v)] = {stamp_, static_cast<int32_t>(out.nodes.size())};
        out.nodes.push_back(At(v));
        if (At(v).problem) out.problems.emplace(static_cast<int32_t>(out.nodes.size() - 1), d_.problems.at(v));
      }
      const auto local = [&](const Input& in) { return in.node >= 0 && local_[static_cast<size_t>(in.node)].first == stamp_ ? local_[static_cast<size_t>(in.node)].second : -1; };
      const auto take = [&](const Input& in) {
        if (const int32_t here = local(in); here >= 0) {
          Input out_in = in;
          out_in.node = here;
          return out_in;
        }
        return capture(in);
      };
      const auto take_controls = [&](const std::vector<Input>& controls, std::vector<Input>& to) {
        for (const Input& in : controls) {
          if (const int32_t here = local(in); here >= 0) to.push_back(TensorOf(here, kControl));
          else if (in.node >= 0 && !InBranch(ContextOf(in.node), group.fork)) branch.controls.push_back(in);
        }
      };
      for (DraftNode& node : out.nodes) {
        if (node.flow == FlowOp::kSwitch) PassBoth(node);  // what it decided is an If by now
        for (Input& in : node.inputs) in = take(in);
        take_controls(std::exchange(node.controls, {}), node.controls);
      }
      for (const Join* join : group.joins) {
        out.results.push_back(take(join->side[s].value));
        if (index_read_[static_cast<size_t>(join->merge)]) out.results.push_back(IndexOf(join->side[s], out, take));
        for (const Input& in : At(join->merge).controls)
          if (const int32_t here = local(in); here >= 0) out.control_results.push_back(TensorOf(here, kControl));
      }
    }
    for (const Join* join : group.joins)  // within the branches they are control results now
      std::erase_if(At(join->merge).controls, [&](const Input& in) { return in.node >= 0 && InBranch(ContextOf(in.node), group.fork); });
    std::vector<Attr> attrs;
    for (int s = 1; s >= 0; --s) {
      const char* what = s == 1 ? "then_branch" : "else_branch";
      const std::string_view name = made_up_.Keep(made_up_.FreeName(std::string(branch.name) + (s == 1 ? "_true" : "_false")));
      attrs.push_back(FunctionAttr(made_up_, what, name));
      drafts[s].args = args;
      AddFunction(std::move(drafts[s]), name, made_up_);
    }
    branch.attrs = made_up_.Keep(std::move(attrs));
    const int32_t node = d_.Add(std::move(branch));
    Grow();
    ContextOf(node) = context;
    nodes_at_[static_cast<size_t>(context)].push_back(node);
    int32_t output = 0;
    for (const Join* join : group.joins) {
      const Input value = TensorOf(node, output++);
      Input index;
      if (index_read_[static_cast<size_t>(join->merge)]) index = TensorOf(node, output++);
      BecomeIdentity(join->merge, value, index);
    }
    for (const auto& members : group.members)
      for (const int32_t v : members)
        if (!At(v).problem) d_.Clear(v);
  }

  bool InBranch(int32_t context, int32_t fork) const { return context >= 0 && ContextAt(context).fork == fork; }

  template <class Take>
  Input IndexOf(const Choice& choice, Draft& out, const Take& take) {
    if (choice.index.node >= 0) return take(choice.index);
    DraftNode constant;
    constant.name = "index";
    constant.op = "Const";
    constant.attrs = made_up_.Keep({IndexAttr(made_up_, "value", choice.number), TypeAttr(made_up_, "dtype", DataType::kInt32)});
    return TensorOf(out.Add(std::move(constant)));
  }

  struct PlainTensor {
    bool has = false;
    Input tensor;
  };

  Draft& d_;
  MadeUp& made_up_;
  std::vector<Context> contexts_;
  std::vector<Fork> forks_;
  std::map<std::pair<int32_t, uint64_t>, int32_t> fork_of_;  // by context and predicate
  std::deque<Join> joins_;
  std::unordered_map<int32_t, std::vector<const Join*>> joins_at_;
  std::vector<std::vector<int32_t>> nodes_at_;               // by context
  std::vector<int32_t> made_;                                // made-up nodes that have a context
  // By node:
  std::vector<int32_t> context_of_;
  std::vector<PlainTensor> plain_;                           // of Identity and Switch: what they pass on
  std::vector<int32_t> switch_fork_;                         // -1: decided by what surrounds it
  std::vector<std::array<int32_t, 2>> switch_side_;          // then: its outputs' contexts
  std::vector<int32_t> set_, unit_;
  std::vector<std::pair<int32_t, int32_t>> local_;           // stamp of the branch, number in it
  std::vector<bool> index_read_;
  int32_t stamp_ = 0;
};

}  // namespace

void ExtractConditionals(Draft& draft, MadeUp& made_up) { Conditionals(draft, made_up).Extract(); }

}  // namespace tflower::tf
