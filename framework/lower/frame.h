// Frame: one activation of a scope (the main graph, or a function's body at a call) with the values of its nodes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "import/tf_graph.h"
#include "ir/graph.h"

namespace tflower::lower {

class Frame {
 public:
  Frame(const tf::Scope& scope, std::string_view function, std::vector<ir::Value*> args, int depth);

  enum class State : uint8_t { kNew, kActive, kDone };
  const tf::Scope& scope() const { return scope_; }
  std::string_view function() const { return function_; }
  int depth() const { return depth_; }
  State state(int32_t node) const { return states_[static_cast<size_t>(node)]; }
  void set_state(int32_t node, State s) { states_[static_cast<size_t>(node)] = s; }

  // Outputs that somebody reads, at least 1.
  uint32_t outputs_read(int32_t node) const { return outputs_read_[static_cast<size_t>(node)]; }
  void Set(int32_t node, std::vector<ir::Value*> outputs) {
    values_[static_cast<size_t>(node)] = std::move(outputs);
    set_state(node, State::kDone);
  }
  // Null when the node did not make this output.
  ir::Value* Get(const tf::Input& in) const;
  ir::Value* Get(int32_t node, int32_t output) const;

 private:
  const tf::Scope& scope_;
  std::string_view function_;
  int depth_;
  std::vector<ir::Value*> args_;
  std::vector<State> states_;
  std::vector<uint32_t> outputs_read_;
  std::vector<std::vector<ir::Value*>> values_;
};

}  // namespace tflower::lower
