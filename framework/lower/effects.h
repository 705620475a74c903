// Effects: which variables a model really changes, and which nodes must keep their order because of that.
//
// TensorFlow orders reads and writes by control edges. They matter only where something is written: a model that changes nothing is a
// pure function, and its control edges are not followed at all. What an op does to its operands is in its lowering row (WRITES).
// Not thread-safe; reads the model's functions.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "import/tf_graph.h"
#include "registry/registry.h"

namespace tflower::lower {

class Effects {
 public:
  Effects(const tf::Graph& graph, const Registry& registry) : graph_(graph), registry_(registry) {}

  // Looks at everything that these nodes of the main graph need, functions too. Errors: a function that cannot be read.
  Status Add(const std::vector<int32_t>& roots);

  // A variable (VarHandleOp, VariableV2 of the main graph) that something writes to.
  bool IsWritten(std::string_view variable) const { return written_.contains(std::string(variable)); }
  bool any_written() const { return !written_.empty(); }
  // The node, or something that it depends on, reads or writes what a handle stands for.
  bool Touches(const tf::Scope& scope, int32_t node);

  // The first row that claims the op; null when nobody does.
  const tflower_lowering* RowOf(std::string_view op);

 private:
  struct Summary {
    std::vector<bool> writes;  // by argument
    bool touches = false;
    bool done = false;
  };
  struct Origin {
    int32_t node = -1, arg = -1;
  };
  struct Callee {
    const tf::Function* function;
    size_t first_input;  // of the node, for argument 0
  };

  Result<const Summary*> Summarise(const tf::Function& function);
  Result<std::vector<Callee>> Callees(const tf::Node& node);
  Origin Trace(const tf::Scope& scope, tf::Input input, int depth = 0);
  bool IsHandle(const tf::Scope& scope, const tf::Function* function, const tf::Input& input);
  // What the node itself does; calls wrote(origin) for each handle that it writes to.
  template <class F>
  Result<bool> LookAt(const tf::Scope& scope, const tf::Function* function, const tf::Node& node, const F& wrote);

  const tf::Graph& graph_;
  const Registry& registry_;
  std::unordered_map<std::string, const tflower_lowering*> rows_;
  std::unordered_map<const tf::Function*, Summary> summaries_;
  std::unordered_map<const tf::Scope*, const tf::Function*> functions_;
  std::unordered_map<const tf::Scope*, std::vector<uint8_t>> touches_;  // by node: see Touches
  std::unordered_set<std::string> written_;
};

}  // namespace tflower::lower
