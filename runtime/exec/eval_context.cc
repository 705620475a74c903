// EvalContext: failure reports, dynamic outputs and threads for kernels.
#include "eval_context.h"

#include <cstdio>
#include <algorithm>
#include <new>
#include <optional>

namespace tflower::runtime {
namespace {

std::string Text(tflower_str s) { return s.data == nullptr ? std::string() : std::string(s.data, s.size); }

tflower_str Str(std::string_view s) { return {s.data(), s.size()}; }

// A plugin's number as one of our codes; what is none of them is not trusted.
Code ToCode(uint32_t code) {
  const auto named = static_cast<Code>(code);
  const bool known = (named >= Code::kUnreadable && named <= Code::kInvalidGraph) || (named >= Code::kUnsupportedOp && named <= Code::kDeclined) ||
                     named == Code::kLimit;
  return known && code <= UINT16_MAX ? named : Code::kInternal;
}

// Variables with elements are something else to change than the outputs; so is what an impure kernel changes, which are its variables if it has any.
bool ComputesNothing(const tflower_kernel& kernel, const tflower_op& op) {
  const auto empty = [](const tflower_tensor* t) { return t->size_bytes == 0 && (t->flags & TFLOWER_TENSOR_DYNAMIC) == 0; };
  const auto variable = [](const tflower_tensor* t) { return t != nullptr && (t->flags & TFLOWER_TENSOR_VARIABLE) != 0; };
  const auto state = [&](const tflower_tensor* t) { return variable(t) && t->size_bytes != 0; };
  const std::span inputs(op.inputs, op.num_inputs);
  return op.num_outputs != 0 && std::all_of(op.outputs, op.outputs + op.num_outputs, empty) && std::ranges::none_of(inputs, state) &&
         ((kernel.flags & TFLOWER_KERNEL_IMPURE) == 0 || std::ranges::any_of(inputs, variable));
}

// A loop's body that asks before each piece whether to go on. Where time is limited, pieces are as short as the grain allows.
struct StoppableLoop {
  Stop* stop;
  int64_t grain;
  Parallel::Body body;
  void* user;

  static void Run(void* self, int64_t begin, int64_t end) {
    constexpr int64_t kPieces = 64;
    const StoppableLoop& loop = *static_cast<const StoppableLoop*>(self);
    const int64_t grains = (end - begin - 1) / loop.grain + 1;
    const int64_t step = loop.stop->timed() && grains > 1 ? ((grains - 1) / kPieces + 1) * loop.grain : end - begin;
    for (; begin < end && !loop.stop->Requested(); begin += step) loop.body(loop.user, begin, end - begin < step ? end : begin + step);
  }
};

}  // namespace

// The callbacks behind tflower_eval_api.
struct EvalApi {
  static EvalContext* Self(tflower_eval_ctx* ctx) { return static_cast<EvalContext*>(ctx); }

  static tflower_status Fail(tflower_eval_ctx* ctx, uint32_t code, tflower_str what, tflower_str message,
                             tflower_str hint, tflower_str source) noexcept {
    return Self(ctx)->Fail(code, what, message, hint, source);
  }
  static tflower_status Resize(tflower_eval_ctx* ctx, uint32_t index, int32_t rank, const int64_t* dims,
                               uint64_t bytes) noexcept {
    return Self(ctx)->Resize(index, rank, dims, bytes);
  }
  static void ParallelFor(tflower_eval_ctx* ctx, int64_t n, int64_t grain, Parallel::Body body, void* user) noexcept {
    Self(ctx)->ParallelFor(n, grain, body, user);
  }
  static tflower_status SessionObject(tflower_eval_ctx* ctx, tflower_str kind, int64_t id, void* (*create)(),
                                      void (*destroy)(void*), void** out) noexcept {
    SessionObjects* const objects = Self(ctx)->objects_;
    *out = objects == nullptr ? nullptr : objects->Get(kind, id, create, destroy);
    if (*out != nullptr) return TFLOWER_OK;
    constexpr std::string_view kWhy = "has state, and there is no session to keep it";
    return Self(ctx)->Fail(static_cast<uint32_t>(Code::kInvalidOperand), {}, {kWhy.data(), kWhy.size()}, {}, {});
  }
  static constexpr tflower_eval_api kTable = {sizeof(tflower_eval_api), TFLOWER_ABI_MINOR, &Fail, &Resize,
                                              &ParallelFor, &SessionObject};
};

EvalContext::EvalContext(ThreadPool* pool, uint64_t max_bytes, SessionObjects* objects, Stop* stop)
    : tflower_eval_ctx{&EvalApi::kTable, std::max(pool == nullptr ? 1 : pool->threads(), stop != nullptr && stop->timed() ? 2 : 1), 0},
      pool_(pool),
      max_bytes_(max_bytes),
      objects_(objects),
      stop_(stop) {}

void EvalContext::Begin(std::span<tflower_tensor* const> outputs, std::span<DynamicOutput* const> dynamic) {
  outputs_ = outputs;
  dynamic_ = dynamic;
  if (failed_.load(std::memory_order_relaxed)) {
    failed_.store(false, std::memory_order_relaxed);
    failure_.reset();
  }
}

void EvalContext::ParallelFor(int64_t n, int64_t grain, Parallel::Body body, void* user) {
  if (n <= 0) return;
  StoppableLoop loop{stop_, std::max<int64_t>(grain, 1), body, user};
  if (stop_ != nullptr) {
    body = &StoppableLoop::Run;
    user = &loop;
  }
  if (pool_ == nullptr)
    body(user, 0, n);
  else
    pool_->For(n, grain, body, user);
}

tflower_status EvalContext::Finish(tflower_status status) {
  if (status != TFLOWER_OK || stop_ == nullptr || !stop_->WasRequested()) return status;
  const Error why = stop_->Why();
  return Fail(static_cast<uint32_t>(why.code), {}, Str(why.message), Str(why.hint), {});
}

tflower_status EvalContext::Fail(uint32_t code, tflower_str what, tflower_str message, tflower_str hint,
                                 tflower_str source) noexcept {
  const tflower_status status = code == static_cast<uint32_t>(Code::kDeclined) ? TFLOWER_DECLINED : TFLOWER_ERROR;
  if (failed_.exchange(true, std::memory_order_acq_rel)) return status;
  try {
    failure_ = std::make_unique<Failure>(Failure{code, Text(what), Text(message), Text(hint), Text(source)});
  } catch (const std::bad_alloc&) {
    failure_.reset();  // the status alone must do
  }
  return status;
}

tflower_status EvalContext::Resize(uint32_t index, int32_t rank, const int64_t* dims, uint64_t bytes) noexcept {
  const auto refuse = [&](Code code, std::string_view message) {
    return Fail(static_cast<uint32_t>(code), Str("resize_output"), Str(message), Str(""), Str(""));
  };
  if (index >= outputs_.size()) {
    return refuse(Code::kInternal, "no output of that index can be resized here");
  }
  tflower_tensor& tensor = *outputs_[index];
  if (rank < 0 || rank > TFLOWER_MAX_RANK) return refuse(Code::kUnsupportedShape, "rank is outside 0..16");
  const std::span<const int64_t> shape(dims, static_cast<size_t>(rank));
  if (index >= dynamic_.size() || dynamic_[index] == nullptr) {
    const bool same = std::ranges::equal(shape, Shape(tensor));
    return same ? TFLOWER_OK : refuse(Code::kInternal, "the output's shape was fixed by infer");
  }
  if (!ElementCount(shape)) return refuse(Code::kInvalidOperand, "a dimension is negative or the shape is too large");
  const std::optional<uint64_t> dense = ByteSize(tensor.dtype, shape);
  if (!dense && DtypeBits(tensor.dtype) != 0) return refuse(Code::kLimit, "the tensor's byte size overflows");
  const uint64_t size = bytes != 0 ? std::max(bytes, dense.value_or(0)) : dense.value_or(0);
  if (size > max_bytes_) {
    std::array<char, 96> text;  // not a string: this function must not throw
    std::snprintf(text.data(), text.size(), "output %u takes %llu bytes, more than the limit of %llu", index, static_cast<unsigned long long>(size),
                  static_cast<unsigned long long>(max_bytes_));
    return refuse(Code::kLimit, text.data());
  }
  DynamicOutput& slot = *dynamic_[index];
  if (!slot.data.Reserve(size)) return refuse(Code::kLimit, "out of memory for the output");
  std::ranges::copy(shape, slot.dims.begin());
  slot.resized = true;
  tensor.rank = rank;
  tensor.dims = slot.dims.data();
  tensor.data = slot.data.data();
  tensor.size_bytes = size;
  return TFLOWER_OK;
}

tflower_status EvalContext::Eval(const tflower_kernel& kernel, const tflower_op& op, std::span<DynamicOutput* const> dynamic,
                                 void* state, const void* packed, void* scratch) {
  if (ComputesNothing(kernel, op)) return TFLOWER_OK;
  Begin({op.outputs, op.num_outputs}, dynamic);
  return Finish(kernel.eval(&kernel, this, &op, state, packed, scratch));
}

Error EvalContext::TakeError(tflower_status status, const OpName& name, std::string_view phase) {
  Error error;
  if (failure_ != nullptr) {
    error = Error(ToCode(failure_->code), std::move(failure_->message)).What(failure_->what).Hint(failure_->hint);
    if (!failure_->source.empty()) error.notes.push_back("raised at " + failure_->source);
  } else if (status == TFLOWER_DECLINED) {
    error = Error(Code::kDeclined, "the kernel declined this operator");
  } else {
    error = Error(Code::kInternal, "the kernel failed without saying why");
  }
  error.notes.push_back("in the kernel's " + std::string(phase));
  failure_.reset();
  failed_.store(false, std::memory_order_relaxed);
  return std::move(error).Op(name.op).Node(name.node);
}

}  // namespace tflower::runtime
