// What a lowering or a rule sees in C++: Value (a typed value of the target graph), Node (a TF node with checked, complete
// attributes), Operator (an operator of the target graph). Views over the ABI's structs, valid during the callback.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tflower/abi.h"
#include "tflower/dtype.h"
#include "tflower/status.h"
#include "tflower/tfl_ops.h"

namespace tflower {

inline std::string_view View(tflower_str s) { return {s.data, s.size}; }

// A typed value. Null (an absent optional operand) when default-constructed.
class Value {
 public:
  Value() = default;
  explicit Value(const tflower_value* v) : v_(v) {}
  explicit operator bool() const { return v_ != nullptr; }
  bool operator==(const Value& other) const { return v_ == other.v_; }
  DType dtype() const { return static_cast<DType>(v_->dtype); }
  int rank() const { return v_->rank; }
  // -1 where not known before run time.
  std::span<const int64_t> dims() const { return {v_->dims, static_cast<size_t>(v_->rank)}; }
  int64_t dim(int i) const { return v_->dims[i < 0 ? i + v_->rank : i]; }
  // Equal keys mean equal dimensions at run time, also for unknown ones.
  uint64_t dim_key(int i) const { return v_->dim_keys[i < 0 ? i + v_->rank : i]; }
  bool is_static() const { return std::none_of(dims().begin(), dims().end(), [](int64_t d) { return d < 0; }); }
  int64_t num_elements() const {  // -1 when a dimension is not known
    int64_t n = 1;
    for (int64_t d : dims()) {
      if (d < 0) return -1;
      n *= d;
    }
    return n;
  }
  bool is_constant() const { return (v_->flags & TFLOWER_VALUE_CONSTANT) != 0; }
  bool is_resource() const { return (v_->flags & TFLOWER_VALUE_RESOURCE) != 0; }
  bool is_state() const { return (v_->flags & TFLOWER_VALUE_STATE) != 0; }
  bool is_list() const { return (v_->flags & TFLOWER_VALUE_LIST) != 0; }
  bool has_elements() const { return (v_->flags & (TFLOWER_VALUE_ELEMENTS | TFLOWER_VALUE_CONSTANT)) != 0; }
  bool is_quantized() const { return v_->quant_count != 0; }
  int64_t users() const { return static_cast<int64_t>(v_->users); }  // rules only
  bool SameShape(const Value& other) const {
    return rank() == other.rank() && std::equal(v_->dim_keys, v_->dim_keys + rank(), other.v_->dim_keys);
  }
  const tflower_value* abi() const { return v_; }

 private:
  const tflower_value* v_ = nullptr;
};

// A TF node, or a call of a composite function. Attributes are those of the row, checked, with defaults filled in.
class Node {
 public:
  Node(const tflower_node* node, const tflower_attr_def* defs) : node_(node), defs_(defs) {}
  std::string_view op() const { return View(node_->op); }
  std::string_view name() const { return View(node_->name); }
  int num_inputs() const { return static_cast<int>(node_->num_inputs); }
  int num_outputs() const { return static_cast<int>(node_->num_outputs); }
  Value Input(int i) const { return Value(node_->inputs[i]); }
  std::vector<Value> Inputs(int first = 0, int count = -1) const {
    std::vector<Value> out;
    for (int i = first; i < (count < 0 ? num_inputs() : first + count); ++i) out.push_back(Input(i));
    return out;
  }
  // Attribute `name` of the row; an attribute that the row does not have is our mistake (asserts).
  int64_t Int(std::string_view name) const { return Attr(name).ints[0]; }
  bool Bool(std::string_view name) const { return Attr(name).ints[0] != 0; }
  float Float(std::string_view name) const { return Attr(name).floats[0]; }
  std::string_view String(std::string_view name) const { return View(Attr(name).strs[0]); }
  DType Type(std::string_view name) const { return static_cast<DType>(std::max<int64_t>(Attr(name).ints[0], -1)); }
  std::span<const int64_t> Ints(std::string_view name) const { return {Attr(name).ints, Attr(name).count}; }
  std::span<const float> Floats(std::string_view name) const { return {Attr(name).floats, Attr(name).count}; }
  const tflower_attr& Attr(std::string_view name) const {
    for (uint32_t i = 0; i < node_->num_attrs; ++i)
      if (name == defs_[i].name) return node_->attrs[i];
    assert(false && "the row has no such attribute");
    return node_->attrs[0];
  }
  // What the model itself says of result i; dtype and rank -1 where it says nothing. Types of operators come from their kernels: this is
  // for custom operators whose kernel need not be installed (Builder::EmitCustom).
  tflower_type OutputType(int i) const {
    if (TFLOWER_HAS(node_, tflower_node, output_types) && node_->output_types != nullptr) return node_->output_types[i];
    return {sizeof(tflower_type), -1, -1, 0, {}};
  }
  // Of a handle's own node: its number among the model's handles.
  uint32_t handle_number() const { return node_->handle; }
  const tflower_node* abi() const { return node_; }
  const tflower_attr_def* attr_defs() const { return defs_; }

 private:
  const tflower_node* node_;
  const tflower_attr_def* defs_;
};

// An operator of the target graph, matched by a rule.
class Operator {
 public:
  Operator() = default;
  explicit Operator(const tflower_operator* op) : op_(op) {}
  explicit operator bool() const { return op_ != nullptr; }
  tfl::Builtin code() const { return static_cast<tfl::Builtin>(op_->code); }
  int num_inputs() const { return static_cast<int>(op_->num_inputs); }
  int num_outputs() const { return static_cast<int>(op_->num_outputs); }
  Value Input(int i) const { return i < num_inputs() ? Value(op_->inputs[i]) : Value(); }
  Value Output(int i = 0) const { return Value(op_->outputs[i]); }
  std::vector<Value> Inputs() const {
    std::vector<Value> out;
    for (int i = 0; i < num_inputs(); ++i) out.push_back(Input(i));
    return out;
  }
  // The operator's options: As<tfl::Conv2D>(). Asserts that it is that operator.
  template <class T> T As() const {
    assert(code() == T::kCode);
    T options;
    if constexpr (!std::is_empty_v<T>) std::memcpy(static_cast<void*>(&options), op_->options.data, std::min(sizeof(T), op_->options.size));
    return options;
  }
  const tflower_operator* abi() const { return op_; }

 private:
  const tflower_operator* op_ = nullptr;
};

// A graph that an operator calls: Builder::SubgraphOf.
class Subgraph {
 public:
  explicit Subgraph(const tflower_subgraph& graph) : graph_(graph) {}
  int num_inputs() const { return static_cast<int>(graph_.num_inputs); }
  int num_outputs() const { return static_cast<int>(graph_.num_outputs); }
  Value Input(int i) const { return Value(graph_.inputs[i]); }
  Value Output(int i) const { return Value(graph_.outputs[i]); }

 private:
  tflower_subgraph graph_;
};

}  // namespace tflower
