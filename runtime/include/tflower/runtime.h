// The tflower runtime: loads a .tflite model, plans it for the shapes at hand, and runs it.
//
//   auto kernels = OpenKernels();                                     // plugins beside the program
//   auto model = Model::FromFile("model.tflite", kernels.value());    // verified and mapped, shared by sessions
//   auto session = Session::Create(model.value(), {.threads = 2});
//   session.value()->SetInput(0, bytes);                              // or write into InputData(0)
//   session.value()->Invoke();
//   auto result = session.value()->OutputData(0);
//
// Everything that can fail returns Result or Status (tflower/status.h); errors name operator, node and what to do.
// Ownership: a Session keeps its Model, a Model keeps its kernels. Threads: a Model may be used from any thread; a Session from
// one at a time, except Cancel. Sessions of one model are independent: they run concurrently and share weights, packed or not.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tflower/dtype.h"
#include "tflower/status.h"

namespace tflower::runtime {

class KernelSource;  // runtime/plan/kernel_source.h; OpenKernels makes one
class ModelView;     // runtime/model/view.h: the decoded file, for tools

struct KernelOptions {
  std::vector<std::string> plugins;  // manifests, libraries or folders, searched before the standard places
};

// Finds plugins in the standard places; their libraries are opened when a model needs them. Errors: 4xx of `plugins`.
Result<std::shared_ptr<const KernelSource>> OpenKernels(const KernelOptions& options = {});

struct ModelOptions {
  // Also compare the checksum that tflower's converter writes at the end of a file (other files have none), so that damaged weights
  // are noticed. Reads the whole file: about 10 ms per 100 MB.
  bool verify_checksum = false;
};

class Model {
 public:
  // Maps and verifies the file, which must not be shortened while the model lives. Weights are not read, unless by verify_checksum.
  // Errors: kUnreadable, kUnknownFormat, kMalformed.
  static Result<std::shared_ptr<const Model>> FromFile(const std::string& path, std::shared_ptr<const KernelSource> kernels,
                                                       const ModelOptions& options = {});
  // Borrows the bytes, which must outlive the model; they are copied if they are not 16-byte aligned.
  static Result<std::shared_ptr<const Model>> FromBytes(std::span<const std::byte> bytes,
                                                        std::shared_ptr<const KernelSource> kernels);
  ~Model();

  // Keys, in the file's order; empty when the model has no signatures.
  std::vector<std::string_view> Signatures() const;
  const ModelView& view() const;

  uint64_t file_bytes() const;
  uint64_t packed_bytes() const;  // weights in the kernels' layout, made so far by all sessions
  uint64_t folded_bytes() const;  // results of constant operators, likewise
  uint64_t load_ns() const;       // mapping, verifying, decoding

  struct Impl;  // exec/model_impl.h

 private:
  friend class Session;
  explicit Model(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The limits are for models that nobody vouches for, and for services that must answer in time; what passes one ends with kLimit.
struct SessionOptions {
  int threads = 1;         // the caller's included
  std::string signature;   // "" = serving_default, else the first, else subgraph 0 of a model without signatures
  uint64_t max_bytes = 0;  // bound on the arena and on any single tensor; 0 = the machine's memory
  // Operators that one Invoke may run, those of called subgraphs and each round of a loop counted every time; 0 = any number.
  uint64_t max_operators = 0;
  // Of one Invoke, and of one Prepare; 0 = any time. Looked at before every operator and between the pieces of its parallel loops, so an
  // operator that works on one thread by nature (NON_MAX_SUPPRESSION, UNIQUE) is finished first.
  std::chrono::nanoseconds max_time{0};
  // No memory is used twice and no operator is fused, so that TensorData has every result. Costs memory and time: for debuggers.
  bool keep_tensors = false;
};

// An input or output. Views live as long as the Model; shapes are copies.
struct TensorInfo {
  std::string_view name;  // in the signature; the tensor's own without one
  std::string_view tensor_name;
  DType dtype = DType::kNone;
  std::vector<int64_t> shape;            // at present; -1 where an output's is known only after Invoke
  std::vector<int64_t> shape_signature;  // as the model declares it, -1 = any
  std::span<const float> scale;          // empty = not quantised; real = scale * (stored - zero_point)
  std::span<const int64_t> zero_point;
  int32_t quantized_dimension = 0;
};

struct SessionStats {
  uint64_t arena_bytes = 0;   // activations and scratch, of all subgraphs in use
  uint64_t packed_bytes = 0;  // of this session alone; the model's are in Model::packed_bytes
  uint64_t plan_ns = 0;       // choosing kernels, inferring, packing: the last Prepare that had to plan
  uint64_t operators = 0;     // that the last Invoke ran, as max_operators counts them
};

// One operator that has just run, for profiles. The names live as long as the call of the hook.
struct OperatorEvent {
  std::string_view op;    // "CONV_2D"; "CONV_2D + ADD" where one kernel computed both
  std::string_view node;  // the name of its first output
  int32_t code = 0;       // BuiltinOperator
  uint32_t subgraph = 0;
  uint32_t index = 0;     // in the subgraph
  uint64_t start_ns = 0;  // since Invoke began
  uint64_t ns = 0;        // it took; of an operator that calls subgraphs: all of them
  uint64_t bytes = 0;     // of its operands and results, weights included
};
// Called by Invoke after every operator, also after one that failed. Operators of called subgraphs are reported too, before the operator that
// calls them. What the planner left out (reshapes that only rename, what is constant) is not reported.
using OperatorHook = std::function<void(const OperatorEvent& event)>;

// A result of an operator, right after it ran; later operators may reuse its memory. Operators that the planner left out (reshapes, what is
// constant) are not reported.
struct OperatorResult {
  uint32_t subgraph = 0;
  std::string_view op;    // "CONV_2D"
  std::string_view name;  // of the tensor
  DType dtype = DType::kNone;
  std::span<const int64_t> shape;
  std::span<const std::byte> bytes;
};
using ResultHook = std::function<void(const OperatorResult& result)>;

class Session {
 public:
  // Does not plan yet. Errors: kNotFound for a signature that the model does not have; kUsage for threads < 1.
  static Result<std::unique_ptr<Session>> Create(std::shared_ptr<const Model> model,
                                                 const SessionOptions& options = {});
  ~Session();

  // Changes to another signature; variables persist. kNotFound.
  Status Select(std::string_view signature);

  // In the signature's order, else the subgraph's.
  size_t num_inputs() const;
  size_t num_outputs() const;
  // Requires index < num_inputs() (num_outputs()).
  TensorInfo InputInfo(size_t index) const;
  TensorInfo OutputInfo(size_t index) const;
  // By name in the signature, else by tensor name, else by position ("0"). kNotFound lists the names that there are.
  Result<size_t> FindInput(std::string_view name) const;
  Result<size_t> FindOutput(std::string_view name) const;

  // Gives an input another shape. Contents of all inputs are lost, and the next use plans again; the plans of the last few sets
  // of shapes are kept. kInvalidOperand: the signature fixes a dimension otherwise, or the shape is none.
  Status Resize(size_t input, std::span<const int64_t> dims);
  // Plans for the present shapes, unless that is done; everything below does it when needed.
  // Errors: kMissingKernel, kernels' refusals, kInvalidGraph, kUnsupportedType, kLimit.
  Status Prepare();

  // The input's memory, to be written by the caller; 64-byte aligned. Its contents outlast Invoke. kUsage for strings.
  Result<std::span<std::byte>> InputData(size_t input);
  // Copies into the input. Strings: TFLite's packed layout, any size. kInvalidOperand when the size is wrong. Bools must be 0 or 1: Invoke checks it.
  Status SetInput(size_t input, std::span<const std::byte> bytes);
  // Runs the subgraph. Errors: those of Prepare; kInvalidOperand and others from kernels; kLimit when it was cancelled or a limit of
  // SessionOptions was reached. After an error there are no outputs, variables have what was assigned before it, and the session can go on.
  Status Invoke();
  // Results of the last Invoke, valid until the next Invoke, Resize or Select. Empty before the first.
  std::span<const std::byte> OutputData(size_t output) const;

  // The tensors of the signature's subgraph, by their index in the file; all require tensor < num_tensors().
  size_t num_tensors() const;
  Result<size_t> FindTensor(std::string_view name) const;  // the first of that name; kNotFound
  TensorInfo TensorInfoAt(size_t tensor) const;            // its shape is -1 where it is known only after Invoke
  // What the last Invoke left in it; valid as OutputData. kUsage: nothing was invoked, the tensor is used by nobody, or it needs
  // SessionOptions::keep_tensors (constants and variables do not). Tensors of other subgraphs: SetResultHook.
  Result<std::span<const std::byte>> TensorData(size_t tensor) const;

  // Variables become zero or unassigned, as in a new session.
  void ResetVariables();
  // From any thread: the running Invoke (or Prepare), or else the next, ends with kLimit: before its next operator, and with several threads
  // or a max_time before the next piece of a parallel loop. Once: the one behind it runs again.
  void Cancel();
  void SetOperatorHook(OperatorHook hook);  // empty = none
  // Likewise. Every operator computes its result while there is one, so the session plans anew: contents of inputs are lost.
  void SetResultHook(ResultHook hook);
  SessionStats Stats() const;

 private:
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tflower::runtime
