// Runner: executes one subgraph for a session: keeps the plans of the last few input shapes, their arena, and runs the steps.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "../model/loader.h"
#include "../plan/plan.h"
#include "tflower/runtime.h"
#include "variables.h"

namespace tflower::runtime {

class Runner;

// What all runners of one session share. Thread: one at a time, `stop` from any.
struct SessionState {
  SessionState(const LoadedModel& loaded, const KernelSource& kernels, SharedConstants& shared, const SessionOptions& options)
      : model(loaded.view()),
        file(loaded.file()),
        kernels(kernels),
        shared(shared),
        pool(options.threads),
        stop(options.max_operators, options.max_time),
        context(&pool, options.max_bytes, &objects, &stop),
        max_bytes(options.max_bytes),
        keep_tensors(options.keep_tensors),
        runners(model.subgraphs().size()) {}

  const ModelView& model;
  const MappedFile& file;
  const KernelSource& kernels;
  SharedConstants& shared;
  ThreadPool pool;
  SessionObjects objects;
  Stop stop;
  EvalContext context;
  uint64_t max_bytes;
  bool keep_tensors;
  Variables variables;
  OperatorHook hook;
  ResultHook result_hook;
  std::vector<std::unique_ptr<Runner>> runners;  // per subgraph, made when first used

  Runner& RunnerOf(uint32_t subgraph);
};

class Runner {
 public:
  Runner(SessionState& session, uint32_t subgraph);

  const SubgraphView& subgraph() const { return subgraph_; }
  size_t num_inputs() const { return subgraph_.inputs.size(); }
  const TensorType& InputType(size_t input) const { return inputs_[input]; }

  // Another shape for an input; planned at the next Prepare. Errors: kInvalidOperand for negative dims or rank above 16.
  Status Resize(size_t input, std::span<const int64_t> dims);
  // The same for users: kInvalidOperand also where the model has a dynamic shape and fixes a dimension of it otherwise.
  Status ResizeChecked(size_t input, std::span<const int64_t> dims);
  // Makes or finds the plan for the present input shapes. Contents of inputs are lost when it changes.
  Status Prepare();
  // Prepares, then runs all steps. Errors: those of planning and of kernels; kLimit when stopped.
  Status Invoke();

  // After Prepare. Tensors live until the next Prepare that changes shapes.
  const tflower_tensor& Input(size_t input) const { return TensorAt(subgraph_.inputs[input]); }
  const tflower_tensor& Output(size_t output) const { return TensorAt(subgraph_.outputs[output]); }
  const tflower_tensor& TensorAt(int32_t tensor) const { return plan_->tensors[static_cast<size_t>(tensor)]; }
  Place PlaceOf(int32_t tensor) const { return plan_->places[static_cast<size_t>(tensor)]; }
  bool IsOnHeap(int32_t tensor) const { return plan_->places[static_cast<size_t>(tensor)] == Place::kHeap; }
  // Copies bytes into an input; for strings this also sets its size.
  Status SetInput(size_t input, const void* data, uint64_t bytes);
  // The memory of an input that is not on the heap, for callers that write it in place, whenever they like until the next Prepare that changes shapes.
  std::span<std::byte> ShareInput(size_t input);

  // What the next Prepare makes is new; contents of inputs are lost.
  void ForgetPlans();

  bool prepared() const { return plan_ != nullptr; }
  uint64_t arena_bytes() const { return arena_.capacity(); }
  uint64_t own_packed_bytes() const { return plan_ == nullptr ? 0 : plan_->OwnPackedBytes(); }

 private:
  // What is known of an input's bools: kShared memory may be written at any time.
  enum class Bools : uint8_t { kNew, kChecked, kShared };
  struct CachedPlan {
    std::vector<TensorType> inputs;
    std::unique_ptr<Plan> plan;
  };

  Status Activate();
  Status BindVariables();
  Status CheckBools();
  Status RunStep(Step& step);
  Status RunKernel(Step& step);
  Status RunProfiled(Step& step);
  void ReportOperator(const Step& step, Stop::Clock::time_point start, Stop::Clock::time_point end) const;
  void ReportResults(const Step& step) const;

  SessionState& session_;
  const SubgraphView& subgraph_;
  uint32_t index_;
  std::vector<TensorType> inputs_;
  std::vector<Bools> bools_;     // of each input
  std::list<CachedPlan> plans_;  // latest used first
  Plan* plan_ = nullptr;         // of the present shapes, bound; null = Prepare must look
  AlignedBuffer arena_;
};

}  // namespace tflower::runtime
