// How a kernel is written in C++: a small struct with static Infer, optional Prepare/Pack, and Eval, and one row for it.
//
//   struct Softmax {
//     static Status Infer(const Op& op, OpTypes& out) { return out.SameAs(0, op.Input(0)); }
//     Status Prepare(const Op& op, Prepare& want);              // optional: fill members, ask for scratch and packed memory
//     Status Pack(const Op& op, void* packed) const;            // optional: once per model, from constant operands
//     bool Fuse(const Op& op, const Op& next, int operand);      // optional: from now on computes next, too, which reads the result as `operand`
//     Status Eval(const Op& op, const EvalContext& eval) const;  // loops only: no allocation, no trust in run-time values
//   };
//   constexpr tflower_kernel kRows[] = {Kernel<Softmax>(tfl::Builtin::SOFTMAX, {.inputs = {kF32}, .versions = {1, 4}})};
//   TFLOWER_KERNEL_FAMILY(softmax, kRows);
//
// Infer sees concrete dims (never -1). Operand contents are there (`data() != nullptr`) when they are known; when Infer needs contents
// that are not, it says out.Unknown(i, dtype, rank). The converter calls Infer and Eval for shape arithmetic and constant folding, the
// runtime for planning and invoking: one definition of each operator. Thread-safety: Infer/Prepare/Pack from any thread; Eval concurrently
// on different nodes.
#pragma once

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <new>
#include <span>
#include <string>
#include <type_traits>

#include "tflower/abi.h"
#include "tflower/dtype.h"
#include "tflower/parallel.h"
#include "tflower/status.h"
#include "tflower/tfl_ops.h"

namespace tflower {

// View of a concrete tensor. Dense row-major; data is nullptr where contents are not known (Infer, Prepare).
class Tensor {
 public:
  explicit Tensor(const tflower_tensor* t) : t_(t) {}
  DType dtype() const { return static_cast<DType>(t_->dtype); }
  int rank() const { return t_->rank; }
  std::span<const int64_t> dims() const { return {t_->dims, static_cast<size_t>(t_->rank)}; }
  int64_t dim(int i) const { return t_->dims[i < 0 ? i + t_->rank : i]; }
  int64_t num_elements() const {
    int64_t n = 1;
    for (int64_t d : dims()) n *= d;
    return n;
  }
  bool is_constant() const { return (t_->flags & TFLOWER_TENSOR_CONSTANT) != 0; }
  // State that eval may change through mutable_data: it lasts from one invocation to the next, and is zero at first and after a reset.
  bool is_variable() const { return (t_->flags & TFLOWER_TENSOR_VARIABLE) != 0; }
  bool has_data() const { return t_->data != nullptr; }
  uint64_t size_bytes() const { return t_->size_bytes; }
  const void* raw() const { return t_->data; }
  void* mutable_raw() const { return t_->data; }
  template <class T> const T* data() const { return static_cast<const T*>(t_->data); }
  template <class T> T* mutable_data() const { return static_cast<T*>(t_->data); }
  std::span<const float> scales() const { return {t_->scale, t_->quant_count}; }
  std::span<const int64_t> zero_points() const { return {t_->zero_point, t_->quant_count}; }
  int quantized_dimension() const { return t_->quant_axis; }
  const tflower_tensor* abi() const { return t_; }

 private:
  const tflower_tensor* t_;
};

// An operator with concrete shapes. Input(i) requires HasInput(i).
class Op {
 public:
  explicit Op(const tflower_op* op) : op_(op) {}
  int version() const { return op_->version; }
  tfl::Builtin code() const { return static_cast<tfl::Builtin>(op_->code); }
  int num_inputs() const { return static_cast<int>(op_->num_inputs); }
  int num_outputs() const { return static_cast<int>(op_->num_outputs); }
  bool HasInput(int i) const { return i < num_inputs() && op_->inputs[i] != nullptr; }
  Tensor Input(int i) const { return Tensor(op_->inputs[i]); }
  Tensor Output(int i) const { return Tensor(op_->outputs[i]); }
  // What the model says of a value inside of the operator: its type and quantisation. Not in Infer. Intermediate(i) requires HasIntermediate(i).
  bool HasIntermediate(int i) const {
    return TFLOWER_HAS(op_, tflower_op, num_intermediates) && i < static_cast<int>(op_->num_intermediates) && op_->intermediates[i] != nullptr;
  }
  Tensor Intermediate(int i) const { return Tensor(op_->intermediates[i]); }
  // The operator's options, e.g. Options<tfl::Pool2DOptions>(). Members that the host does not know keep their defaults.
  template <class T> T Options() const {
    T options;
    std::memcpy(static_cast<void*>(&options), op_->options.data, std::min(sizeof(T), op_->options.size));
    return options;
  }
  std::span<const uint8_t> custom_options() const { return {static_cast<const uint8_t*>(op_->options.data), op_->options.size}; }
  const tflower_op* abi() const { return op_; }

 private:
  const tflower_op* op_;
};

// Output types that Infer fills in.
class OpTypes {
 public:
  explicit OpTypes(tflower_type* out, int count) : out_(out), count_(count) {}
  int count() const { return count_; }
  Status Set(int i, DType dtype, std::span<const int64_t> dims) {
    if (i >= count_) return Error(Code::kInvalidGraph, "has " + std::to_string(count_) + " outputs, the operator gives more");
    if (dims.size() > TFLOWER_MAX_RANK) return Error(Code::kUnsupportedShape, "rank " + std::to_string(dims.size()) + " is above 16");
    out_[i].dtype = static_cast<int32_t>(dtype);
    out_[i].rank = static_cast<int32_t>(dims.size());
    std::copy(dims.begin(), dims.end(), out_[i].dims);
    return Ok();
  }
  Status Set(int i, DType dtype, std::initializer_list<int64_t> dims) { return Set(i, dtype, std::span<const int64_t>(dims.begin(), dims.size())); }
  Status SameAs(int i, const Tensor& t) { return Set(i, t.dtype(), t.dims()); }
  // The shape depends on contents that are not known now; in Eval, ResizeOutput says it.
  Status Unknown(int i, DType dtype, int rank) {
    const int64_t dims[TFLOWER_MAX_RANK] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    return Set(i, dtype, std::span<const int64_t>(dims, static_cast<size_t>(rank)));
  }

 private:
  tflower_type* out_;
  int count_;
};

// What Prepare asks the host for.
class PrepareContext {
 public:
  PrepareContext(tflower_prepared* out, int threads) : out_(out), threads_(threads) {}
  int threads() const { return threads_; }
  // Working memory for Eval, 64-byte aligned, contents undefined.
  void Scratch(uint64_t bytes) { out_->scratch_bytes = bytes; }
  // Memory that Pack fills once per model and key, shared by all sessions. Layouts that differ need different keys.
  void Packed(uint64_t bytes, uint64_t key = 0) { out_->packed_bytes = bytes; out_->packed_key = key; }

 private:
  tflower_prepared* out_;
  int threads_;
};

class EvalContext {
 public:
  EvalContext(tflower_eval_ctx* ctx, const void* packed, void* scratch) : ctx_(ctx), packed_(packed), scratch_(scratch) {}
  template <class T = void> const T* packed() const { return static_cast<const T*>(packed_); }
  template <class T = void> T* scratch() const { return static_cast<T*>(scratch_); }
  Parallel parallel() const {
    return Parallel(ctx_, [](void* host, int64_t n, int64_t grain, Parallel::Body body, void* user) {
      auto* ctx = static_cast<tflower_eval_ctx*>(host);
      ctx->api->parallel_for(ctx, n, grain, body, user);
    }, ctx_->threads);
  }
  // For outputs whose type Infer left Unknown. Afterwards op.Output(i) has these dims and memory. bytes: strings only.
  Status ResizeOutput(int i, std::span<const int64_t> dims, uint64_t bytes = 0) const {
    if (ctx_->api->resize_output(ctx_, static_cast<uint32_t>(i), static_cast<int32_t>(dims.size()), dims.data(), bytes) == TFLOWER_OK) return Ok();
    return Error(Code::kLimit, "output " + std::to_string(i) + " cannot be allocated");
  }
  // The object of this kind and id, made by T's default constructor when first asked for, that lives as long as the session.
  // For kernels flagged IMPURE; fails where there is no session (folding).
  template <class T> Result<T*> SessionObject(std::string_view kind, int64_t id) const {
    void* out = nullptr;
    const tflower_status status = ctx_->api->session_object(
        ctx_, {kind.data(), kind.size()}, id, [] { return static_cast<void*>(new (std::nothrow) T()); }, [](void* object) { delete static_cast<T*>(object); }, &out);
    if (status == TFLOWER_OK) return static_cast<T*>(out);
    return Error(Code::kInvalidOperand, "has state, and there is no session to keep it");
  }

 private:
  tflower_eval_ctx* ctx_;
  const void* packed_;
  void* scratch_;
};

struct KernelTraits {
  DTypeSet inputs[8] = {};   // per operand, kAnyType = no constraint; inputs[7] applies to all further inputs
  DTypeSet outputs[4] = {};
  struct { int32_t min = 0, max = 0; } versions = {};  // of the operator; 0: those that stock runtimes have (of custom operators 1)
  uint32_t flags = 0;        // TFLOWER_KERNEL_VIEW | _IMPURE | _IN_PLACE | _REFERENCE
  int32_t priority = 100;
  const char* custom_code = nullptr;
};

struct KernelFamily {
  const char* name;
  std::span<const tflower_kernel> rows;
};

namespace internal {

inline tflower_str Str(std::string_view s) { return {s.data(), s.size()}; }

inline tflower_status Report(tflower_eval_ctx* ctx, const Error& error) {
  const std::string source = std::string(error.where.file_name()) + ":" + std::to_string(error.where.line());
  return ctx->api->fail(ctx, static_cast<uint32_t>(error.code), Str(error.what), Str(error.message), Str(error.hint), Str(source));
}

template <class K> concept HasPrepare = requires(K k, const Op& op, PrepareContext& p) { k.Prepare(op, p); };
template <class K> concept HasFuse = requires(K k, const Op& op, const Op& next, int operand) { { k.Fuse(op, next, operand) } -> std::same_as<bool>; };
template <class K> concept HasPack = requires(const K k, const Op& op, void* packed) { k.Pack(op, packed); };

template <class K>
tflower_status InferThunk(const tflower_kernel*, tflower_eval_ctx* ctx, const tflower_op* op, tflower_type* out) noexcept {
  OpTypes types(out, static_cast<int>(op->num_outputs));
  Status status = K::Infer(Op(op), types);
  return status.ok() ? TFLOWER_OK : Report(ctx, status.error());
}

template <class K>
tflower_status PrepareThunk(const tflower_kernel*, tflower_eval_ctx* ctx, const tflower_op* op, tflower_prepared* out) noexcept {
  K* kernel = new (std::nothrow) K();
  if (kernel == nullptr) return Report(ctx, Error(Code::kLimit, "out of memory"));
  out->state = kernel;
  PrepareContext want(out, ctx->threads);
  if constexpr (HasPrepare<K>) {
    if (Status status = kernel->Prepare(Op(op), want); !status.ok()) {
      delete kernel;
      out->state = nullptr;
      return Report(ctx, status.error());
    }
  }
  return TFLOWER_OK;
}

template <class K>
tflower_status PackThunk(const tflower_kernel*, tflower_eval_ctx* ctx, const tflower_op* op, void* state, void* packed) noexcept {
  Status status = static_cast<const K*>(state)->Pack(Op(op), packed);
  return status.ok() ? TFLOWER_OK : Report(ctx, status.error());
}

template <class K>
tflower_status FuseThunk(const tflower_kernel*, tflower_eval_ctx*, const tflower_op* op, void* state, const tflower_op* next, uint32_t operand) noexcept {
  return static_cast<K*>(state)->Fuse(Op(op), Op(next), static_cast<int>(operand)) ? TFLOWER_OK : TFLOWER_DECLINED;
}

template <class K>
tflower_status EvalThunk(const tflower_kernel*, tflower_eval_ctx* ctx, const tflower_op* op, void* state, const void* packed, void* scratch) noexcept {
  Status status = [&] {
    if constexpr (HasPrepare<K>) return static_cast<const K*>(state)->Eval(Op(op), EvalContext(ctx, packed, scratch));
    else return K::Eval(Op(op), EvalContext(ctx, packed, scratch));
  }();
  return status.ok() ? TFLOWER_OK : Report(ctx, status.error());
}

template <class K>
void ReleaseThunk(const tflower_kernel*, void* state) noexcept { delete static_cast<K*>(state); }


}  // namespace internal

// A row for kernel K of a builtin operator. K without Prepare needs a static Eval.
template <class K>
constexpr tflower_kernel Kernel(tfl::Builtin code, const KernelTraits& traits) {
  tflower_kernel row{};
  row.struct_size = sizeof(tflower_kernel);
  row.flags = traits.flags;
  row.code = static_cast<int32_t>(code);
  const bool all = traits.versions.max == 0;
  row.min_version = all ? tfl::VersionsOf(code).min : traits.versions.min;
  row.max_version = all ? tfl::VersionsOf(code).max : traits.versions.max;
  row.priority = traits.priority;
  row.custom_code = traits.custom_code;
  for (int i = 0; i < 8; ++i) row.input_dtypes[i] = traits.inputs[i];
  for (int i = 0; i < 4; ++i) row.output_dtypes[i] = traits.outputs[i];
  row.infer = &internal::InferThunk<K>;
  if constexpr (internal::HasPrepare<K>) {
    row.prepare = &internal::PrepareThunk<K>;
    row.release = &internal::ReleaseThunk<K>;
  }
  if constexpr (internal::HasPack<K>) row.pack = &internal::PackThunk<K>;
  if constexpr (internal::HasPrepare<K> && internal::HasFuse<K>) row.fuse = &internal::FuseThunk<K>;
  row.eval = &internal::EvalThunk<K>;
  return row;
}

}  // namespace tflower

// Defines the family `name` (the source file's stem) from an array of rows.
#define TFLOWER_KERNEL_FAMILY(name, rows)            \
  extern const ::tflower::KernelFamily family_##name; \
  constinit const ::tflower::KernelFamily family_##name{#name, rows}
