// Integers of 4 bits: operators that move them, QUANTIZE and DEQUANTIZE; weights in blocks; results of another type than the operands'.
#include "tests/support/kernel_harness.h"
#include "tflower/half.h"

namespace tflower::kernels {
extern const KernelFamily family_blockwise, family_concat, family_conv, family_dynamic_update_slice, family_gather, family_quantize, family_quantized_dense, family_quantized_softmax, family_slice, family_transpose;
}

namespace tflower::test {
namespace {

using namespace tflower::kernels;
using tfl::Builtin;

// int4 or uint4 of these values.
Value Nibbles(Dims dims, const std::vector<int>& values, DType type = DType::kInt4) {
  std::vector<uint8_t> bytes((values.size() + 1) / 2);
  for (size_t i = 0; i < values.size(); ++i) bytes[i / 2] = static_cast<uint8_t>(bytes[i / 2] | (values[i] & 15) << (i % 2 * 4));
  const auto size = static_cast<int64_t>(bytes.size());
  return Make<uint8_t>({size}, bytes).Retyped(type, std::move(dims));
}
const Value kX = Nibbles({3, 3}, {-8, -7, -1, 0, 1, 2, 5, 6, 7});

void CheckIs(KernelCall& call, const Value& expected) {
  const auto out = call.Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dtype == expected.dtype);
  CHECK(out.value()[0].dims == expected.dims);
  CHECK(out.value()[0].bytes == expected.bytes);
}

TEST_CASE("int4 is moved element by element, also where rows end inside of a byte") {
  KernelCall transpose(family_transpose, Builtin::TRANSPOSE);
  CheckIs(transpose.Input(kX).Const(Make<int32_t>({2}, {1, 0})), Nibbles({3, 3}, {-8, 0, 5, -7, 1, 6, -1, 2, 7}));
  KernelCall unsigned_transpose(family_transpose, Builtin::TRANSPOSE);
  CheckIs(unsigned_transpose.Input(Nibbles({1, 3}, {15, 8, 1}, DType::kUInt4)).Const(Make<int32_t>({2}, {1, 0})), Nibbles({3, 1}, {15, 8, 1}, DType::kUInt4));
  KernelCall slice(family_slice, Builtin::SLICE);
  CheckIs(slice.Input(kX).Const(Make<int32_t>({2}, {1, 1})).Const(Make<int32_t>({2}, {2, 2})), Nibbles({2, 2}, {1, 2, 6, 7}));
  KernelCall concat(family_concat, Builtin::CONCATENATION);
  CheckIs(concat.Options(tfl::ConcatenationOptions{.axis = 1}).Input(kX).Input(Nibbles({3, 1}, {3, 4, -2})), Nibbles({3, 4}, {-8, -7, -1, 3, 0, 1, 2, 4, 5, 6, 7, -2}));
  KernelCall update(family_dynamic_update_slice, Builtin::DYNAMIC_UPDATE_SLICE);
  CheckIs(update.Input(kX).Input(Nibbles({1, 2}, {3, 4})).Const(Make<int32_t>({2}, {1, 1})), Nibbles({3, 3}, {-8, -7, -1, 0, 3, 4, 5, 6, 7}));
  KernelCall gather(family_gather, Builtin::GATHER);
  CheckIs(gather.Options(tfl::GatherOptions{}).Input(kX).Const(Make<int32_t>({2}, {2, 0})), Nibbles({2, 3}, {5, 6, 7, -8, -7, -1}));
  KernelCall late(family_transpose, Builtin::TRANSPOSE);
  CHECK_FAILS(late.Input(kX).Input(Make<int32_t>({2}, {1, 0})).Run(), Code::kUnsupportedShape, "must have a shape that is known");
}

TEST_CASE("reals become 4-bit integers and are read back") {
  for (const auto& [type, zero, stored] : {std::tuple(DType::kInt4, 1, std::vector<int>{-8, -1, 1, 4, 7}), {DType::kUInt4, 2, {0, 0, 2, 5, 15}}}) {
    KernelCall quantize(family_quantize, Builtin::QUANTIZE);
    quantize.OutputTypes({type}).Input(Make<float>({5}, {-9, -1, 0, 1.6f, 9})).OutputQuant(0, 0.5f, zero);
    CheckIs(quantize, Nibbles({5}, stored, type));
  }
  KernelCall four(family_quantize, Builtin::DEQUANTIZE);
  CheckIs(four.Input(Nibbles({3}, {0, 9, 15}, DType::kUInt4).Quantized({0.5f}, {1})), Make<float>({3}, {-0.5f, 4, 7}));
  KernelCall two(family_quantize, Builtin::DEQUANTIZE);
  CheckIs(two.Input(Make<uint8_t>({2}, {0xe4, 0x02}).Retyped(DType::kInt2, {5}).Quantized({0.5f}, {0})), Make<float>({5}, {0, 0.5f, -1, -0.5f, -1}));
}

TEST_CASE("a dense layer whose weights have a scale for each block") {
  KernelCall dense(family_blockwise, Builtin::FULLY_CONNECTED);
  const Value weights = Nibbles({2, 4}, {1, 2, 3, 4, -1, -2, -3, -4}).Quantized({1, 10, 0.5f, 100}, {0, 0, 0, 0}, 1);  // two blocks of two in each row
  dense.Options(tfl::FullyConnectedOptions{.fused_activation_function = tfl::ActivationFunctionType::RELU});
  dense.Input(Make<float>({1, 4}, {0, 255, 51, 0})).Const(weights).Const(Make<float>({2}, {0.25f, 30000}));
  CheckIs(dense, Make<float>({1, 2}, {510 + 1530 + 0.25f, 30000 - 255 - 15300}));
  KernelCall plain(family_blockwise, Builtin::FULLY_CONNECTED);
  CHECK_FAILS(plain.Input(Make<float>({1, 4}, {0, 1, 2, 3})).Const(Nibbles({2, 4}, {1, 2, 3, 4, 5, 6, 7, 0}).Quantized({1}, {0})).Run(), Code::kDeclined, "not quantised in blocks");
}

TEST_CASE("SOFTMAX of int8 into int16") {  // numbers of TFLite's reference kernel
  const Value x = Make<int8_t>({2, 4}, {-128, 0, 100, 127, 5, 6, 7, 8}).Quantized({0.07f}, {3});
  KernelCall softmax(family_quantized_softmax, Builtin::SOFTMAX);
  softmax.Options(tfl::SoftmaxOptions{.beta = 1}).OutputTypes({DType::kInt16}).Input(x).OutputQuant(0, 0x1p-16f, -32768);
  CheckIs(softmax, Make<int16_t>({2, 4}, {-32768, -32760, -24168, 24160, -18062, -16996, -15852, -14626}));
  KernelCall other(family_quantized_softmax, Builtin::SOFTMAX);
  other.Options(tfl::SoftmaxOptions{.beta = 1}).OutputTypes({DType::kInt16}).Input(x).OutputQuant(0, 0x1p-15f, 0);
  CHECK_FAILS(other.Run(), Code::kUnsupportedType, "1/65536");
}

Value Halves(Dims dims, const std::vector<float>& values) {
  std::vector<uint16_t> bits;
  for (const float v : values) bits.push_back(HalfFromFloat(v));
  return Make<uint16_t>(dims, bits).Retyped(DType::kFloat16, dims);
}

TEST_CASE("a convolution of float16: sums in float32, rounded once; weights are packed, or change from run to run") {
  const Value x = Halves({1, 1, 2, 2}, {1, 2, 0.5f, 2048}), filter = Halves({2, 1, 1, 2}, {1, 1, -1, 2}), bias = Halves({2}, {1, 0});
  const Value expected = Halves({1, 1, 2, 2}, {4, 3, 2049.5f, 4095.5f});
  for (const bool constant : {true, false}) {
    KernelCall conv(family_conv, Builtin::CONV_2D);
    conv.Options(tfl::Conv2DOptions{.padding = tfl::Padding::VALID, .stride_w = 1, .stride_h = 1, .dilation_w_factor = 1, .dilation_h_factor = 1}).Input(x);
    constant ? conv.Const(filter).Const(bias) : conv.Input(filter).Input(bias);
    CheckIs(conv, expected);
  }
}

TEST_CASE("products of matrices into other types") {
  const Value x = Make<int8_t>({1, 2}, {3, -4}), w = Make<int8_t>({2, 2}, {1, 2, 3, 4});
  KernelCall sums(family_quantized_dense, Builtin::BATCH_MATMUL);
  CheckIs(sums.OutputTypes({DType::kInt32}).Input(x).Input(w), Make<int32_t>({1, 2}, {-9, -10}));
  KernelCall words(family_quantized_dense, Builtin::BATCH_MATMUL);  // a scale for each column
  words.Input(Make<int16_t>({1, 2}, {300, -400}).Quantized({0.5f}, {0})).Const(w.Quantized({0.5f, 4}, {0, 0}, 1)).OutputQuant(0, 1, 0);
  CheckIs(words, Make<int16_t>({1, 2}, {-225, -2000}));
  KernelCall gates(family_quantized_dense, Builtin::FULLY_CONNECTED);
  gates.OutputTypes({DType::kInt16}).Input(Make<uint8_t>({1, 2}, {130, 125}).Quantized({1}, {128})).Const(Make<uint8_t>({1, 2}, {228, 28}).Quantized({1}, {128}));
  gates.Const(Make<int32_t>({1}, {5})).OutputQuant(0, 1, 0);
  CheckIs(gates, Make<int16_t>({1, 1}, {505}));
}

}  // namespace
}  // namespace tflower::test
