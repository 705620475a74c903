// tf::Graph: a TensorFlow model as read: nodes, functions, signatures, variables and assets, as views into its files.
//
// Read-only, in TensorFlow's own words. Every string_view points into memory that the Graph owns and lives as long as it (or
// the Graph that it was moved to). Thread-safety: one thread at a time, because functions and variables are read when first
// asked for; TensorData and decoded attributes may then be used from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "import/attr.h"
#include "import/dtype.h"
#include "import/tensor_data.h"
#include "tflower/status.h"

namespace tflower::tf {

// Where a tensor (or a control edge) comes from, resolved within one Scope.
struct Input {
  std::string_view ref;  // as written: "node", "node:1", "^node"; in functions "arg", "node:out_arg:0", "^node"
  int32_t node = -1;     // index into the scope's nodes, or -1: it is a function argument
  int32_t arg = -1;      // index into the function's args, or -1: it is a node
  int32_t output = 0;    // flat output number of the node ("node:1" in GraphDef); -1 for a control edge. In functions
                         // "out_arg:k" is turned into this number with the op's output list
};

struct Node {
  std::string_view name, op, device;
  std::span<const Input> inputs;          // data inputs, in order
  std::span<const Input> control_inputs;  // the "^node" ones: node or, in functions, arg is set
  std::span<const Attr> attrs;            // order as in the file (random: it is a map). Attributes equal to the op's default are
                                          // usually absent: see OpDef
  // The attribute, or null when the node does not carry it.
  const Attr* Find(std::string_view attr) const;
};

// The nodes of the main graph, or of one function's body. Names are unique within it and all inputs exist (checked). TF1 control flow has
// become If and While nodes (see control_flow_v1.h); those have no names that FindNode knows.
class Scope {
 public:
  Scope() = default;
  Scope(Scope&&) = default;  // nodes refer to the other members' storage, which moves along; copies would not
  Scope& operator=(Scope&&) = default;
  std::span<const Node> nodes() const { return nodes_; }
  const Node* FindNode(std::string_view name) const;  // null when there is none
  // Index of `node` (which must be of this scope) in nodes().
  size_t IndexOf(const Node& node) const { return static_cast<size_t>(&node - nodes_.data()); }
  // Why this node cannot be had, when its part of TF1 control flow could not be made functional; else null.
  const Error* FindProblem(int32_t node) const {
    const auto found = problems_.find(node);
    return found == problems_.end() ? nullptr : &found->second;
  }

 private:
  friend class ScopeBuilder;
  friend struct Draft;
  std::optional<uint32_t> FindIndex(std::string_view name) const;
  std::vector<Node> nodes_;
  std::vector<Input> inputs_;    // storage behind Node::inputs and Node::control_inputs
  std::vector<Attr> attrs_;      // storage behind Node::attrs
  std::vector<uint32_t> slots_;  // open-addressing table of node indices by name
  std::unordered_map<int32_t, Error> problems_;
};

// One argument or output of a function or op (OpDef.ArgDef). dtype is kInvalid when an attribute gives the type.
struct ArgDef {
  std::string_view name;
  DataType dtype = DataType::kInvalid;
  std::string_view type_attr, number_attr, type_list_attr;
};

struct Function {
  std::string_view name;
  std::vector<ArgDef> args;
  std::vector<ArgDef> outputs;
  std::vector<Input> results;          // results[i] is what outputs[i] returns, resolved in body
  std::vector<Input> control_results;  // nodes that must run (control_ret): state writes hang here
  Scope body;
  std::vector<Attr> attrs;                   // of the function: _implements, api_implements, _input_shapes...
  std::vector<std::vector<Attr>> arg_attrs;  // per argument (same length as args): _user_specified_name, _output_shapes...

  const Attr* Find(std::string_view attr) const;
};

// What the model's own op list says of an op: output numbering and the defaults of absent attributes.
struct OpDef {
  struct AttrDef {
    std::string_view name, type;
    Attr default_value;  // value empty: the attribute has no default and must be on the node
  };
  std::string_view name;
  std::vector<ArgDef> inputs, outputs;
  std::vector<AttrDef> attrs;
  bool stateful = false;
};

struct TensorInfo {
  enum class Encoding { kDense, kSparse, kComposite };  // only dense ones name a tensor
  std::string key;   // the signature's name for it
  std::string name;  // tensor in the main graph: "node:0"
  DataType dtype = DataType::kInvalid;
  PartialShape shape;
  Encoding encoding = Encoding::kDense;
  int32_t node = -1;   // index into Graph::nodes() of the tensor; -1 unless dense
  int32_t output = 0;
};

struct Signature {
  std::string key;          // "serving_default"
  std::string method_name;  // "tensorflow/serving/predict"
  std::vector<TensorInfo> inputs, outputs;  // sorted by key (for --inputs/--outputs: in the order asked for)
};

// A variable node of the main graph and the checkpoint tensor that is its value.
class Variable {
 public:
  virtual ~Variable() = default;
  std::string_view node;       // VarHandleOp, VariableV2 or Variable
  DataType dtype = DataType::kInvalid;
  std::vector<int64_t> dims;   // of the stored value (the node's `shape` attribute may be less specific)
  std::string checkpoint_key;  // empty for a variable that holds an asset's path

  // Reads the value's bytes once and compares CRC32C, string lengths and sizes: kMalformed names tensor and file. Cheap when
  // repeated. Also faults the pages in.
  virtual Status Verify() const = 0;
  // The value, verified (the first time). Mapped, except when stored slices had to be joined.
  virtual Result<TensorData> Data() const = 0;
  // The value without the checksum pass (bounds are checked all the same): for looking only, never for export.
  virtual Result<TensorData> UncheckedData() const = 0;
};

class Graph {
 public:
  struct Impl;
  explicit Graph(std::unique_ptr<Impl> impl);
  Graph(Graph&&) noexcept;
  Graph& operator=(Graph&&) noexcept;
  ~Graph();

  const std::string& path() const;  // as given to LoadModel
  bool is_saved_model() const;      // false: a GraphDef
  int producer_version() const;     // GraphDef.versions.producer, 0 when absent
  const std::string& tensorflow_version() const;  // of the writer, "" when not recorded

  const Scope& main() const;
  std::span<const Node> nodes() const { return main().nodes(); }
  const Node* FindNode(std::string_view name) const { return main().FindNode(name); }

  // What was chosen by LoadOptions, sorted by key.
  const std::vector<Signature>& signatures() const;

  // A library function, parsed now if it is the first time; the pointer is stable. Everything that it calls, directly or not,
  // is parsed and checked with it. kInvalidGraph: not in the library, or breaks the rules of a scope; kUnsupportedGraph: calls
  // itself; kLimit: calls nested deeper than 1536, or the inlined body would exceed 50 million nodes; kMalformed.
  Result<const Function*> FindFunction(std::string_view name) const;
  bool HasFunction(std::string_view name) const;
  std::vector<std::string_view> FunctionNames() const;  // in file order, bodies not parsed

  // The value of a variable node of the main graph. kUnboundVariable: nothing in the checkpoint belongs to it; kMalformed:
  // the checkpoint is damaged or contradicts the node's dtype or shape; kInvalidGraph: not a variable, or the object graph and
  // the restore function bind different contents to it.
  Result<const Variable*> FindVariable(std::string_view node_name) const;

  // Compares the checksum of every tensor in the checkpoint, also of those that nothing reads (a Keras export stores each
  // weight twice): about 10 ms per 100 MB. kMalformed; kUnreadable; Ok when the model has no checkpoint.
  Status VerifyCheckpoint() const;

  // Path of the file (inside the model's assets folder) whose name the tensor "node:0" or node carries; null: no asset.
  const std::string* FindAsset(std::string_view tensor_or_node) const;
  // Whether it is the path of an asset's file.
  bool IsAssetFile(std::string_view path) const;

  // Node that initialises tables and assets when the model is loaded; null when there is none.
  const Node* init_op() const;

  // The op as the model's stripped op list describes it; null when the model does not (frozen graphs have no list).
  const OpDef* FindOpDef(std::string_view op) const;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace tflower::tf
