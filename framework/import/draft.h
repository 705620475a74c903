// Draft: a graph that may still be changed, on its way from TF1 control flow to functions.
//
// Nodes, names and attributes stay views into the model's bytes; what has to be made up (names, attributes) is kept by the
// library of functions, which lives as long as the graph.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "import/tf_graph.h"

namespace tflower::tf {

// Where made-up strings, attributes and functions are kept.
class MadeUp {
 public:
  virtual ~MadeUp() = default;
  std::string_view Keep(std::string text) { return strings_.emplace_back(std::move(text)); }
  std::span<const Attr> Keep(std::vector<Attr> attrs) { return attrs_.emplace_back(std::move(attrs)); }
  // A name that no function has, beginning with `wish`.
  virtual std::string FreeName(const std::string& wish) = 0;
  virtual void AddFunction(std::unique_ptr<Function> function) = 0;

 private:
  std::deque<std::string> strings_;  // deques: what was handed out stays where it is
  std::deque<std::vector<Attr>> attrs_;
};

// Made-up attributes of a node.
Attr FunctionAttr(MadeUp& made_up, std::string_view attr, std::string_view function);
Attr FunctionsAttr(MadeUp& made_up, std::string_view attr, const std::vector<std::string_view>& functions);
Attr IndexAttr(MadeUp& made_up, std::string_view attr, int32_t value);  // an int32 tensor
Attr TypeAttr(MadeUp& made_up, std::string_view attr, DataType type);

enum class FlowOp : uint8_t { kNone, kSwitch, kMerge, kEnter, kExit, kNextIteration, kLoopCond, kIdentity };
FlowOp FlowOpOf(std::string_view op);  // also of the Ref forms and of _SwitchN

struct DraftNode {
  std::string_view name, op, device;
  std::span<const Attr> attrs;
  std::vector<Input> inputs, controls;
  FlowOp flow = FlowOp::kNone;
  bool problem = false;  // stands in Draft::problems

  const Attr* Find(std::string_view attr) const;
};

struct Draft {
  std::vector<DraftNode> nodes;
  std::vector<ArgDef> args;                          // of a function
  std::vector<Input> results, control_results;       // of a function; or what the signatures need of a main graph
  bool is_main = false;
  std::unordered_map<int32_t, Error> problems;       // nodes that cannot be made functional, and why

  static Draft Of(const Scope& scope);
  // Hands the nodes back, with the same numbers; made-up ones follow. Only the scope's own attributes stay.
  void WriteTo(Scope& scope) &&;

  int32_t Add(DraftNode node);
  // Leaves a node that computes nothing. Numbers of the others stay.
  void Clear(int32_t node);
  // From now on, whoever needs the node gets this error. The first one counts.
  void Refuse(int32_t node, Error error);
  // A new node that cannot be had; the error names `culprit`.
  Input Impossible(int32_t culprit, Error error);
  // Whatever the results need.
  std::vector<bool> Live() const;
  // The type as far as attributes tell: kResource for handles, those of reference variables too.
  DataType TypeOf(const Input& tensor) const;
};

Input TensorOf(int32_t node, int32_t output = 0);
Input ArgumentOf(int32_t arg);
inline uint64_t KeyOf(const Input& t) {
  return t.arg >= 0 ? uint64_t{1} << 63 | static_cast<uint32_t>(t.arg) : uint64_t{static_cast<uint32_t>(t.node)} << 32 | static_cast<uint32_t>(t.output);
}

// Live nodes so that each follows what it depends on, edges from NextIteration to Merge apart. Cycles are cut at a node which then
// cannot be had.
std::vector<int32_t> Ordered(Draft& draft, const std::vector<bool>& live);

// The name without what stands behind its last slash: "cond" of "cond/Merge".
std::string_view PrefixOf(std::string_view name);

}  // namespace tflower::tf
