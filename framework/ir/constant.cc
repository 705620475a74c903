// Constants: views, owned bytes and lazily evaluated operators.
#include "ir/constant.h"

#include <cstring>

#include "runtime/exec/one_op.h"

namespace tflower::ir {
namespace {

uint64_t SizeOf(DType dtype, const std::vector<int64_t>& dims) {
  uint64_t n = 1;
  for (int64_t d : dims) n *= static_cast<uint64_t>(d);
  return (n * static_cast<uint64_t>(BitsOf(dtype)) + 7) / 8;
}

// Kernels may use aligned loads on constants; files promise no alignment.
bool IsAligned(std::span<const std::byte> bytes) { return reinterpret_cast<uintptr_t>(bytes.data()) % 16 == 0; }

}  // namespace

ConstantRef Constant::View(DType dtype, std::vector<int64_t> dims, std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  ConstantRef c(new Constant(dtype, std::move(dims)));
  c->view_ = bytes;
  c->size_ = bytes.size();
  c->owner_ = std::move(owner);
  return c;
}

ConstantRef Constant::Copy(DType dtype, std::vector<int64_t> dims, std::span<const std::byte> bytes) {
  runtime::AlignedBuffer buffer;
  if (!buffer.Reserve(bytes.size())) std::abort();  // small by contract: out of memory here is the end anyway
  if (!bytes.empty()) std::memcpy(buffer.data(), bytes.data(), bytes.size());
  return Own(dtype, std::move(dims), std::move(buffer), bytes.size());
}

ConstantRef Constant::Own(DType dtype, std::vector<int64_t> dims, runtime::AlignedBuffer buffer, uint64_t size) {
  ConstantRef c(new Constant(dtype, std::move(dims)));
  c->buffer_ = std::move(buffer);
  c->size_ = size;
  c->view_ = {c->buffer_.data(), size};
  return c;
}

ConstantRef Constant::Lazy(DType dtype, std::vector<int64_t> dims, Thunk thunk) {
  ConstantRef c(new Constant(dtype, std::move(dims)));
  c->size_ = SizeOf(dtype, c->dims_);
  c->thunk_ = std::make_unique<Thunk>(std::move(thunk));
  return c;
}

ConstantRef Constant::Reshaped(const ConstantRef& of, std::vector<int64_t> dims) {
  ConstantRef c(new Constant(of->dtype_, std::move(dims)));
  c->base_ = of->base_ ? of->base_ : of;
  c->size_ = of->size_;
  return c;
}

bool Constant::AppendKey(std::string& key, uint64_t max_bytes) {
  if (!is_ready() || size_ > max_bytes) return false;
  const Result<std::span<const std::byte>> bytes = Bytes();
  if (!bytes.ok()) return false;
  key += static_cast<char>(dtype_);
  for (int64_t d : dims_) key.append(reinterpret_cast<const char*>(&d), sizeof d);
  key += '|';
  key.append(reinterpret_cast<const char*>(bytes.value().data()), bytes.value().size());
  return true;
}

Result<std::span<const std::byte>> Constant::Bytes() {
  if (base_) return base_->Bytes();
  if (thunk_ && buffer_.capacity() == 0) TFLOWER_CHECK(Evaluate());
  return view_;
}

void Constant::Release() {
  if (base_) return base_->Release();
  if (!thunk_) return;
  buffer_.Free();
  view_ = {};
}

Status Constant::Evaluate() {
  TFLOWER_TRY(std::vector<runtime::OwnedTensor> outputs, ir::Evaluate(*thunk_));
  runtime::OwnedTensor& out = outputs[thunk_->output];
  if (out.size_bytes != size_) return Error(Code::kInternal, "a folded constant has " + std::to_string(out.size_bytes) + " bytes, expected " + std::to_string(size_));
  buffer_ = std::move(out.data);
  view_ = {buffer_.data(), size_};
  return Ok();
}

Result<std::vector<runtime::OwnedTensor>> Evaluate(const Thunk& thunk) {
  const size_t n = thunk.inputs.size();
  std::vector<runtime::AlignedBuffer> copies;
  std::vector<runtime::TensorType> types(n);
  std::vector<tflower_tensor> tensors(n);
  std::vector<const tflower_tensor*> inputs(n, nullptr);
  std::vector<Constant*> evaluated;
  for (size_t i = 0; i < n; ++i) {
    if (!thunk.inputs[i]) continue;
    Constant& in = *thunk.inputs[i];
    if (!in.is_ready()) evaluated.push_back(&in);
    TFLOWER_TRY(std::span<const std::byte> bytes, in.Bytes());
    if (!IsAligned(bytes)) {
      if (!copies.emplace_back().Reserve(bytes.size())) return Error(Code::kLimit, "out of memory for a constant of " + std::to_string(bytes.size()) + " bytes");
      std::memcpy(copies.back().data(), bytes.data(), bytes.size());
      bytes = {copies.back().data(), bytes.size()};
    }
    types[i] = runtime::MakeType(static_cast<int32_t>(in.dtype()), in.dims());
    tensors[i] = runtime::MakeTensor(types[i], const_cast<std::byte*>(bytes.data()), bytes.size(), TFLOWER_TENSOR_CONSTANT);
    inputs[i] = &tensors[i];
  }
  runtime::OneOp op;
  op.kernel = thunk.kernel.row;
  op.code = thunk.code;
  op.version = thunk.version;
  op.custom_code = thunk.custom_code;
  op.options = thunk.options->bytes();
  op.inputs = inputs;
  op.num_outputs = thunk.num_outputs;
  auto outputs = runtime::EvalOp(op);
  for (Constant* c : evaluated) c->Release();  // intermediate weights live only here
  return outputs;
}

}  // namespace tflower::ir
