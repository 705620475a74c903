// The host's side of one kernel call: memory, threads, dynamic outputs, and the checks that a kernel keeps the contract.
#include "tests/support/kernel_harness.h"

#include <algorithm>
#include <map>
#include <memory>
#include <thread>

#include "sdk/schema/contract.h"

namespace tflower::test {
namespace {

constexpr size_t kAlign = 64;
constexpr size_t kGuardBytes = 64;
constexpr std::byte kFill{0xCD};

// 64-byte aligned memory of exactly `size` bytes, so that address sanitizers see each byte too many; never null.
class Memory {
 public:
  Memory() = default;
  explicit Memory(size_t size)
      : size_(size),
        data_(static_cast<std::byte*>(::operator new(std::max<size_t>(size, 1), std::align_val_t{kAlign}))) {
    std::fill_n(data_.get(), size, kFill);
  }
  explicit Memory(std::span<const std::byte> bytes) : Memory(bytes.size()) { std::copy(bytes.begin(), bytes.end(), data_.get()); }
  std::byte* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(std::byte* p) const { ::operator delete(p, std::align_val_t{kAlign}); }
  };
  size_t size_ = 0;
  std::unique_ptr<std::byte, Free> data_;
};

uint64_t BytesOf(DType t, std::span<const int64_t> dims) {
  uint64_t n = 1;
  for (int64_t d : dims) n *= static_cast<uint64_t>(d);
  return (n * static_cast<uint64_t>(BitsOf(t)) + 7) / 8;
}

// A tensor with its storage. The C view points into this object: it must not move once view() was taken.
struct Slot {
  tflower_tensor tensor{};
  Dims dims;
  Memory memory;
  std::vector<float> scale;
  std::vector<int64_t> zero_point;

  void SetType(DType dtype, Dims new_dims) {
    dims = std::move(new_dims);
    tensor.struct_size = sizeof(tflower_tensor);
    tensor.dtype = static_cast<int32_t>(dtype);
    tensor.rank = static_cast<int32_t>(dims.size());
    tensor.dims = dims.data();
  }
  void SetQuant(const Value& v) {
    scale = v.scale;
    zero_point = v.zero_point;
    tensor.scale = scale.data();
    tensor.zero_point = zero_point.data();
    tensor.quant_count = static_cast<uint32_t>(scale.size());
    tensor.quant_axis = v.quant_axis;
  }
  // Outputs: fresh memory with a guard behind it.
  void Allocate(uint64_t bytes) {
    memory = Memory(bytes + kGuardBytes);
    tensor.data = memory.data();
    tensor.size_bytes = bytes;
  }
  bool GuardIntact() const {
    if (memory.size() < kGuardBytes) return true;
    return std::all_of(memory.data() + memory.size() - kGuardBytes, memory.data() + memory.size(), [](std::byte b) { return b == kFill; });
  }
  Value Read() const {
    Value v{.dtype = static_cast<DType>(tensor.dtype), .dims = dims, .bytes = {}};
    const auto* p = static_cast<const std::byte*>(tensor.data);
    v.bytes.assign(p, p + tensor.size_bytes);
    v.scale = scale;
    v.zero_point = zero_point;
    v.quant_axis = tensor.quant_axis;
    return v;
  }
};

struct Context : tflower_eval_ctx {
  std::optional<Error> error;
  std::vector<std::unique_ptr<Slot>>* outputs = nullptr;
  std::vector<bool> dynamic, resized;
};

Context& Self(tflower_eval_ctx* ctx) { return static_cast<Context&>(*ctx); }

tflower_status Fail(tflower_eval_ctx* ctx, uint32_t code, tflower_str what, tflower_str message, tflower_str hint, tflower_str) noexcept {
  Self(ctx).error =
      Error(static_cast<Code>(code), std::string(message.data, message.size)).What({what.data, what.size}).Hint({hint.data, hint.size});
  return TFLOWER_ERROR;
}

tflower_status ResizeOutput(tflower_eval_ctx* ctx, uint32_t index, int32_t rank, const int64_t* dims, uint64_t bytes) noexcept {
  Context& self = Self(ctx);
  if (self.outputs == nullptr || index >= self.outputs->size() || !self.dynamic[index]) return TFLOWER_ERROR;
  Slot& slot = *(*self.outputs)[index];
  const Dims new_dims(dims, dims + rank);
  const auto dtype = static_cast<DType>(slot.tensor.dtype);
  slot.SetType(dtype, new_dims);
  slot.Allocate(bytes != 0 ? bytes : BytesOf(dtype, new_dims));
  self.resized[index] = true;
  return TFLOWER_OK;
}

void ParallelFor(tflower_eval_ctx* ctx, int64_t n, int64_t grain, void (*body)(void*, int64_t, int64_t), void* user) noexcept {
  const int64_t pieces = std::max<int64_t>(1, std::min<int64_t>(ctx->threads, n / std::max<int64_t>(grain, 1)));
  std::vector<std::thread> threads;
  for (int64_t i = 1; i < pieces; ++i) threads.emplace_back(body, user, n * i / pieces, n * (i + 1) / pieces);
  body(user, 0, n / pieces);
  for (std::thread& t : threads) t.join();
}

// One session for all calls of the program.
tflower_status SessionObject(tflower_eval_ctx*, tflower_str kind, int64_t id, void* (*create)(), void (*destroy)(void*), void** out) noexcept {
  static std::map<std::pair<std::string, int64_t>, std::shared_ptr<void>> objects;
  auto& object = objects[{std::string(kind.data, kind.size), id}];
  if (object == nullptr) object = std::shared_ptr<void>(create(), destroy);
  *out = object.get();
  return TFLOWER_OK;
}

constexpr tflower_eval_api kApi{sizeof(tflower_eval_api), TFLOWER_ABI_MINOR, &Fail, &ResizeOutput, &ParallelFor, &SessionObject};

Error Broken(const std::string& how) { return Error(Code::kInternal, "the kernel broke the contract: " + how); }

bool SameDims(const tflower_type& known, std::span<const int64_t> dims) {
  if (known.rank != static_cast<int32_t>(dims.size())) return false;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (known.dims[i] >= 0 && dims[i] >= 0 && known.dims[i] != dims[i]) return false;
  }
  return true;
}

// One call with its memory. `types` is what infer said with only constants known.
struct Session {
  const tflower_kernel* row;
  Context ctx;
  tflower_op op{};
  std::vector<std::unique_ptr<Slot>> inputs, outputs;
  std::vector<const tflower_tensor*> input_views;
  std::vector<tflower_tensor*> output_views;

  Error TakeError(std::string_view stage) {
    if (!ctx.error) return Broken(std::string(stage) + " failed without saying why");
    return std::move(*ctx.error);
  }

  Result<std::vector<tflower_type>> InferTypes(bool everything_known) {
    for (const auto& slot : inputs) {
      if (slot == nullptr) continue;
      const bool known = everything_known || (slot->tensor.flags & TFLOWER_TENSOR_CONSTANT) != 0;
      slot->tensor.data = known ? slot->memory.data() : nullptr;
    }
    std::vector<tflower_type> types(op.num_outputs);
    for (tflower_type& t : types) t = {.struct_size = sizeof(tflower_type), .dtype = -1, .rank = 0, .reserved = 0, .dims = {}};
    op.outputs = nullptr;
    if (const tfl::Contract* contract = tfl::FindContract(op.code)) TFLOWER_CHECK(tfl::CheckContract(*contract, op));
    if (row->infer(row, &ctx, &op, types.data()) != TFLOWER_OK) return TakeError("infer");
    for (size_t i = 0; i < types.size(); ++i) {
      if (types[i].dtype < 0) return Broken("infer left output " + std::to_string(i) + " without a type");
      if (i < 4 && !Contains(row->output_dtypes[i], static_cast<DType>(types[i].dtype))) return Broken("output dtype is not in the row");
    }
    return types;
  }

  void MakeOutputs(const std::vector<tflower_type>& types) {
    ctx.outputs = &outputs;
    ctx.dynamic.assign(types.size(), false);
    ctx.resized.assign(types.size(), false);
    for (size_t i = 0; i < types.size(); ++i) {
      Slot& slot = *outputs[i];
      slot.SetType(static_cast<DType>(types[i].dtype), Dims(types[i].dims, types[i].dims + types[i].rank));
      const bool strings = types[i].dtype == static_cast<int32_t>(DType::kString) && (row->flags & TFLOWER_KERNEL_VIEW) == 0;
      ctx.dynamic[i] = strings || std::any_of(slot.dims.begin(), slot.dims.end(), [](int64_t d) { return d < 0; });
      slot.tensor.flags = ctx.dynamic[i] ? TFLOWER_TENSOR_DYNAMIC : 0;
      slot.tensor.data = nullptr;
      slot.tensor.size_bytes = 0;
    }
    op.outputs = output_views.data();
  }

  // Contents are hidden in prepare (unless constant) and shown in eval.
  void ShowInputs(bool everything) {
    for (const auto& slot : inputs) {
      if (slot == nullptr) continue;
      slot->tensor.data = everything || (slot->tensor.flags & TFLOWER_TENSOR_CONSTANT) != 0 ? slot->memory.data() : nullptr;
    }
  }

  // A VIEW of strings has its input's size; other outputs follow from their type.
  void AllocateOutputs() {
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (ctx.dynamic[i]) continue;
      Slot& slot = *outputs[i];
      const auto dtype = static_cast<DType>(slot.tensor.dtype);
      slot.Allocate(dtype == DType::kString ? inputs[0]->tensor.size_bytes : BytesOf(dtype == DType::kResource ? DType::kInt32 : dtype, slot.dims));
    }
  }

  Status Share(int input) {
    Slot& from = *inputs[static_cast<size_t>(input)];
    Slot& to = *outputs[0];
    if (from.tensor.size_bytes != to.tensor.size_bytes) return Broken("in-place operands differ in size");
    std::copy_n(from.memory.data(), from.tensor.size_bytes, to.memory.data());
    from.tensor.data = to.tensor.data;
    return Ok();
  }

  Status CheckAfterEval(const std::vector<Value>& before) {
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (ctx.dynamic[i] && !ctx.resized[i]) return Broken("dynamic output " + std::to_string(i) + " was not resized");
      if (!outputs[i]->GuardIntact()) return Broken("eval wrote beyond output " + std::to_string(i));
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i] == nullptr || (inputs[i]->tensor.flags & TFLOWER_TENSOR_VARIABLE) != 0) continue;
      if (!std::equal(before[i].bytes.begin(), before[i].bytes.end(), inputs[i]->memory.data()))
        return Broken("eval wrote to input " + std::to_string(i));
    }
    return Ok();
  }

  std::vector<Value> ReadOutputs() const {
    std::vector<Value> values;
    for (const auto& slot : outputs) values.push_back(slot->Read());
    return values;
  }
};

}  // namespace

Value MakeStrings(Dims dims, const std::vector<std::string>& strings) {
  std::vector<int32_t> head{static_cast<int32_t>(strings.size())};
  size_t at = (strings.size() + 2) * 4;
  for (size_t i = 0; i <= strings.size(); ++i) {
    head.push_back(static_cast<int32_t>(at));
    if (i < strings.size()) at += strings[i].size();
  }
  Value v{.dtype = DType::kString, .dims = std::move(dims), .bytes = std::vector<std::byte>(at)};
  std::memcpy(v.bytes.data(), head.data(), head.size() * 4);
  for (size_t i = 0; i < strings.size(); ++i) std::copy_n(reinterpret_cast<const std::byte*>(strings[i].data()), strings[i].size(), v.bytes.begin() + head[i + 1]);
  return v;
}

std::vector<std::string> StringsOf(const Value& v) {
  const std::vector<int32_t> head = v.As<int32_t>();
  std::vector<std::string> out;
  for (size_t i = 1; i < static_cast<size_t>(head[0]) + 1; ++i)
    out.emplace_back(reinterpret_cast<const char*>(v.bytes.data()) + head[i], static_cast<size_t>(head[i + 1] - head[i]));
  return out;
}

KernelCall& KernelCall::Add(Value v, uint32_t flags, bool absent) {
  operands_.push_back({std::move(v), flags, absent});
  return *this;
}

KernelCall& KernelCall::OutputQuant(int i, float scale, int64_t zero_point) {
  if (output_quant_.size() <= static_cast<size_t>(i)) output_quant_.resize(static_cast<size_t>(i) + 1);
  output_quant_[static_cast<size_t>(i)].scale = {scale};
  output_quant_[static_cast<size_t>(i)].zero_point = {zero_point};
  return *this;
}

bool KernelCall::Fits(const tflower_kernel& row) const {
  if (row.code != static_cast<int32_t>(code_) || version_ < row.min_version || version_ > row.max_version) return false;
  if (row.custom_code != nullptr && custom_code_ != row.custom_code) return false;
  if (reference_ != ((row.flags & TFLOWER_KERNEL_REFERENCE) != 0)) return false;
  for (size_t i = 0; i < operands_.size(); ++i) {
    if (!operands_[i].absent && !Contains(row.input_dtypes[std::min<size_t>(i, 7)], operands_[i].value.dtype)) return false;
  }
  for (size_t i = 0; i < std::min<size_t>(output_dtypes_.size(), 4); ++i) {
    if (!Contains(row.output_dtypes[i], output_dtypes_[i])) return false;
  }
  return true;
}

Status KernelCall::ChooseRow() {
  row_ = nullptr;
  for (const tflower_kernel& row : family_.rows) {
    if (Fits(row) && (row_ == nullptr || row.priority > row_->priority)) row_ = &row;
  }
  if (row_ == nullptr) return Error(Code::kMissingKernel, std::string("no row of family ") + family_.name + " fits");
  return Ok();
}

namespace {

template <class Operands>
void FillInputs(Session& s, const Operands& operands) {
  for (const auto& operand : operands) {
    std::unique_ptr<Slot> slot;
    if (!operand.absent) {
      slot = std::make_unique<Slot>();
      slot->SetType(operand.value.dtype, operand.value.dims);
      slot->SetQuant(operand.value);
      slot->memory = Memory(std::span<const std::byte>(operand.value.bytes));
      slot->tensor.flags = operand.flags;
      slot->tensor.size_bytes = operand.value.bytes.size();
    }
    s.input_views.push_back(slot == nullptr ? nullptr : &slot->tensor);
    s.inputs.push_back(std::move(slot));
  }
}

void FillOutputs(Session& s, int count, const std::vector<Value>& quant) {
  for (int i = 0; i < count; ++i) {
    auto slot = std::make_unique<Slot>();
    if (static_cast<size_t>(i) < quant.size()) slot->SetQuant(quant[static_cast<size_t>(i)]);
    s.output_views.push_back(&slot->tensor);
    s.outputs.push_back(std::move(slot));
  }
}

// Prepare, pack and two evals; the state is given back on every path.
Result<std::vector<Value>> Execute(Session& s, const std::vector<tflower_type>& types, int in_place, const std::vector<Value>& before) {
  tflower_prepared prepared{
      .struct_size = sizeof(tflower_prepared), .reserved = 0, .state = nullptr, .scratch_bytes = 0, .packed_bytes = 0, .packed_key = 0};
  if (tfl::ComputesNothing(*s.row, types)) {
    s.AllocateOutputs();
    return s.ReadOutputs();
  }
  s.ShowInputs(false);
  if (s.row->prepare != nullptr && s.row->prepare(s.row, &s.ctx, &s.op, &prepared) != TFLOWER_OK) return s.TakeError("prepare");
  struct Releaser {
    const tflower_kernel* row;
    void* state;
    ~Releaser() {
      if (row->release != nullptr && state != nullptr) row->release(row, state);
    }
  } releaser{s.row, prepared.state};
  const Memory packed(prepared.packed_bytes), scratch(prepared.scratch_bytes);
  if (prepared.packed_bytes > 0) {
    if (s.row->pack == nullptr) return Broken("asks for packed memory without a pack function");
    if (s.row->pack(s.row, &s.ctx, &s.op, prepared.state, packed.data()) != TFLOWER_OK) return s.TakeError("pack");
  }
  const bool repeatable =
      std::none_of(s.inputs.begin(), s.inputs.end(),
                   [](const auto& slot) { return slot != nullptr && (slot->tensor.flags & TFLOWER_TENSOR_VARIABLE) != 0; }) &&
      (s.row->flags & TFLOWER_KERNEL_IMPURE) == 0;
  std::vector<Value> first;
  for (int run = 0; run < (repeatable ? 2 : 1); ++run) {
    s.AllocateOutputs();
    s.ShowInputs(true);
    if (in_place >= 0) TFLOWER_CHECK(s.Share(in_place));
    if (s.row->eval(s.row, &s.ctx, &s.op, prepared.state, prepared.packed_bytes > 0 ? packed.data() : nullptr, scratch.data()) !=
        TFLOWER_OK) {
      return s.TakeError("eval");
    }
    TFLOWER_CHECK(s.CheckAfterEval(before));
    std::vector<Value> outputs = s.ReadOutputs();
    for (size_t i = 0; run == 1 && i < outputs.size(); ++i) {
      if (outputs[i].bytes != first[i].bytes || outputs[i].dims != first[i].dims) return Broken("a second eval gives other bytes");
    }
    first = std::move(outputs);
  }
  return first;
}

}  // namespace

Result<std::vector<Value>> KernelCall::Infer() {
  TFLOWER_CHECK(ChooseRow());
  Session s{.row = row_, .ctx = {}};
  FillInputs(s, operands_);
  s.ctx.api = &kApi;
  s.ctx.threads = threads_;
  s.op = {.struct_size = sizeof(tflower_op),
          .code = static_cast<int32_t>(code_),
          .version = version_,
          .num_inputs = static_cast<uint32_t>(operands_.size()),
          .num_outputs = static_cast<uint32_t>(num_outputs_),
          .reserved = 0,
          .custom_code = {custom_code_.data(), custom_code_.size()},
          .options = {options_.empty() ? static_cast<const void*>("") : options_.data(), options_.size()},
          .inputs = s.input_views.data(),
          .outputs = nullptr};
  TFLOWER_TRY(const std::vector<tflower_type> types, s.InferTypes(false));
  std::vector<Value> out;
  for (const tflower_type& t : types)
    out.push_back({.dtype = static_cast<DType>(t.dtype), .dims = Dims(t.dims, t.dims + t.rank), .bytes = {}});
  return out;
}

Result<std::vector<Value>> KernelCall::Run() {
  TFLOWER_CHECK(ChooseRow());
  Session s{.row = row_, .ctx = {}};
  FillInputs(s, operands_);
  FillOutputs(s, num_outputs_, output_quant_);
  s.ctx.api = &kApi;
  s.ctx.threads = threads_;
  s.op = {.struct_size = sizeof(tflower_op),
          .code = static_cast<int32_t>(code_),
          .version = version_,
          .num_inputs = static_cast<uint32_t>(operands_.size()),
          .num_outputs = static_cast<uint32_t>(num_outputs_),
          .reserved = 0,
          .custom_code = {custom_code_.data(), custom_code_.size()},
          .options = {options_.empty() ? static_cast<const void*>("") : options_.data(), options_.size()},
          .inputs = s.input_views.data(),
          .outputs = nullptr};
  TFLOWER_TRY(const std::vector<tflower_type> types, s.InferTypes(false));

  std::vector<Value> before;
  for (const Operand& operand : operands_) before.push_back(operand.value);
  s.MakeOutputs(types);
  TFLOWER_TRY(std::vector<Value> outputs, Execute(s, types, in_place_, before));

  TFLOWER_TRY(const std::vector<tflower_type> known, s.InferTypes(true));
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i].dtype != types[i].dtype || !SameDims(known[i], outputs[i].dims))
      return Broken("infer with known contents and eval disagree on output " + std::to_string(i));
  }
  for (size_t i = 0; i < operands_.size(); ++i) {
    if (!operands_[i].absent)
      operands_[i].value.bytes.assign(s.inputs[i]->memory.data(), s.inputs[i]->memory.data() + s.inputs[i]->memory.size());
  }
  return outputs;
}

}  // namespace tflower::test
