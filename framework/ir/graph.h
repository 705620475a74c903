// The target graph: typed values and TFLite operators, one Subgraph per signature, and one per branch, condition or loop body. The only IR
// between import and export.
//
// Values are typed the moment they exist. Operators are appended by the lowering and replaced by rules through Subgraph's few mutators,
// which keep users up to date; nobody edits the lists by hand. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
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
struct Value;
class Subgraph;

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

// A list of tensors of one type and shape, as a dense tensor. items == null: nothing was written to it yet, so it may not even have a shape.
struct List {
  DType dtype = DType::kNone;
  std::optional<std::vector<Dim>> element;  // dims of an element, as far as known
  Value* items = nullptr;                   // [length, element...]
  Value* length = nullptr;                  // int32 scalar; null when items is set
  bool grows = false;                       // a write behind the end makes it longer
};

// What is known of a value's rank, the size of its `dims`.
enum class Rank : uint8_t {
  kFixed,
  kOpen,     // another in another lowering of the model (lower/any_rank.h): RANK and SHAPE are not folded
  kUnknown,  // of a custom operator's result; dims are empty
};

struct Value {
  DType dtype = DType::kNone;
  std::vector<Dim> dims;
  Rank rank = Rank::kFixed;
  ConstantRef constant;                  // set: all contents are known
  std::unique_ptr<WorldBytes> symbolic;  // set: contents are known per world
  uint64_t structure = 0;                // equal where the same is computed from the same values; 0: not asked for yet (lower/typer)
  Operator* producer = nullptr;          // null for inputs and constants
  uint32_t output_index = 0;
  std::vector<Use> users;                // operators only
  uint32_t graph_outputs = 0;            // times that it is an output of the subgraph
  std::string name;                      // the user's name for it
  // Not a tensor: a handle (resource = name of its node in the main graph), a list, or poison (why it could not be made).
  std::string resource;
  std::unique_ptr<List> list;
  const Poison* poison = nullptr;
  std::vector<float> scale;              // quantisation
  std::vector<int64_t> zero_point;
  int32_t quant_axis = 0;
  bool state = false;                    // of the one operator that takes it, which changes it: is_variable in the file
  std::vector<bool> open;                // of an input: dims that the model leaves open, also where one size only fits

  bool is_constant() const { return constant != nullptr; }
  bool is_poison() const { return poison != nullptr; }
  bool is_handle() const { return !resource.empty(); }
  bool is_tensor() const { return poison == nullptr && resource.empty() && list == nullptr; }
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

// What an operator does beside computing its results. Operators with an effect keep their order; those that write are never dead.
enum class Effect : uint8_t { kNone, kReads, kWrites };

struct Operator {
  int32_t code = 0;                // BuiltinOperator; 32 = CUSTOM
  std::string custom_code;
  OptionsRef options;              // the operator's struct of tfl_ops.h, or custom options
  std::vector<Value*> inputs;      // null = absent operand
  std::vector<uint32_t> use_index; // position of operand i in inputs[i]->users
  std::vector<Value*> outputs;
  std::vector<Subgraph*> bodies;   // what it calls, in the order of its options: then and else, condition and body, initialiser
  Effect effect = Effect::kNone;
  uint64_t order = 0;              // where it stands; a replacement stands where the old one stood
  std::string node;                // TF node (user's name) that it was made for
  std::string_view plugin;         // provider of the lowering or rule
  std::string_view rule;           // rule that made it; empty = lowering
  bool dead = false;
  // Scratch of Sorted.
  uint32_t waiting = 0;
  Operator* next_effect = nullptr;
};

// Gives an operator its state: what it computes must not be shared, moved or known in advance.
inline bool FillsState(const Operator& op) {
  for (const Value* v : op.outputs) if (v->state) return true;
  return false;
}
inline bool TakesState(const Operator& op) {
  for (const Value* v : op.inputs) if (v != nullptr && v->state) return true;
  return false;
}

inline bool IsIf(const Operator& op) { return op.code == static_cast<int32_t>(tfl::Builtin::IF) && op.bodies.size() == 2; }
inline bool IsWhile(const Operator& op) { return op.code == static_cast<int32_t>(tfl::Builtin::WHILE) && op.bodies.size() == 2; }

// Bytes of a dense tensor in one world; UINT64_MAX when they do not fit.
uint64_t BytesOf(DType dtype, std::span<const Dim> dims, int world);

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
  // One of the type, quantisation and name of a value, perhaps of another subgraph.
  Value* NewLike(const Value& v);
  // Appends an operator whose outputs are values without producer; registers it with its inputs.
  Operator* Append(std::unique_ptr<Operator> op);
  // All users of `old` (graph outputs too) read `value` from now on. Names of graph outputs move along.
  void ReplaceAllUses(Value* old, Value* value);
  // Removes `op` when nobody reads its results, and then what only it needed.
  void RemoveIfDead(Operator* op);
  void RemoveDead();
  // Takes back the operators appended after the first n, as far as nobody reads them.
  void Truncate(size_t n);
  // Drops the operators appended after the first n, whoever reads them; or one operator, which nobody may read.
  void DropFrom(size_t n);
  static void Drop(Operator* op);
  // Live operators in an order in which every operator follows its producers, else as they were appended.
  std::vector<Operator*> Sorted() const;
  // The strongest effect of an operator.
  Effect effect() const;
  size_t num_operators() const { return operators_.size(); }
  const std::vector<std::unique_ptr<Operator>>& operators() const { return operators_; }
  // Drops input i, which nobody may read, or output i.
  void RemoveInput(size_t i) { inputs.erase(inputs.begin() + static_cast<std::ptrdiff_t>(i)); }
  void RemoveOutput(size_t i);
  // An operator's operand or result i is no more.
  static void RemoveOperand(Operator* op, size_t i);
  static void RemoveResult(Operator* op, size_t i);
  // Adds an operand, or a result, to an operator.
  static void AddOperand(Operator* op, Value* v);
  static void AddResult(Operator* op, Value* v);
  std::deque<Value>& values() { return values_; }
  const std::deque<Value>& values() const { return values_; }

 private:
  std::deque<Value> values_;  // stable addresses
  std::vector<std::unique_ptr<Operator>> operators_;  // dead ones stay until the end
};

struct Model {
  std::vector<std::unique_ptr<Subgraph>> subgraphs;  // signatures first, then what they call
  std::vector<std::string> notes;    // for the conversion report

  // Drops the subgraphs that no signature leads to.
  void RemoveUncalled();
};

}  // namespace tflower::ir
