// Constant: known contents of a value, as a view of mapped bytes, as owned bytes, or as an operator still to be evaluated.
//
// Weights are never copied until they change: a view points into the model's files. Folding an operator over large constants makes a
// lazy constant, which its kernel evaluates when somebody asks (at the latest the exporter, one after the other), so that the weights of a
// model never lie in memory twice. Contents are in TFLite's layout. Shared and immutable; Bytes() is not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ir/options.h"
#include "registry/registry.h"
#include "runtime/exec/tensor.h"
#include "tflower/dtype.h"
#include "tflower/status.h"

namespace tflower::ir {

class Constant;
using ConstantRef = std::shared_ptr<Constant>;

// The operator behind a lazy constant.
struct Thunk {
  KernelRef kernel;
  int32_t code = 0;
  int32_t version = 1;
  std::string custom_code;
  OptionsRef options;
  std::vector<ConstantRef> inputs;  // null = absent operand
  uint32_t output = 0;
  uint32_t num_outputs = 1;
};

// All results of the operator; its lazy inputs are evaluated for the call and released again.
Result<std::vector<runtime::OwnedTensor>> Evaluate(const Thunk& thunk);

class Constant {
 public:
  // bytes stay valid while owner lives (null: for as long as the model that is converted).
  static ConstantRef View(DType dtype, std::vector<int64_t> dims, std::span<const std::byte> bytes, std::shared_ptr<const void> owner);
  static ConstantRef Copy(DType dtype, std::vector<int64_t> dims, std::span<const std::byte> bytes);
  static ConstantRef Own(DType dtype, std::vector<int64_t> dims, runtime::AlignedBuffer buffer, uint64_t size);
  static ConstantRef Lazy(DType dtype, std::vector<int64_t> dims, Thunk thunk);
  // The same contents under other dims (a reshape), without a copy.
  static ConstantRef Reshaped(const ConstantRef& of, std::vector<int64_t> dims);

  DType dtype() const { return dtype_; }
  const std::vector<int64_t>& dims() const { return dims_; }
  uint64_t size_bytes() const { return size_; }
  bool is_lazy() const { return thunk_ != nullptr; }
  // Appends what tells two constants apart: type, dims and contents. False, and nothing, where these are not at hand or above max_bytes.
  bool AppendKey(std::string& key, uint64_t max_bytes);
  bool is_ready() const { return base_ ? base_->is_ready() : thunk_ == nullptr || buffer_.capacity() != 0; }
  const Thunk* thunk() const { return thunk_.get(); }
  const ConstantRef& base() const { return base_; }

  // The contents; evaluates a lazy constant and keeps the result until Release.
  Result<std::span<const std::byte>> Bytes();
  // Drops what Bytes evaluated. Harmless for others, who get it again when they ask.
  void Release();

 private:
  Constant(DType dtype, std::vector<int64_t> dims) : dtype_(dtype), dims_(std::move(dims)) {}
  Status Evaluate();

  DType dtype_;
  std::vector<int64_t> dims_;
  uint64_t size_ = 0;
  std::span<const std::byte> view_;
  std::shared_ptr<const void> owner_;
  runtime::AlignedBuffer buffer_;
  std::unique_ptr<Thunk> thunk_;
  ConstantRef base_;
};

}  // namespace tflower::ir
