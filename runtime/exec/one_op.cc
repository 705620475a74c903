// Runs single kernels: infer -> allocate -> prepare -> pack -> eval -> release.
#include "one_op.h"

#include "sdk/schema/contract.h"
#include "small_array.h"

namespace tflower::runtime {
namespace {

constexpr size_t kOutputs = 8;
constexpr uint64_t kStackScratch = 2048;

tflower_op MakeOp(const OneOp& op) {
  tflower_op abi{};
  abi.struct_size = sizeof(tflower_op);
  abi.code = op.code;
  abi.version = op.version;
  abi.num_inputs = static_cast<uint32_t>(op.inputs.size());
  abi.num_outputs = op.num_outputs;
  abi.custom_code = {op.custom_code.data(), op.custom_code.size()};
  abi.options = op.options;
  abi.inputs = op.inputs.data();
  return abi;
}

// What the model declares of the outputs, if anything: without contents. A kernel that cannot know a result's shape otherwise finds it there; contracts do not
// go by it, since the declared shape of a computed tensor need not be the one that it gets.
class DeclaredTensors {
 public:
  explicit DeclaredTensors(std::span<const DeclaredOutput> declared) : declared_(declared), tensors_(declared.size()), pointers_(declared.size()) {
    for (size_t i = 0; i < declared.size(); ++i) {
      tflower_tensor& t = tensors_[i];
      t.struct_size = sizeof t;
      t.dtype = declared[i].dtype;
      t.rank = -1;
      t.scale = declared[i].scale;
      t.zero_point = declared[i].zero_point;
      t.quant_count = declared[i].quant_count;
      t.quant_axis = declared[i].quant_axis;
      pointers_[i] = &t;
    }
  }
  void SetShapes() {
    for (size_t i = 0; i < declared_.size(); ++i) {
      tensors_[i].rank = static_cast<int32_t>(declared_[i].shape.size());
      tensors_[i].dims = declared_[i].shape.data();
    }
  }
  tflower_tensor* const* data() { return pointers_.size() == 0 ? nullptr : pointers_.data(); }

 private:
  std::span<const DeclaredOutput> declared_;
  SmallArray<tflower_tensor, kOutputs> tensors_;
  SmallArray<tflower_tensor*, kOutputs> pointers_;
};

Status CheckInferred(const OneOp& op, std::span<const TensorType> outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const TensorType& type = outputs[i];
    bool good = IsDtype(type.dtype) && type.rank >= 0 && type.rank <= TFLOWER_MAX_RANK;
    for (int32_t d = 0; good && d < type.rank; ++d) good = type.dims[d] >= -1;
    if (good) continue;
    return Error(Code::kPluginAbi, "the kernel inferred dtype " + std::to_string(type.dtype) + " and rank " +
                                       std::to_string(type.rank) + ", or a dimension below -1")
        .Op(op.name.op)
        .Node(op.name.node)
        .What("output " + std::to_string(i));
  }
  return Ok();
}

Error OutOfMemory(const OneOp& op, const std::string& what, uint64_t bytes) {
  return Error(Code::kLimit, "no memory for " + std::to_string(bytes) + " bytes, or more than the limit")
      .Op(op.name.op)
      .Node(op.name.node)
      .What(what);
}

// The outputs of one evaluation: their tensors, and resizable memory for those whose shape comes from eval.
class Outputs {
 public:
  Outputs(const OneOp& op, uint64_t max_bytes)
      : op_(op),
        max_bytes_(max_bytes),
        results_(op.num_outputs),
        tensors_(op.num_outputs),
        pointers_(op.num_outputs),
        dynamic_(op.num_outputs) {}

  // types: what was inferred.
  Status Allocate(std::span<const TensorType> types) {
    for (size_t i = 0; i < results_.size(); ++i) {
      OwnedTensor& result = results_[i];
      result.type = types[i];
      pointers_[i] = &tensors_[i];
      if (IsStatic(result.type))
        TFLOWER_CHECK(AllocateStatic(i));
      else
        MakeDynamic(i);
      SetQuantization(i);
    }
    return Ok();
  }

  // Takes over shapes and memory of dynamic outputs.
  Result<std::vector<OwnedTensor>> Take() {
    for (size_t i = 0; i < results_.size(); ++i) {
      if (dynamic_[i] == nullptr) continue;
      if (!dynamic_[i]->resized) {
        return Error(Code::kPluginAbi, "the kernel left the output without a shape")
            .Op(op_.name.op)
            .Node(op_.name.node)
            .What("output " + std::to_string(i));
      }
      results_[i].type = MakeType(tensors_[i].dtype, Shape(tensors_[i]));
      results_[i].size_bytes = tensors_[i].size_bytes;
      results_[i].data = std::move(dynamic_[i]->data);
    }
    return std::move(results_);
  }

  std::span<DynamicOutput* const> dynamic() { return dynamic_.span(); }
  tflower_tensor* const* data() { return pointers_.data(); }

 private:
  Status AllocateStatic(size_t i) {
    OwnedTensor& result = results_[i];
    const std::optional<uint64_t> bytes = ByteSize(result.type.dtype, Shape(result.type));
    if (!bytes || *bytes > max_bytes_ || !result.data.Reserve(*bytes)) {
      return OutOfMemory(op_, "output " + std::to_string(i), bytes.value_or(UINT64_MAX));
    }
    result.size_bytes = *bytes;
    tensors_[i] = MakeTensor(result.type, result.data.data(), *bytes);
    return Ok();
  }

  void SetQuantization(size_t i) {
    if (i >= op_.declared.size()) return;
    tensors_[i].scale = op_.declared[i].scale;
    tensors_[i].zero_point = op_.declared[i].zero_point;
    tensors_[i].quant_count = op_.declared[i].quant_count;
    tensors_[i].quant_axis = op_.declared[i].quant_axis;
  }

  void MakeDynamic(size_t i) {
    if (slots_ == nullptr) slots_ = std::make_unique<DynamicOutput[]>(results_.size());
    dynamic_[i] = &slots_[i];
    TensorType unknown = results_[i].type;
    for (int32_t d = 0; d < unknown.rank; ++d) slots_[i].dims[d] = unknown.dims[d] < 0 ? 0 : unknown.dims[d];
    tensors_[i] = MakeTensor(results_[i].type, nullptr, 0, TFLOWER_TENSOR_DYNAMIC);
    tensors_[i].dims = slots_[i].dims.data();
  }

  const OneOp& op_;
  uint64_t max_bytes_;
  std::vector<OwnedTensor> results_;
  SmallArray<tflower_tensor, kOutputs> tensors_;
  SmallArray<tflower_tensor*, kOutputs> pointers_;
  SmallArray<DynamicOutput*, kOutputs> dynamic_;
  std::unique_ptr<DynamicOutput[]> slots_;
};

// A node's prepared state and memory, released when it goes.
class Prepared {
 public:
  Prepared(const OneOp& op, const tflower_op& abi, EvalContext& context) : op_(op), abi_(abi), context_(context) {
    prepared_.struct_size = sizeof(tflower_prepared);
  }
  ~Prepared() {
    if (made_ && op_.kernel->release != nullptr) op_.kernel->release(op_.kernel, prepared_.state);
  }

  Status Make(uint64_t max_bytes) {
    const tflower_kernel& kernel = *op_.kernel;
    if (kernel.prepare == nullptr) return Ok();
    context_.Begin();
    const tflower_status status = kernel.prepare(&kernel, &context_, &abi_, &prepared_);
    made_ = status == TFLOWER_OK;
    const tflower_status finished = context_.Finish(status);
    if (finished != TFLOWER_OK) return context_.TakeError(finished, op_.name, "prepare");
    if (prepared_.scratch_bytes > max_bytes ||
        (prepared_.scratch_bytes > kStackScratch && !scratch_.Reserve(prepared_.scratch_bytes))) {
      return OutOfMemory(op_, "scratch", prepared_.scratch_bytes);
    }
    if (prepared_.packed_bytes == 0 || kernel.pack == nullptr) return Ok();
    if (prepared_.packed_bytes > max_bytes || !packed_.Reserve(prepared_.packed_bytes)) {
      return OutOfMemory(op_, "packed weights", prepared_.packed_bytes);
    }
    context_.Begin();
    const tflower_status packed = context_.Finish(kernel.pack(&kernel, &context_, &abi_, prepared_.state, packed_.data()));
    if (packed != TFLOWER_OK) return context_.TakeError(packed, op_.name, "pack");
    return Ok();
  }

  void* state() const { return prepared_.state; }
  const void* packed() const { return packed_.data(); }
  void* scratch() { return prepared_.scratch_bytes > kStackScratch ? scratch_.data() : stack_; }

 private:
  const OneOp& op_;
  const tflower_op& abi_;
  EvalContext& context_;
  tflower_prepared prepared_{};
  bool made_ = false;
  AlignedBuffer scratch_, packed_;
  alignas(kAlignment) std::byte stack_[kStackScratch];
};

}  // namespace

Status InferOp(const OneOp& op, EvalContext& context, std::span<TensorType> outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    outputs[i] = EmptyType();
    if (i < op.declared.size()) outputs[i].dtype = op.declared[i].dtype;
  }
  tflower_op abi = MakeOp(op);
  DeclaredTensors declared(op.declared.size() == op.num_outputs ? op.declared : std::span<const DeclaredOutput>());
  abi.outputs = declared.data();
  // Before any kernel is asked: the operator keeps its contract, as far as shapes and contents are known.
  if (const tfl::Contract* contract = tfl::FindContract(op.code)) {
    auto kept = tfl::CheckContract(*contract, abi);
    if (!kept.ok()) return std::move(kept.error()).Op(op.name.op).Node(op.name.node);
  }
  declared.SetShapes();
  context.Begin();
  const tflower_status status = op.kernel->infer(op.kernel, &context, &abi, outputs.data());
  if (status != TFLOWER_OK) return context.TakeError(status, op.name, "infer");
  return CheckInferred(op, outputs);
}

Result<std::vector<TensorType>> InferOp(const OneOp& op) {
  EvalContext context(nullptr);
  std::vector<TensorType> outputs(op.num_outputs);
  TFLOWER_CHECK(InferOp(op, context, outputs));
  return outputs;
}

Result<std::vector<OwnedTensor>> EvalOp(const OneOp& op, ThreadPool* pool, uint64_t max_bytes, Stop* stop) {
  EvalContext context(pool, max_bytes, nullptr, stop);
  SmallArray<TensorType, kOutputs> types(op.num_outputs);
  TFLOWER_CHECK(InferOp(op, context, types.span()));
  Outputs outputs(op, max_bytes);
  TFLOWER_CHECK(outputs.Allocate(types.span()));
  if (tfl::ComputesNothing(*op.kernel, types.span())) return outputs.Take();
  tflower_op abi = MakeOp(op);
  abi.outputs = outputs.data();
  Prepared prepared(op, abi, context);
  TFLOWER_CHECK(prepared.Make(max_bytes));
  const tflower_status status =
      context.Eval(*op.kernel, abi, outputs.dynamic(), prepared.state(), prepared.packed(), prepared.scratch());
  if (status != TFLOWER_OK) return context.TakeError(status, op.name, "eval");
  return outputs.Take();
}

}  // namespace tflower::runtime
