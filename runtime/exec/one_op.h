// Runs single kernels on concrete tensors: shape inference and constant folding for the converter, and folding for the planner.
//
// Cheap on small tensors: nothing but the results is allocated for up to 16 operands and 8 outputs. Thread: any; an
// EvalContext and a ThreadPool serve one call at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "eval_context.h"
#include "tensor.h"
#include "tflower/abi.h"
#include "tflower/status.h"

namespace tflower::runtime {

// What the model says of an output: infer finds the type preset (QUANTIZE has it from nowhere else), eval finds the
// quantisation on the tensor.
struct DeclaredOutput {
  int32_t dtype = TFLOWER_DTYPE_NONE;
  const float* scale = nullptr;  // quant_count entries
  const int64_t* zero_point = nullptr;
  uint32_t quant_count = 0;
  int32_t quant_axis = 0;
  std::span<const int64_t> shape = {};  // for operators whose results have the declared shape
};

// One operator and its operands. Everything is lent for the call.
struct OneOp {
  const tflower_kernel* kernel = nullptr;
  int32_t code = 0;
  int32_t version = 1;
  std::string_view custom_code;
  tflower_bytes options = {};                     // the operator's struct of tfl_ops.h, or custom options bytes
  std::span<const tflower_tensor* const> inputs;  // null entry = absent optional operand; data null = contents unknown
  uint32_t num_outputs = 1;
  std::span<const DeclaredOutput> declared;  // per output, or empty when nothing is declared
  OpName name;                               // for messages
};

// The types of all outputs; a dim of -1 depends on contents that are not known. Errors: the kernel's own words with op and
// node, or kPluginAbi when it answers with a type that cannot be (rank 17, dtype 99).
Result<std::vector<TensorType>> InferOp(const OneOp& op);
// The same into memory of the caller, num_outputs long.
Status InferOp(const OneOp& op, EvalContext& context, std::span<TensorType> outputs);

// Infers, prepares, packs, evaluates and releases. Inputs need their data and should be flagged TFLOWER_TENSOR_CONSTANT.
// pool may be null. Errors: as InferOp; kInvalidOperand and the like from eval; kLimit when an output passes max_bytes, or when stopped.
Result<std::vector<OwnedTensor>> EvalOp(const OneOp& op, ThreadPool* pool = nullptr, uint64_t max_bytes = UINT64_MAX, Stop* stop = nullptr);

}  // namespace tflower::runtime
