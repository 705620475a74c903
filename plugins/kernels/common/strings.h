// Tensors of strings in TFLite's layout: int32 count, int32 offsets[count + 1] from the start of the buffer, then the bytes.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>

#include "common/check.h"

namespace tflower::kernels {

inline constexpr DTypeSet kStrings = Types({DType::kString});

// The strings of an operand. Its layout was checked as a whole: any bytes may come from outside.
class PackedStrings {
 public:
  static Result<PackedStrings> Read(const Op& op, int i, std::string_view name) {
    const PackedStrings strings(op.Input(i));
    if (const std::string why = strings.Damage(op.Input(i)); !why.empty())
      return OperandError(Code::kInvalidOperand, i, name, "the strings' layout is damaged: " + why);
    return strings;
  }
  int64_t size() const { return size_; }
  std::string_view operator[](int64_t i) const { return {data_ + OffsetAt(i), static_cast<size_t>(OffsetAt(i + 1) - OffsetAt(i))}; }

 private:
  explicit PackedStrings(const Tensor& t) : data_(t.data<char>()), size_(t.num_elements()) {}
  int32_t IntAt(int64_t slot) const {
    int32_t x;
    std::memcpy(&x, data_ + slot * 4, sizeof x);
    return x;
  }
  int32_t OffsetAt(int64_t i) const { return IntAt(i + 1); }
  std::string Damage(const Tensor& t) const {
    const uint64_t bytes = t.size_bytes();
    if (size_ == 0) return "";  // nothing is read
    if (bytes < 4 || IntAt(0) != size_) return Text(bytes < 4 ? 0 : IntAt(0), " strings for ", size_, " elements");
    if ((static_cast<uint64_t>(size_) + 2) * 4 > bytes) return Text("its offsets do not fit into ", bytes, " bytes");
    int64_t last = (size_ + 2) * 4;
    for (int64_t i = 0; i <= size_; ++i) {
      if (OffsetAt(i) < last || static_cast<uint64_t>(OffsetAt(i)) > bytes) return Text("offset ", i, " is ", OffsetAt(i));
      last = OffsetAt(i);
    }
    return "";
  }

  const char* data_;
  int64_t size_;
};

// Bytes before the first string of a tensor of n.
inline Result<int64_t> StringHeaderBytes(int64_t n) {
  if (n <= INT32_MAX / 4 - 2) return (n + 2) * 4;
  return Error(Code::kLimit, Text(n, " strings do not fit the 2 GiB of a tensor"));
}

// Gives output i, which is DYNAMIC as all tensors of strings are, its shape and the strings at(0), at(1), ...
template <class At>
Status WriteStrings(const Op& op, const EvalContext& eval, int i, std::span<const int64_t> dims, const At& at) {
  TFLOWER_TRY(const int64_t n, CountElements(dims, DType::kString));
  TFLOWER_TRY(int64_t bytes, StringHeaderBytes(n));
  const int64_t header = bytes;
  for (int64_t k = 0; k < n; ++k) bytes += static_cast<int64_t>(at(k).size());  // n strings below 2 GiB: far from overflow
  if (bytes > INT32_MAX) return Error(Code::kLimit, Text("the ", n, " strings of output ", i, " do not fit the 2 GiB of a tensor"));
  TFLOWER_CHECK(eval.ResizeOutput(i, dims, static_cast<uint64_t>(bytes)));
  char* const data = op.Output(i).mutable_data<char>();
  auto* const head = op.Output(i).mutable_data<int32_t>();
  head[0] = static_cast<int32_t>(n);
  int64_t offset = header;
  for (int64_t k = 0; k < n; ++k) {
    const std::string_view s = at(k);
    head[k + 1] = static_cast<int32_t>(offset);
    if (!s.empty()) std::memcpy(data + offset, s.data(), s.size());
    offset += static_cast<int64_t>(s.size());
  }
  head[n + 1] = static_cast<int32_t>(offset);
  return Ok();
}

// Kernel K, which only moves elements of its first input of strings, `kMoved`: it moves their numbers, and the strings follow.
template <class K, int kMoved = 0>
struct OnStrings {
  static constexpr int kMaxInputs = 4;
  static Status Infer(const Op& op, OpTypes& out) { return K::Infer(op, out); }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const PackedStrings strings, PackedStrings::Read(op, kMoved, "strings"));
    TFLOWER_TRY(const auto from, Numbers(strings.size()));
    for (int64_t i = 0; i < strings.size(); ++i) from[i] = static_cast<int32_t>(i);

    tflower_tensor moved = *op.Input(kMoved).abi();
    moved.dtype = static_cast<int32_t>(DType::kInt32);
    moved.data = from.get();
    moved.size_bytes = static_cast<uint64_t>(strings.size()) * 4;
    const tflower_tensor* inputs[kMaxInputs] = {};
    for (int i = 0; i < op.num_inputs(); ++i) inputs[i] = i == kMoved ? &moved : op.abi()->inputs[i];
    tflower_op numbers = *op.abi();
    numbers.inputs = inputs;

    tflower_type type{};
    OpTypes types(&type, 1);
    TFLOWER_CHECK(K::Infer(Op(&numbers), types));
    const std::span<const int64_t> dims(type.dims, static_cast<size_t>(type.rank));
    TFLOWER_TRY(const int64_t count, CountElements(dims, DType::kInt32));
    TFLOWER_TRY(const int64_t header, StringHeaderBytes(count));
    TFLOWER_CHECK(eval.ResizeOutput(0, dims, static_cast<uint64_t>(header)));  // asks for the limit before as much is taken here
    TFLOWER_TRY(const auto to, Numbers(count));
    tflower_tensor result{};
    result.struct_size = sizeof result;
    result.dtype = moved.dtype;
    result.rank = type.rank;
    result.dims = type.dims;
    result.data = to.get();
    result.size_bytes = static_cast<uint64_t>(count) * 4;
    tflower_tensor* outputs[] = {&result};
    numbers.outputs = outputs;
    if (count != 0) TFLOWER_CHECK(K::Eval(Op(&numbers), eval));
    return WriteStrings(op, eval, 0, dims, [&](int64_t i) { return strings[to[i]]; });
  }

 private:
  static Result<std::unique_ptr<int32_t[]>> Numbers(int64_t n) {
    std::unique_ptr<int32_t[]> out(new (std::nothrow) int32_t[static_cast<size_t>(n)]);
    if (out == nullptr) return Error(Code::kLimit, "out of memory");
    return out;
  }
};

}  // namespace tflower::kernels
