// Test kernels, as plain C would write them.
#include "test_kernels.h"

#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>

namespace tflower::runtime::test {
namespace {

using Kernel = tflower_kernel;
using Ctx = tflower_eval_ctx;
using Op = tflower_op;

constexpr int32_t kAdd = 0, kReshape = 22, kCustom = 32, kLess = 58, kShape = 77, kInt32 = 2, kBool = 6;

const float* Floats(const tflower_tensor* t) { return static_cast<const float*>(t->data); }
float* Out(const Op* op) { return static_cast<float*>(op->outputs[0]->data); }

int64_t Count(const tflower_tensor* t) {
  int64_t n = 1;
  for (int i = 0; i < t->rank; ++i) n *= t->dims[i];
  return n;
}

tflower_str Str(std::string_view s) { return {s.data(), s.size()}; }

tflower_status InferSame(const Kernel*, Ctx*, const Op* op, tflower_type* out) noexcept {
  out[0].dtype = op->inputs[0]->dtype;
  out[0].rank = op->inputs[0]->rank;
  std::memcpy(out[0].dims, op->inputs[0]->dims, sizeof(int64_t) * static_cast<size_t>(out[0].rank));
  return TFLOWER_OK;
}

// As a, when b has as many elements, or one.
tflower_status InferBinary(const Kernel* self, Ctx* ctx, const Op* op, tflower_type* out) noexcept {
  const int64_t a = Count(op->inputs[0]), b = Count(op->inputs[1]);
  if (b != 1 && a != b) return ctx->api->fail(ctx, 203, Str("input 1"), Str("has another shape"), Str(""), Str(""));
  return InferSame(self, ctx, op, out);
}

// b is a single number; so is a, where the kernel writes a[0].
tflower_status InferWithNumber(const Kernel* self, Ctx* ctx, const Op* op, tflower_type* out) noexcept {
  if (Count(op->inputs[0]) == 0 || Count(op->inputs[1]) != 1)
    return ctx->api->fail(ctx, 203, Str("input 1"), Str("is no number"), Str(""), Str(""));
  return InferSame(self, ctx, op, out);
}

tflower_status EvalAdd(const Kernel*, Ctx* ctx, const Op* op, void*, const void*, void*) noexcept {
  ++Counts().add_evals;
  struct Work {
    const float *a, *b;
    float* y;
    bool scalar;
  } work{Floats(op->inputs[0]), Floats(op->inputs[1]), Out(op), Count(op->inputs[1]) == 1};
  ctx->api->parallel_for(
      ctx, Count(op->inputs[0]), 64,
      [](void* user, int64_t begin, int64_t end) {
        const Work& w = *static_cast<Work*>(user);
        for (int64_t i = begin; i < end; ++i) w.y[i] = w.a[i] + w.b[w.scalar ? 0 : i];
      },
      &work);
  return TFLOWER_OK;
}

tflower_status InferReshape(const Kernel*, Ctx*, const Op* op, tflower_type* out) noexcept {
  out[0].dtype = op->inputs[0]->dtype;
  const int64_t rank = Count(op->inputs[1]);
  if (rank > TFLOWER_MAX_RANK) return TFLOWER_ERROR;
  out[0].rank = static_cast<int32_t>(rank);
  const auto* dims = static_cast<const int32_t*>(op->inputs[1]->data);
  for (int64_t i = 0; i < rank; ++i) out[0].dims[i] = dims == nullptr ? -1 : dims[i];
  return TFLOWER_OK;
}

tflower_status EvalReshape(const Kernel*, Ctx* ctx, const Op* op, void*, const void*, void*) noexcept {
  ++Counts().reshape_evals;
  if ((op->outputs[0]->flags & TFLOWER_TENSOR_DYNAMIC) != 0) {
    const auto* shape = static_cast<const int32_t*>(op->inputs[1]->data);
    int64_t dims[TFLOWER_MAX_RANK] = {};
    const int32_t rank = static_cast<int32_t>(Count(op->inputs[1]));
    for (int32_t i = 0; i < rank; ++i) dims[i] = shape[i];
    if (ctx->api->resize_output(ctx, 0, rank, dims, 0) != TFLOWER_OK) return TFLOWER_ERROR;
  }
  if (op->outputs[0]->size_bytes != op->inputs[0]->size_bytes) {
    return ctx->api->fail(ctx, 208, Str("shape"), Str("has another number of elements"), Str(""),
                          Str("test_kernels.cc:1"));
  }
  std::memcpy(op->outputs[0]->data, op->inputs[0]->data, op->inputs[0]->size_bytes);
  return TFLOWER_OK;
}

tflower_status InferShape(const Kernel*, Ctx*, const Op* op, tflower_type* out) noexcept {
  out[0].dtype = kInt32;
  out[0].rank = 1;
  out[0].dims[0] = op->inputs[0]->rank;
  return TFLOWER_OK;
}

tflower_status EvalShape(const Kernel*, Ctx*, const Op* op, void*, const void*, void*) noexcept {
  ++Counts().shape_evals;
  for (int i = 0; i < op->inputs[0]->rank; ++i)
    static_cast<int32_t*>(op->outputs[0]->data)[i] = static_cast<int32_t>(op->inputs[0]->dims[i]);
  return TFLOWER_OK;
}

tflower_status InferLess(const Kernel*, Ctx*, const Op* op, tflower_type* out) noexcept {
  if (Count(op->inputs[0]) != 1 || Count(op->inputs[1]) != 1) return TFLOWER_ERROR;
  out[0].dtype = kBool;
  return TFLOWER_OK;
}

tflower_status EvalLess(const Kernel*, Ctx*, const Op* op, void*, const void*, void*) noexcept {
  *static_cast<uint8_t*>(op->outputs[0]->data) = Floats(op->inputs[0])[0] < Floats(op->inputs[1])[0];
  return TFLOWER_OK;
}

tflower_status InferScale(const Kernel* self, Ctx* ctx, const Op* op, tflower_type* out) noexcept {
  if (Count(op->inputs[1]) != 1) return TFLOWER_ERROR;
  return InferSame(self, ctx, op, out);
}

tflower_status PrepareScale(const Kernel*, Ctx*, const Op* op, tflower_prepared* out) noexcept {
  ++Counts().prepares;
  if ((op->inputs[1]->flags & TFLOWER_TENSOR_CONSTANT) == 0 || op->inputs[1]->data == nullptr ||
      op->inputs[0]->data != nullptr)
    return TFLOWER_ERROR;
  out->state = new int64_t(Count(op->inputs[0]));
  out->packed_bytes = 64;
  out->scratch_bytes = 128;
  return TFLOWER_OK;
}

tflower_status PackScale(const Kernel*, Ctx*, const Op* op, void* state, void* packed) noexcept {
  ++Counts().scale_packs;
  if (state == nullptr || reinterpret_cast<uintptr_t>(packed) % 64 != 0) return TFLOWER_ERROR;
  for (int i = 0; i < 16; ++i) static_cast<float*>(packed)[i] = Floats(op->inputs[1])[0];
  return TFLOWER_OK;
}

tflower_status EvalScale(const Kernel*, Ctx*, const Op* op, void* state, const void* packed, void* scratch) noexcept {
  ++Counts().scale_evals;
  if (reinterpret_cast<uintptr_t>(scratch) % 64 != 0 || *static_cast<int64_t*>(state) != Count(op->inputs[0]))
    return TFLOWER_ERROR;
  std::memset(scratch, 0xab, 128);
  for (int64_t i = 0; i < Count(op->inputs[0]); ++i)
    Out(op)[i] = Floats(op->inputs[0])[i] * static_cast<const float*>(packed)[15];
  return TFLOWER_OK;
}

void ReleaseScale(const Kernel*, void* state) noexcept {
  ++Counts().releases;
  delete static_cast<int64_t*>(state);
}

tflower_status EvalTwice(const Kernel*, Ctx*, const Op* op, void*, const void*, void*) noexcept {
  for (int64_t i = 0; i < Count(op->inputs[0]); ++i)
    Out(op)[i] = 2 * Floats(op->inputs[0])[i] + (op->num_inputs == 2 ? Floats(op->inputs[1])[i] : 0);
  return TFLOWER_OK;
}

tflower_status FuseTwice(const Kernel*, Ctx*, const Op* op, void*, const Op* next, uint32_t operand) noexcept {
  const bool fits = op->num_inputs == 1 && next->code == kAdd && Count(next->inputs[1 - operand]) == Count(op->outputs[0]);
  return fits ? TFLOWER_OK : TFLOWER_DECLINED;
}

tflower_status InferUnknown(const Kernel*, Ctx*, const Op* op, tflower_type* out) noexcept {
  out[0].dtype = op->inputs[0]->dtype;
  out[0].rank = 1;
  out[0].dims[0] = -1;
  return TFLOWER_OK;
}

tflower_status EvalNonZero(const Kernel*, Ctx* ctx, const Op* op, void*, const void*, void*) noexcept {
  int64_t count = 0;
  for (int64_t i = 0; i < Count(op->inputs[0]); ++i) count += Floats(op->inputs[0])[i] != 0;
  if (ctx->api->resize_output(ctx, 0, 1, &count, 0) != TFLOWER_OK) return TFLOWER_ERROR;
  float* y = Out(op);
  for (int64_t i = 0; i < Count(op->inputs[0]); ++i) {
    if (Floats(op->inputs[0])[i] != 0) *y++ = Floats(op->inputs[0])[i];
  }
  return TFLOWER_OK;
}

tflower_status EvalFail(const Kernel*, Ctx* ctx, const Op*, void*, const void*, void*) noexcept {
  ctx->api->fail(ctx, 208, Str("input 0"), Str("index 7 is outside of [0, 5)"), Str("clamp it"), Str("gather.cc:88"));
  return ctx->api->fail(ctx, 600, Str("later"), Str("a second report must not hide the first"), Str(""), Str(""));
}

tflower_status EvalSilent(const Kernel*, Ctx*, const Op*, void*, const void*, void*) noexcept { return TFLOWER_ERROR; }

tflower_status PrepareDecline(const Kernel*, Ctx*, const Op*, tflower_prepared*) noexcept {
  ++Counts().declines;
  return TFLOWER_DECLINED;
}

tflower_status EvalCopy(const Kernel*, Ctx*, const Op* op, void*, const void*, void*) noexcept {
  std::memcpy(op->outputs[0]->data, op->inputs[0]->data, op->inputs[0]->size_bytes);
  return TFLOWER_OK;
}

tflower_status InferBad(const Kernel*, Ctx*, const Op*, tflower_type* out) noexcept {
  out[0].dtype = 0;
  out[0].rank = 99;
  return TFLOWER_OK;
}

tflower_status EvalSlot(const Kernel*, Ctx*, const Op* op, void*, const void*, void*) noexcept {
  if ((op->inputs[1]->flags & TFLOWER_TENSOR_VARIABLE) == 0) return TFLOWER_ERROR;
  float* slot = static_cast<float*>(op->inputs[1]->data);
  *slot += 1;
  Out(op)[0] = *slot;
  return TFLOWER_OK;
}

tflower_status InferInvalid(const Kernel*, Ctx* ctx, const Op*, tflower_type*) noexcept {
  return ctx->api->fail(ctx, 103, Str("stride"), Str("must be positive"), Str(""), Str(""));
}
tflower_status InferStrange(const Kernel*, Ctx* ctx, const Op*, tflower_type*) noexcept {
  return ctx->api->fail(ctx, 103 + (1 << 16), Str(""), Str("a code of its own"), Str(""), Str(""));
}
tflower_status InferUnprintable(const Kernel*, Ctx* ctx, const Op*, tflower_type*) noexcept {
  return ctx->api->fail(ctx, 201, Str("mode"), Str("line 1\nline 2"), Str(""), Str(""));
}

tflower_status EvalSlow(const Kernel*, Ctx* ctx, const Op* op, void*, const void*, void*) noexcept {
  const auto body = [](void* user, int64_t begin, int64_t end) {
    const Op& slow = *static_cast<const Op*>(user);
    for (int64_t i = begin; i < end; ++i, ++Counts().slow_elements) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      Out(&slow)[i] = Floats(slow.inputs[0])[i];
    }
  };
  ctx->api->parallel_for(ctx, Count(op->inputs[0]), 1, body, const_cast<Op*>(op));
  return TFLOWER_OK;
}

constexpr uint64_t kFloat = 1u << 0, kInt = 1u << kInt32, kAnyType = ~uint64_t{0}, kNone = 0;

// a, b: types of the operands; kNone = there is no second one.
Kernel Row(int32_t code, const char* custom, uint32_t flags, uint64_t a, uint64_t b, decltype(Kernel::infer) infer,
           decltype(Kernel::eval) eval) {
  Kernel row{};
  row.input_dtypes[0] = a;
  row.input_dtypes[1] = b;
  row.struct_size = sizeof(Kernel);
  row.flags = flags;
  row.code = code;
  row.min_version = row.max_version = 1;
  row.custom_code = custom;
  row.infer = infer;
  row.eval = eval;
  return row;
}

std::vector<Kernel> MakeRows() {
  std::vector<Kernel> rows = {
      Row(kAdd, "", TFLOWER_KERNEL_IN_PLACE, kFloat, kFloat, InferBinary, EvalAdd),
      Row(kReshape, "", TFLOWER_KERNEL_VIEW, kAnyType, kInt, InferReshape, EvalReshape),
      Row(kShape, "", 0, kAnyType, kNone, InferShape, EvalShape),
      Row(kLess, "", 0, kFloat, kFloat, InferLess, EvalLess),
      Row(kCustom, "NonZero", 0, kFloat, kNone, InferUnknown, EvalNonZero),
      Row(kCustom, "Fail", 0, kFloat, kNone, InferSame, EvalFail),
      Row(kCustom, "Silent", 0, kFloat, kNone, InferSame, EvalSilent),
      Row(kCustom, "Decline", 0, kFloat, kNone, InferSame, EvalSilent),
      Row(kCustom, "Decline", 0, kFloat, kNone, InferSame, EvalCopy),
      Row(kCustom, "BadInfer", 0, kFloat, kNone, InferBad, EvalSilent),
      Row(kCustom, "Slot", TFLOWER_KERNEL_IMPURE, kFloat, kFloat, InferWithNumber, EvalSlot),
      Row(kCustom, "NoResize", 0, kFloat, kNone, InferUnknown,
          [](const Kernel*, Ctx*, const Op*, void*, const void*, void*) noexcept -> tflower_status {
            return TFLOWER_OK;
          }),
      Row(kCustom, "Unprintable", 0, kFloat, kNone, InferUnprintable, EvalSilent),
      Row(kCustom, "Invalid", 0, kFloat, kNone, InferInvalid, EvalSilent),
      Row(kCustom, "Slow", 0, kFloat, kNone, InferSame, EvalSlow),
      Row(kCustom, "Strange", 0, kFloat, kNone, InferStrange, EvalSilent),
      Row(kCustom, "FailImpure", TFLOWER_KERNEL_IMPURE, kFloat, kNone, InferSame, EvalFail),
  };
  rows.push_back(Row(kCustom, "Twice", 0, kFloat, kNone, InferSame, EvalTwice));
  rows.back().fuse = FuseTwice;
  rows[7].prepare = PrepareDecline;
  Kernel scale = Row(kCustom, "Scale", 0, kFloat, kFloat, InferScale, EvalScale);
  scale.prepare = PrepareScale;
  scale.pack = PackScale;
  scale.release = ReleaseScale;
  rows.push_back(scale);
  return rows;
}

// The kernels check nothing themselves, so their operands must be there and of their types.
bool Fits(const Kernel& row, std::span<const int32_t> dtypes) {
  if (dtypes.size() != (row.input_dtypes[1] == kNone ? 1u : 2u)) return false;
  for (size_t i = 0; i < dtypes.size(); ++i) {
    if (dtypes[i] < 0 || (row.input_dtypes[i] >> dtypes[i] & 1) == 0) return false;
  }
  return true;
}

const std::vector<Kernel>& Rows() {
  static const std::vector<Kernel> rows = MakeRows();
  return rows;
}

}  // namespace

Counters& Counts() {
  static Counters counters;
  return counters;
}

Result<KernelRef> TestKernels::FindKernel(const KernelQuery& query) const {
  uint32_t skip = query.skip;
  for (const Kernel& row : Rows()) {
    if (row.code != query.code || query.version > row.max_version) continue;
    if (row.code == kCustom && query.custom_code != row.custom_code) continue;
    if (!Fits(row, query.input_dtypes)) continue;
    if (skip-- == 0) return KernelRef{&row, {}};
  }
  return Error(Code::kMissingKernel,
               "no kernel for code " + std::to_string(query.code) + " version " + std::to_string(query.version));
}

std::shared_ptr<const KernelSource> MakeKernels() { return std::make_shared<TestKernels>(); }

const tflower_kernel* TestKernel(int32_t code, const char* custom) {
  for (const Kernel& row : Rows()) {
    if (row.code == code && std::string_view(row.custom_code) == custom) return &row;
  }
  return nullptr;
}

}  // namespace tflower::runtime::test
