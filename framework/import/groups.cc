// Groups: which Merges of a context become one If, so that nothing waits for itself and nothing is done twice.
#include <algorithm>

#include "import/conditionals.h"

namespace tflower::tf {

int32_t Groups::Find(int32_t x) {
  while (set_[static_cast<size_t>(x)] != x) x = set_[static_cast<size_t>(x)] = set_[static_cast<size_t>(set_[static_cast<size_t>(x)])];
  return x;
}
void Groups::Unite(int32_t a, int32_t b) { set_[static_cast<size_t>(Find(a))] = Find(b); }

// Switch(p, p) and what only passes it on stand for "in this branch" in control edges; constants are in it by such edges only.
bool Groups::IsAnyones(int32_t node, const Fork& fork) {
  return At(node).inputs.empty() || (At(node).flow == FlowOp::kIdentity && KeyOf(Plain(TensorOf(node))) == KeyOf(Plain(fork.predicate)));
}

std::vector<Group> Groups::MakeGroups(int32_t context, const std::vector<int32_t>& forks, const std::vector<const Join*>& joins) {
  for (const Join* join : joins) set_[static_cast<size_t>(join->merge)] = join->merge;
  for (const int32_t fork : forks)
    for (const int32_t side : ForkAt(fork).side)
      if (side >= 0) for (const int32_t v : nodes_at_[static_cast<size_t>(side)]) set_[static_cast<size_t>(v)] = v;
  first_.clear();
  for (const Join* join : joins)
    if (bond_[join->fork] != Bond::kLevel) UniteJoin(*join);
  bool by_level = false;
  for (const int32_t fork : forks) {
    by_level = by_level || bond_[fork] == Bond::kLevel;
    if (bond_[fork] != Bond::kLevel) UniteMembers(fork);
  }
  if (by_level) UniteLevels(context, forks, joins);

  std::vector<Group> groups;
  std::unordered_map<int32_t, size_t> group_of;
  for (const Join* join : joins) {
    const auto [it, is_new] = group_of.try_emplace(Find(join->merge), groups.size());
    if (is_new) groups.push_back({join->fork, {}, {}});
    groups[it->second].joins.push_back(join);
  }
  ++round_;
  for (Group& group : groups) FindMembers(group);
  return groups;
}

void Groups::SharePredicate(int32_t v, const Input& in, int32_t fork) {
  if (bond_[fork] != Bond::kPredicate || in.node < 0 || At(in.node).flow != FlowOp::kSwitch || switch_fork_[static_cast<size_t>(in.node)] != fork) return;
  const auto [it, is_new] = first_.try_emplace(KeyOf(At(in.node).inputs[1]), v);
  if (!is_new) Unite(v, it->second);
}

void Groups::UniteWith(int32_t v, const Input& in, int32_t side, int32_t fork) {
  if (in.node < 0 || ContextOf(in.node) != side) return;
  if (bond_[fork] == Bond::kPredicate || !IsAnyones(in.node, ForkAt(fork))) Unite(v, in.node);
}

void Groups::UniteJoin(const Join& join) {
  for (size_t s = 0; s < join.side.size(); ++s) {
    const int32_t side = ForkAt(join.fork).side[s];
    UniteWith(join.merge, join.side[s].value, side, join.fork);
    SharePredicate(join.merge, join.side[s].value, join.fork);
    for (const Input& control : At(join.merge).controls) UniteWith(join.merge, control, side, join.fork);
  }
}

void Groups::UniteMembers(int32_t fork) {
  for (const int32_t side : ForkAt(fork).side) {
    if (side < 0) continue;
    for (const int32_t v : nodes_at_[static_cast<size_t>(side)]) {
      for (const Input& in : At(v).inputs) {
        UniteWith(v, in, side, fork);
        SharePredicate(v, in, fork);
      }
      for (const Input& in : At(v).controls) UniteWith(v, in, side, fork);
    }
  }
}

// Merges of one fork behind equally many Merges cannot depend on each other.
void Groups::UniteLevels(int32_t context, const std::vector<int32_t>& forks, const std::vector<const Join*>& joins) {
  std::vector<int32_t> nodes = nodes_at_[static_cast<size_t>(context)];
  for (const int32_t fork : forks)
    for (const int32_t side : ForkAt(fork).side)
      if (side >= 0) nodes.insert(nodes.end(), nodes_at_[static_cast<size_t>(side)].begin(), nodes_at_[static_cast<size_t>(side)].end());
  std::unordered_map<int32_t, const Join*> join_of;
  for (const Join* join : joins) join_of[join->merge] = join;
  std::unordered_map<int32_t, uint32_t> missing;
  std::unordered_map<int32_t, int32_t> level;
  std::unordered_map<int32_t, std::vector<int32_t>> next;
  for (const int32_t v : nodes) missing[v] = 0;
  const auto edge = [&](const Input& in, int32_t to) {
    if (in.node < 0 || !missing.contains(in.node)) return;
    next[in.node].push_back(to);
    ++missing[to];
  };
  for (const int32_t v : nodes) {
    const auto join = join_of.find(v);
    if (join == join_of.end()) for (const Input& in : At(v).inputs) edge(in, v);
    else for (const Choice& choice : join->second->side) edge(choice.value, v);
    for (const Input& in : At(v).controls) edge(in, v);
  }
  std::vector<int32_t> ready;
  for (const int32_t v : nodes) if (missing[v] == 0) ready.push_back(v);
  std::map<std::pair<int32_t, int32_t>, int32_t> first;  // by fork and level
  for (size_t i = 0; i < ready.size(); ++i) {
    const int32_t v = ready[i];
    if (const auto join = join_of.find(v); join != join_of.end()) {
      const int32_t fork = join->second->fork;
      ++level[v];
      const auto [it, is_new] = first.try_emplace({fork, level[v]}, v);
      if (!is_new && bond_[fork] == Bond::kLevel) Unite(v, it->second);
    }
    for (const int32_t to : next[v]) {
      level[to] = std::max(level[to], level[v]);
      if (--missing[to] == 0) ready.push_back(to);
    }
  }
}

// All that the group's Merges need within the branches.
void Groups::FindMembers(Group& group) {
  const Fork& fork = ForkAt(group.fork);
  group.members.resize(fork.side.size());
  ++stamp_;
  std::vector<int32_t> pending;
  for (size_t s = 0; s < fork.side.size(); ++s) {
    const auto need = [&](const Input& in) {
      if (in.node < 0 || ContextOf(in.node) != fork.side[s] || local_[static_cast<size_t>(in.node)].first == stamp_) return;
      local_[static_cast<size_t>(in.node)].first = stamp_;
      pending.push_back(in.node);
      group.members[s].push_back(in.node);
    };
    for (const Join* join : group.joins) {
      need(join->side[s].value);
      if (join->side[s].index.node >= 0) need(join->side[s].index);
      for (const Input& in : At(join->merge).controls) need(in);
    }
    while (!pending.empty()) {
      const int32_t v = pending.back();
      pending.pop_back();
      for (const Input& in : At(v).inputs) need(in);
      for (const Input& in : At(v).controls) need(in);
    }
  }
  for (const auto& members : group.members)
    for (const int32_t v : members) {
      auto& [round, groups] = groups_with_[v];
      groups = round == round_ ? groups + 1 : 1;
      round = round_;
    }
}

// Would do twice what may be done only once: something to a variable.
bool Groups::SharesEffects(const Group& group) {
  for (const auto& members : group.members)
    for (const int32_t v : members)
      if (groups_with_[v].second > 1 && !IsAnyones(v, ForkAt(group.fork)))
        for (const Input& in : At(v).inputs)
          if (d_.TypeOf(in) == DataType::kResource) return true;
  return false;
}

// Groups that would have to wait for themselves, and who waits for those.
std::vector<bool> Groups::Stuck(int32_t context, const std::vector<Group>& groups) {
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

}  // namespace tflower::tf
