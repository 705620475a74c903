// The target graph: typed values and TFLite operators, one Subgraph per signature. The only IR between import and export.
//
// Values are typed the moment they exist. Operators are appended by the lowering and replaced by rules through Subgraph's few mutators,
// which keep users up to date; nobody edits the lists by hand. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ir/constant.h"
#include "ir/dim.h"
#include "ir/options.h"
#include "registry/registry.h"
#include "tflower/dtype.h"
#include "tflower/tfl_ops.h"

namespace tflower::ir {

struct Operator;

// One use of a value: operand `index` of `op`.
struct Use {
  Operator* op;
  uint32_t index;
};

// Contents of a small value that depend on unknown dimensions: bytes per world.
struct WorldBytes {
  std::vector<std::byte> world[kWorlds];
};

// Why a value could not be made: a failure of its own node, or the poisoned inputs that it depends on.
struct Poison {
  const Error* failure = nullptr;
  std::vector<const Poison*> causes;
};

struct Value {
  DType dtype = DType::kNone;
  std::vector<Dim> dims;
  ConstantRef constant;                  // set: all contents are known
  std::unique_ptr<WorldBytes> symbolic;  // set: contents are known per world
  Operator* producer = nullptr;          // null for inputs and constants
  uint32_t output_index = 0;
  std::vector<Use> users;                // operators only
  uint32_t graph_outputs = 0;            // times that it is an output of the subgraph
  std::string name;                      // the user's name for it
  // Not a tensor: a variable handle (resource = node name in the main graph), or poison (why it could not be made).
  std::string resource;
  const Poison* poison = nullptr;
  std::vector<float> scale;              // quantisation
  std::vector<int64_t> zero_point;
  int32_t quant_axis = 0;
  mutable uint32_t mark = 0;             // scratch of passes

  bool is_constant() const { return constant != nullptr; }
  bool is_poison() const { return poison != nullptr; }
  bool is_static() const {
    for (const Dim& d : dims) if (!d.known()) return false;
    return true;
  }
  std::vector<int64_t> Shape() const {  // -1 = unknown
    std::vector<int64_t> out;
    for (const Dim& d : dims) out.push_back(d.value());
    return out;
  }
};

struct Operator {
  int32_t code = 0;                // BuiltinOperator; 32 = CUSTOM
  std::string custom_code;
  OptionsRef options;              // the operator's struct of tfl_ops.h, or custom options
  std::vector<Value*> inputs;      // null = absent operand
  std::vector<uint32_t> use_index; // position of operand i in inputs[i]->users
  std::vector<Value*> outputs;
  uint64_t order = 0;              // where it stands; a replacement stands where the old one stood
  std::string node;                // TF node (user's name) that it was made for
  std::string_view plugin;         // provider of the lowering or rule
  std::string_view rule;           // rule that made it; empty = lowering
  bool dead = false;
};

struct SignatureTensor {
  std::string key;
  Value* value = nullptr;
};

class Subgraph {
 public:
  std::string name;
  std::string signature_key;               // empty: not a signature
  std::vector<SignatureTensor> inputs, outputs;

  Value* NewValue() { return &values_.emplace_back(); }
  // Appends an operator whose outputs are values without producer; registers it with its inputs.
  Operator* Append(std::unique_ptr<Operator> op);
  // All users of `old` (graph outputs too) read `value` from now on. Names of graph outputs move along.
  void ReplaceAllUses(Value* old, Value* value);
  // Removes `op` when nobody reads its results, and then what only it needed.
  void RemoveIfDead(Operator* op);
  void RemoveDead();
  // Takes back the operators appended after the first n, as far as nobody reads them.
  void Truncate(size_t n);
  // Live operators in an order in which every operator follows its producers, else as they were appended.
  std::vector<Operator*> Sorted() const;
  size_t num_operators() const { return operators_.size(); }
  const std::vector<std::unique_ptr<Operator>>& operators() const { return operators_; }
  std::deque<Value>& values() { return values_; }
  const std::deque<Value>& values() const { return values_; }

 private:
  std::deque<Value> values_;  // stable addresses
  std::vector<std::unique_ptr<Operator>> operators_;  // dead ones stay until the end
};

struct Model {
  std::vector<std::unique_ptr<Subgraph>> subgraphs;
  std::vector<std::string> notes;    // for the conversion report
};

}  // namespace tflower::ir
