// What conditionals.cc is made of: where nodes run (contexts.cc), and which Merges become one If (groups.cc). Internal.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "import/control_flow_v1.h"

namespace tflower::tf {

inline constexpr int32_t kGraph = 0;   // the context of what always runs
inline constexpr int32_t kNever = -1;  // contradicts itself: both sides of one predicate
inline constexpr int64_t kMaxSides = 4096;

struct Context {
  int32_t fork = -1, side = 0;  // whose side it is
  int32_t parent = -1, depth = 0;
};

struct Fork {
  int32_t context = kGraph;      // what it splits
  Input predicate;               // as the first Switch has it
  uint64_t key = 0;              // of the predicate behind Identity and Switch
  bool by_index = false;
  std::vector<int32_t> side;     // contexts: false, true; or by index
};

// One value that a Merge can take.
struct Choice {
  int32_t context = kGraph;
  Input value;
  int32_t number = 0;  // for the output value_index
  Input index;         // when several were joined before: where the number is computed
};

// A Merge of all sides.
struct Join {
  int32_t merge = -1, fork = -1;
  std::vector<Choice> side;
};

class Contexts {
 protected:
  Contexts(Draft& draft, MadeUp& made_up) : d_(draft), made_up_(made_up) {}

  DraftNode& At(int32_t node) { return d_.nodes[static_cast<size_t>(node)]; }
  int32_t& ContextOf(int32_t node) { return context_of_[static_cast<size_t>(node)]; }
  Fork& ForkAt(int32_t fork) { return forks_[static_cast<size_t>(fork)]; }
  const Context& ContextAt(int32_t c) const { return contexts_[static_cast<size_t>(c)]; }
  static Error Unsupported(std::string why) { return Error(Code::kUnsupportedGraph, std::move(why)).Hint("export the model with TF2 control flow (tf.function)"); }

  void CountIndexReaders(const std::vector<bool>& live);
  Input Plain(const Input& in) const;
  int32_t ContextOfTensor(const Input& in);
  int32_t Side(int32_t node, int32_t side);
  void Place(int32_t node);
  bool Meet(int32_t node);
  std::string PredicateName(int32_t fork);
  std::string SideName(int32_t fork, int32_t side);
  void PlaceSwitch(int32_t node);
  void PlaceMerge(int32_t node);
  int32_t InnerMerge(int32_t node);
  void Forward(int32_t node, const Choice& choice);
  Input Number(int32_t number, int32_t context);
  void BecomeIdentity(int32_t index, const Input& value, const Input& value_index);
  static void PassBoth(DraftNode& node);
  void CheckResults();
  void Grow();

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
  std::vector<int32_t> made_;                                // made-up nodes that have a context
  // By node:
  std::vector<int32_t> context_of_;
  std::vector<PlainTensor> plain_;                           // of Identity and Switch: what they pass on
  std::vector<int32_t> switch_fork_;                         // -1: decided by what surrounds it
  std::vector<std::pair<int32_t, int32_t>> switch_side_;     // then: the one output that exists, and its context
  std::vector<bool> index_read_;                             // a Merge's value_index
  std::vector<bool> lost_;                                   // cannot be had, for a reason that is known
};

struct Group {
  int32_t fork = -1;
  std::vector<const Join*> joins;
  std::vector<std::vector<int32_t>> members;  // by side
};

// What keeps Merges of one fork together.
enum class Bond : uint8_t { kPredicate, kComputation, kLevel };

class Groups : protected Contexts {
 protected:
  using Contexts::Contexts;

  int32_t Find(int32_t x);
  void Unite(int32_t a, int32_t b);
  bool IsAnyones(int32_t node, const Fork& fork);
  std::vector<Group> MakeGroups(int32_t context, const std::vector<int32_t>& forks, const std::vector<const Join*>& joins);
  void SharePredicate(int32_t v, const Input& in, int32_t fork);
  void UniteWith(int32_t v, const Input& in, int32_t side, int32_t fork);
  void UniteJoin(const Join& join);
  void UniteMembers(int32_t fork);
  void UniteLevels(int32_t context, const std::vector<int32_t>& forks, const std::vector<const Join*>& joins);
  void FindMembers(Group& group);
  bool SharesEffects(const Group& group);
  std::vector<bool> Stuck(int32_t context, const std::vector<Group>& groups);

  void GrowGroups() {
    Grow();
    set_.resize(d_.nodes.size());
    unit_.resize(d_.nodes.size(), -1);
    local_.resize(d_.nodes.size(), {0, 0});
  }

  std::vector<std::vector<int32_t>> nodes_at_;      // by context
  std::vector<int32_t> set_, unit_;                 // by node
  std::vector<std::pair<int32_t, int32_t>> local_;  // by node: stamp of the branch, number in it
  int32_t stamp_ = 0, round_ = 0;
  // Of the context at hand:
  std::unordered_map<int32_t, Bond> bond_;                                // by fork
  std::unordered_map<uint64_t, int32_t> first_;                           // node that first used a predicate's tensor
  std::unordered_map<int32_t, std::pair<int32_t, int32_t>> groups_with_;  // by node: round, number of groups that have it
};

}  // namespace tflower::tf
