// Plan: one subgraph made ready for one set of input shapes: a kernel and its state per operator, tensors with their places in
// memory, and the order of steps. Made by MakePlan, run by exec/runner.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "../exec/eval_context.h"
#include "../exec/one_op.h"
#include "../exec/tensor.h"
#include "../model/mapped_file.h"
#include "../model/view.h"
#include "kernel_source.h"
#include "shared_constants.h"
#include "tflower/abi.h"

namespace tflower::runtime {

// Where a tensor's bytes are.
enum class Place : uint8_t {
  kNone,      // nobody reads or writes it
  kConstant,  // in the file, in SharedConstants, or in the plan
  kVariable,  // in the session: survives invocations and other plans
  kArena,     // in the arena
  kHeap,      // in its own block, as its size is known only when it is computed
};

enum class StepKind : uint8_t {
  kKernel,  // prepared; eval is all that is left
  kLate,    // operand shapes are known only when it runs: inferred and prepared then
  kHost,    // variables and calls: done by the runtime itself (exec/host_ops)
};

// A kernel with its state for one operator and one set of shapes.
class PreparedKernel {
 public:
  PreparedKernel() = default;
  PreparedKernel(PreparedKernel&& other) noexcept { *this = std::move(other); }
  PreparedKernel& operator=(PreparedKernel&& other) noexcept {
    std::swap(kernel_, other.kernel_);
    std::swap(prepared_, other.prepared_);
    std::swap(prepared_ok_, other.prepared_ok_);
    std::swap(own_packed_, other.own_packed_);
    std::swap(packed_, other.packed_);
    return *this;
  }
  ~PreparedKernel() { Release(); }

  // Releases the former state. op's constants have data, other tensors none.
  Status Prepare(const tflower_kernel& kernel, EvalContext& context, const tflower_op& op, const OpName& name);
  // Gets the packed constants, shared when all constants are the model's (`shared` not null), else its own.
  Status Pack(EvalContext& context, const tflower_op& op, const OpName& name, SharedConstants* shared, OperatorId id,
              uint64_t max_bytes);
  void Release();

  const tflower_kernel* kernel() const { return kernel_; }
  void* state() const { return prepared_.state; }
  const void* packed() const { return packed_; }
  uint64_t packed_bytes() const { return kernel_ != nullptr && kernel_->pack != nullptr ? prepared_.packed_bytes : 0; }
  uint64_t own_packed_bytes() const { return own_packed_.capacity(); }
  uint64_t scratch_bytes() const { return prepared_.scratch_bytes; }

 private:
  const tflower_kernel* kernel_ = nullptr;
  tflower_prepared prepared_{};
  bool prepared_ok_ = false;
  AlignedBuffer own_packed_;
  const void* packed_ = nullptr;
};

// What a late step was prepared for, and its memory.
struct LateState {
  const tflower_kernel* row = nullptr;
  std::vector<const tflower_kernel*> others;  // candidates for when it declines
  std::vector<TensorType> operands;  // of inputs, then outputs
  AlignedBuffer scratch;
};

struct Step {
  StepKind kind = StepKind::kKernel;
  uint32_t index = 0;  // of the operator in its subgraph
  const OperatorView* view = nullptr;
  std::string fused;  // " + ADD": the operators behind it that the kernel computes as well
  PreparedKernel kernel;
  tflower_op op = {};                       // operand pointers lead into Plan::tensors
  std::span<DynamicOutput* const> dynamic;  // per output, null where fixed; empty when all are
  void* scratch = nullptr;
  bool constants_shared = false;  // all its constant operands are the model's own
  std::unique_ptr<LateState> late;
};

struct Plan {
  const SubgraphView* subgraph = nullptr;
  uint32_t subgraph_index = 0;
  std::vector<TensorType> types;        // per tensor
  std::vector<tflower_tensor> tensors;  // per tensor; dims lead into types or heap
  std::vector<Place> places;            // per tensor
  std::vector<int32_t> blocks;          // per tensor: its block of the arena; -1 = none
  std::vector<Step> steps;              // in order
  uint64_t arena_bytes = 0;
  std::vector<uint64_t> block_offsets;    // per block
  std::vector<uint64_t> scratch_offsets;  // per step

  std::vector<tflower_tensor*> operands;         // what Step::op points to
  std::deque<tflower_tensor> intermediates;             // type and quantisation only
  std::vector<const tflower_tensor*> intermediate_ptrs;  // what Step::op points to
  std::vector<DynamicOutput*> dynamic;           // what Step::dynamic points to
  std::deque<DynamicOutput> heap;                // blocks of kHeap tensors
  std::vector<DynamicOutput*> heap_of;           // per tensor; null when not on the heap
  std::vector<std::vector<OwnedTensor>> folded;  // results that hold for these shapes only

  // Points tensors and scratch into an arena of arena_bytes, 64-byte aligned.
  void Bind(std::byte* arena);
  // Of plan-owned packed weights.
  uint64_t OwnPackedBytes() const;
};

// What planning needs to know and may use.
struct PlanRequest {
  const ModelView* model = nullptr;
  const MappedFile* file = nullptr;  // where the model's constants are mapped from; may be null
  uint32_t subgraph = 0;
  std::span<const TensorType> inputs;  // as many as the subgraph has
  const KernelSource* kernels = nullptr;
  SharedConstants* shared = nullptr;
  ThreadPool* pool = nullptr;
  uint64_t max_bytes = UINT64_MAX;
  bool keep_results = false;  // every operator's results are computed, none is left out by fusing
  bool keep_tensors = false;  // and stay until the end: no memory is used twice
  Stop* stop = nullptr;       // asked before every operator; null = never
};

// Chooses kernels, infers types, evaluates constant operators, prepares, packs and lays out memory. Errors: kMissingKernel naming
// operator, node, version and dtypes; kernels' refusals with op and node; kInvalidGraph when declared and inferred types
// differ; kUnsupportedType for block-quantised operands; kLimit, also when stopped.
Result<std::unique_ptr<Plan>> MakePlan(const PlanRequest& request);

// What to call an operator in messages: its name, and its first output's.
OpName NameOf(const SubgraphView& subgraph, const OperatorView& op);
// What the model declares of an output.
DeclaredOutput Declared(const SubgraphView& subgraph, int32_t tensor);
// The error with operator, node and position, where it does not have them yet.
Error LocateError(Error error, const Plan& plan, uint32_t index);

}  // namespace tflower::runtime
