// Conditionals: in which branches each node runs, and each conditional as one If node.
//
// A context is a branch within a branch within ... the graph; a fork is where a predicate splits a context into two (or an index into
// more: _SwitchN, which freezing makes of Case). Switch takes its value from a context to one side of a fork, Merge takes one value of each
// side back. A node runs in the deepest context of its inputs. Merges of one fork become one If (or Case) together with all that
// connects them within the branches, so that what a branch does is done once.
//
// An optimiser may have merged equal nodes of several conditionals, so that these hang together although one needs what another gives.
// Then first predicates, constants and pivots no longer count as a connection; at last, Merges go together by how many Merges they
// depend on, and what they share is computed in each of their branches.
#include "import/conditionals.h"

#include <algorithm>

#include "import/tensor_ref.h"

namespace tflower::tf {
namespace {

class Conditionals final : Groups {
 public:
  Conditionals(Draft& draft, MadeUp& made_up) : Groups(draft, made_up) {}

  void Extract() {
    const std::vector<bool> live = d_.Live();
    const bool any = std::any_of(d_.nodes.begin(), d_.nodes.end(), [&](const DraftNode& n) { return live[static_cast<size_t>(&n - d_.nodes.data())] && (n.flow == FlowOp::kSwitch || n.flow == FlowOp::kMerge); });
    const std::vector<int32_t> order = Ordered(d_, live);  // looks for cycles, too
    if (!any) return;
    CountIndexReaders(live);
    contexts_.push_back({});
    GrowGroups();
    for (const int32_t node : order) Place(node);
    CheckResults();
    GrowGroups();
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
  // All conditionals whose forks split this context. Those inside are nodes already.
  void Close(int32_t context, const std::vector<int32_t>& forks) {
    const auto found = joins_at_.find(context);
    if (found == joins_at_.end()) return;
    for (const int32_t fork : forks) bond_[fork] = Bond::kPredicate;
    std::vector<Group> groups;
    std::vector<bool> stuck;
    for (const Bond bond : {Bond::kPredicate, Bond::kComputation, Bond::kLevel}) {
      for (size_t g = 0; g < groups.size(); ++g)
        if (stuck[g]) bond_[groups[g].fork] = bond;
      groups = MakeGroups(context, forks, found->second);
      stuck = Stuck(context, groups);
      if (std::find(stuck.begin(), stuck.end(), true) == stuck.end()) break;
    }
    for (size_t g = 0; g < groups.size(); ++g) {
      if (!stuck[g] && !SharesEffects(groups[g])) {
        Emit(context, groups[g]);
        continue;
      }
      for (const Join* join : groups[g].joins) d_.Refuse(join->merge, Unsupported("its branches and their outcome depend on each other"));
    }
    for (const Group& group : groups)
      for (const auto& members : group.members)
        for (const int32_t v : members)
          if (!At(v).problem) d_.Clear(v);
  }

  void Emit(int32_t context, const Group& group) {
    const Fork fork = ForkAt(group.fork);
    DraftNode branch;
    branch.op = fork.by_index ? "Case" : "If";
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
    std::vector<Draft> drafts(fork.side.size());
    for (size_t s = 0; s < drafts.size(); ++s) {
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
    std::vector<std::string_view> names;
    for (size_t s = 0; s < drafts.size(); ++s) {
      const std::string what = fork.by_index ? "_case" + std::to_string(s) : s == 1 ? "_true" : "_false";
      names.push_back(made_up_.Keep(made_up_.FreeName(std::string(branch.name) + what)));
      drafts[s].args = args;
      AddFunction(std::move(drafts[s]), names.back(), made_up_);
    }
    std::vector<Attr> attrs;
    if (fork.by_index) attrs.push_back(FunctionsAttr(made_up_, "branches", names));
    else attrs = {FunctionAttr(made_up_, "then_branch", names[1]), FunctionAttr(made_up_, "else_branch", names[0])};
    branch.attrs = made_up_.Keep(std::move(attrs));
    const int32_t node = d_.Add(std::move(branch));
    GrowGroups();
    ContextOf(node) = context;
    nodes_at_[static_cast<size_t>(context)].push_back(node);
    int32_t output = 0;
    for (const Join* join : group.joins) {
      const Input value = TensorOf(node, output++);
      Input index;
      if (index_read_[static_cast<size_t>(join->merge)]) index = TensorOf(node, output++);
      BecomeIdentity(join->merge, value, index);
    }
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

  std::unordered_map<int32_t, std::vector<const Join*>> joins_at_;  // by context
};

}  // namespace

void ExtractConditionals(Draft& draft, MadeUp& made_up) { Conditionals(draft, made_up).Extract(); }

}  // namespace tflower::tf
