// Runs one operator through its kernel row the way a host does: choose row -> infer -> prepare -> pack -> eval. For doctest programs.
//
//   #include "tests/support/kernel_harness.h"
//   namespace tflower::kernels { extern const KernelFamily family_gather; }   // the family under test
//   using namespace tflower; using namespace tflower::test;
//
//   TEST_CASE("GATHER along axis 1") {
//     KernelCall call(kernels::family_gather, tfl::Builtin::GATHER);
//     call.Options(tfl::GatherOptions{.axis = 1})
//         .Input(Make<float>({2, 3}, {1, 2, 3, 4, 5, 6}))   // contents known only in eval
//         .Const(Make<int32_t>({2}, {2, 0}));               // contents known in infer and prepare, too
//     auto out = call.Run();
//     REQUIRE_OK(out);
//     CHECK(out.value()[0].dims == Dims{2, 2});
//     CHECK(out.value()[0].As<float>() == std::vector<float>{3, 1, 6, 4});
//   }
//   CHECK_FAILS(call.Run(), Code::kInvalidOperand, "index 7");   // an error of this code whose text contains these words
//
// On every Run the harness also checks the host's side of the contract, and answers kInternal when a kernel breaks it: shapes from
// infer with all contents known agree with those without; nothing is written beyond an output or to a constant input; a second eval
// on the same state gives the same bytes; resize_output is called for dynamic outputs and for no others.
// Everything is copied in and out. Not thread-safe; Threads(n) gives the kernel real threads.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tflower/kernel_def.h"

namespace tflower::test {

using Dims = std::vector<int64_t>;

// A tensor's type and contents on the host. Quantised when scale is not empty.
struct Value {
  DType dtype = DType::kNone;
  Dims dims;
  std::vector<std::byte> bytes;
  std::vector<float> scale = {};
  std::vector<int64_t> zero_point = {};
  int quant_axis = 0;

  template <class T> std::vector<T> As() const {
    std::vector<T> out(bytes.size() / sizeof(T));
    for (size_t i = 0; i < out.size(); ++i) {
      T element;
      std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
      out[i] = element;
    }
    return out;
  }
  // The same with quantisation parameters.
  Value Quantized(std::vector<float> scales, std::vector<int64_t> zero_points, int axis = 0) const {
    Value v = *this;
    v.scale = std::move(scales);
    v.zero_point = std::move(zero_points);
    v.quant_axis = axis;
    return v;
  }
  // The same bytes under another dtype of this size (float16 from uint16_t bits, complex64 from pairs of floats with new dims).
  Value Retyped(DType type, Dims new_dims) const {
    Value v = *this;
    v.dtype = type;
    v.dims = std::move(new_dims);
    return v;
  }
};

// A tensor from elements in row-major order; the number of elements must be the product of dims.
template <class T>
Value Make(Dims dims, const std::vector<T>& elements) {
  Value v{.dtype = DTypeOf<T>::value, .dims = std::move(dims), .bytes = std::vector<std::byte>(elements.size() * sizeof(T))};
  for (size_t i = 0; i < elements.size(); ++i) {
    const T element = elements[i];
    std::memcpy(v.bytes.data() + i * sizeof(T), &element, sizeof(T));
  }
  return v;
}
template <class T>
Value Make(Dims dims, std::initializer_list<T> elements) {
  return Make<T>(std::move(dims), std::vector<T>(elements));
}
// The same for strings, in TFLite's layout; and back.
Value MakeStrings(Dims dims, const std::vector<std::string>& strings);
std::vector<std::string> StringsOf(const Value& v);
template <class T>
Value Scalar(T x) { return Make<T>({}, std::vector<T>{x}); }

// 0, 1, 2, ... in any numeric type: index patterns for data movement.
template <class T>
Value Iota(Dims dims) {
  int64_t n = 1;
  for (int64_t d : dims) n *= d;
  std::vector<T> elements(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) elements[static_cast<size_t>(i)] = static_cast<T>(i);
  return Make<T>(std::move(dims), elements);
}

// One operator with its operands. Setters return *this; Run may be called again after changing something.
class KernelCall {
 public:
  KernelCall(const KernelFamily& family, tfl::Builtin code) : family_(family), code_(code) {}

  // Operands in order.
  KernelCall& Input(Value v) { return Add(std::move(v), 0, false); }                               // known in eval only
  KernelCall& Const(Value v) { return Add(std::move(v), TFLOWER_TENSOR_CONSTANT, false); }
  KernelCall& Variable(Value v) { return Add(std::move(v), TFLOWER_TENSOR_VARIABLE, false); }      // eval may change it: see input()
  KernelCall& Absent() { return Add(Value{}, 0, true); }

  template <class T> KernelCall& Options(const T& options) {
    options_.resize(sizeof(T));
    std::memcpy(options_.data(), static_cast<const void*>(&options), sizeof(T));
    return *this;
  }
  KernelCall& Custom(std::string code, std::vector<std::byte> options) {
    custom_code_ = std::move(code);
    options_ = std::move(options);
    return *this;
  }
  KernelCall& Version(int version) { version_ = version; return *this; }           // default 1
  KernelCall& Outputs(int count) { num_outputs_ = count; return *this; }           // default 1
  KernelCall& OutputTypes(std::vector<DType> dtypes) { output_dtypes_ = std::move(dtypes); return *this; }  // narrows the choice of row
  KernelCall& OutputQuant(int i, float scale, int64_t zero_point);                 // quantisation parameters of output i
  KernelCall& Threads(int n) { threads_ = n; return *this; }                       // default 1
  KernelCall& InPlace(int input) { in_place_ = input; return *this; }              // output 0 shares this input's memory in eval
  KernelCall& Reference(bool on = true) { reference_ = on; return *this; }         // use the row flagged TFLOWER_KERNEL_REFERENCE

  // Outputs, or the kernel's error (kMissingKernel: no row fits; kInternal: the kernel broke the contract).
  Result<std::vector<Value>> Run();
  // What infer says when only constants are known. dims of -1 mean dynamic.
  Result<std::vector<Value>> Infer();
  // Contents of input i after Run (variables change).
  const Value& input(int i) const { return operands_[static_cast<size_t>(i)].value; }
  // The row that the last Run or Infer chose.
  const tflower_kernel* row() const { return row_; }

 private:
  struct Operand {
    Value value;
    uint32_t flags = 0;
    bool absent = false;
  };
  KernelCall& Add(Value v, uint32_t flags, bool absent);
  bool Fits(const tflower_kernel& row) const;
  Status ChooseRow();

  const KernelFamily& family_;
  tfl::Builtin code_;
  std::string custom_code_;
  std::vector<std::byte> options_;
  std::vector<Operand> operands_;
  std::vector<DType> output_dtypes_;
  std::vector<Value> output_quant_;
  int version_ = 1, num_outputs_ = 1, threads_ = 1, in_place_ = -1;
  bool reference_ = false;
  const tflower_kernel* row_ = nullptr;
};

// The error's one-line text, "" for success: for messages in assertions.
template <class T>
std::string TextOf(const Result<T>& r) { return r.ok() ? "" : r.error().ToString(); }

template <class T>
bool FailsWith(const Result<T>& r, Code code, std::string_view words) {
  return !r.ok() && r.error().code == code && r.error().ToString().find(words) != std::string::npos;
}

}  // namespace tflower::test

#define REQUIRE_OK(result) REQUIRE_MESSAGE((result).ok(), ::tflower::test::TextOf(result))
#define CHECK_FAILS(expression, code, words)                                                        \
  do {                                                                                              \
    const auto tflower_result_ = (expression);                                                      \
    CHECK_MESSAGE(::tflower::test::FailsWith(tflower_result_, code, words),                         \
                  (tflower_result_.ok() ? std::string("succeeded") : ::tflower::test::TextOf(tflower_result_))); \
  } while (false)
