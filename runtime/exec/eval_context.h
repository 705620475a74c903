// EvalContext: the host's side of tflower_eval_ctx: takes a kernel's failure reports, resizes its dynamic outputs, and
// lends it the threads. One per thread that calls kernels; reused from call to call.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "buffer.h"
#include "session_objects.h"
#include "stop.h"
#include "tensor.h"
#include "tflower/abi.h"
#include "tflower/status.h"
#include "thread_pool.h"

namespace tflower::runtime {

// What a dynamic output writes to: its shape and its memory.
struct DynamicOutput {
  std::array<int64_t, TFLOWER_MAX_RANK> dims{};
  AlignedBuffer data;
  bool resized = false;  // by the kernel, during the present call
};

// Who is being called, for messages.
struct OpName {
  std::string_view op;    // "CONV_2D", or the custom code
  std::string_view node;  // the user's name for it; may be empty
};

class EvalContext : public tflower_eval_ctx {
 public:
  // pool: lent, may be null (one thread). max_bytes bounds every single dynamic output.
  // objects: the session's, null where there is no session (folding). stop: asked before each piece of a loop; null = never.
  // Kernels leave a loop whole where they have one thread: with a limit of time they are told that there are two.
  explicit EvalContext(ThreadPool* pool, uint64_t max_bytes = UINT64_MAX, SessionObjects* objects = nullptr, Stop* stop = nullptr);
  EvalContext(const EvalContext&) = delete;
  EvalContext& operator=(const EvalContext&) = delete;

  // Before each kernel call. dynamic[i] is where outputs[i] gets its memory, null (or beyond the end) where the shape is fixed;
  // no outputs where nothing may be resized (infer, prepare, pack). The spans must live until the call returns.
  void Begin(std::span<tflower_tensor* const> outputs = {}, std::span<DynamicOutput* const> dynamic = {});

  // Begins and calls the kernel's eval. Without a call when no output has an element: kernels would walk the other dimensions, which may
  // be any number, to write nothing. Then errors in the operands' contents go unnoticed, too.
  tflower_status Eval(const tflower_kernel& kernel, const tflower_op& op, std::span<DynamicOutput* const> dynamic, void* state,
                      const void* packed, void* scratch);

  // What a kernel's call came to: an error also when it was stopped, as its results are not whole then.
  tflower_status Finish(tflower_status status);

  // After a call that did not return TFLOWER_OK: what the kernel reported through api->fail, as an Error.
  Error TakeError(tflower_status status, const OpName& name, std::string_view phase);

  // The threads, for the host's own loops. After a stop, what is left of the loop is not run.
  void ParallelFor(int64_t n, int64_t grain, Parallel::Body body, void* user);

 private:
  friend struct EvalApi;
  struct Failure {
    uint32_t code = 0;
    std::string what, message, hint, source;
  };
  tflower_status Fail(uint32_t code, tflower_str what, tflower_str message, tflower_str hint,
                      tflower_str source) noexcept;
  tflower_status Resize(uint32_t index, int32_t rank, const int64_t* dims, uint64_t bytes) noexcept;

  ThreadPool* pool_;
  uint64_t max_bytes_;
  SessionObjects* objects_;
  Stop* stop_;
  std::span<tflower_tensor* const> outputs_;
  std::span<DynamicOutput* const> dynamic_;
  std::atomic<bool> failed_{false};  // the first report counts; bodies of one loop may fail on several threads
  std::unique_ptr<Failure> failure_;
};

}  // namespace tflower::runtime
