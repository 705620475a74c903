// CAST, BITCAST, DEQUANTIZE of half floats through their rows. Conversion rules: measured with LiteRT 2.x.
#include "tests/support/kernel_harness.h"

#include <cmath>
#include <limits>

namespace tflower::kernels {
extern const KernelFamily family_cast;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using tfl::Builtin;

Result<std::vector<Value>> Cast(const Value& x, DType to) {
  return KernelCall(kernels::family_cast, Builtin::CAST)
      .Version(9)
      .Input(x)
      .Options(tfl::CastOptions{.in_data_type = static_cast<tfl::TensorType>(x.dtype), .out_data_type = static_cast<tfl::TensorType>(to)})
      .Run();
}
template <class To>
std::vector<To> CastTo(const Value& x) {
  const Result<std::vector<Value>> out = Cast(x, DTypeOf<To>::value);
  REQUIRE_OK(out);
  return out.value()[0].As<To>();
}

constexpr float kInf = std::numeric_limits<float>::infinity();
const Value kFloats = Make<float>({9}, {std::nanf(""), kInf, -kInf, 300.7f, -300.7f, 2.5f, -2.5f, -0.5f, 3e9f});

TEST_CASE("CAST of floats to integers truncates and saturates; NaN gives the largest") {
  CHECK(CastTo<int8_t>(kFloats) == std::vector<int8_t>{127, 127, -128, 127, -128, 2, -2, 0, 127});
  CHECK(CastTo<uint8_t>(kFloats) == std::vector<uint8_t>{255, 255, 0, 255, 0, 2, 0, 0, 255});
  CHECK(CastTo<int16_t>(kFloats) == std::vector<int16_t>{32767, 32767, -32768, 300, -300, 2, -2, 0, 32767});
  constexpr int32_t kMax = std::numeric_limits<int32_t>::max(), kMin = std::numeric_limits<int32_t>::min();
  CHECK(CastTo<int32_t>(kFloats) == std::vector<int32_t>{kMax, kMax, kMin, 300, -300, 2, -2, 0, kMax});
  CHECK(CastTo<uint32_t>(kFloats) == std::vector<uint32_t>{4294967295u, 4294967295u, 0, 300, 0, 2, 0, 0, 3000000000u});
  constexpr int64_t kMax64 = std::numeric_limits<int64_t>::max(), kMin64 = std::numeric_limits<int64_t>::min();
  CHECK(CastTo<int64_t>(kFloats) == std::vector<int64_t>{kMax64, kMax64, kMin64, 300, -300, 2, -2, 0, 3000000000});
  CHECK(CastTo<uint64_t>(Make<double>({2}, {18446744073709551615.0, 1e19})) ==
        std::vector<uint64_t>{std::numeric_limits<uint64_t>::max(), 10000000000000000000u});
  CHECK(CastTo<int32_t>(Make<double>({2}, {2147483647.9, -2147483648.9})) == std::vector<int32_t>{kMax, kMin});
}

TEST_CASE("CAST between integers keeps the low bits") {
  const Value x = Make<int32_t>({3}, {300, -1, 128});
  CHECK(CastTo<uint8_t>(x) == std::vector<uint8_t>{44, 255, 128});
  CHECK(CastTo<int8_t>(x) == std::vector<int8_t>{44, -1, -128});
  CHECK(CastTo<uint64_t>(x)[1] == std::numeric_limits<uint64_t>::max());
  CHECK(CastTo<int64_t>(Make<uint32_t>({1}, {4000000000u})) == std::vector<int64_t>{4000000000});
  CHECK(CastTo<int32_t>(Make<int8_t>({1}, {-5})) == std::vector<int32_t>{-5});
}

TEST_CASE("CAST to and from booleans") {
  CHECK(CastTo<bool>(Make<float>({4}, {0, -0.0f, 0.25f, std::nanf("")})) == std::vector<bool>{false, false, true, true});
  CHECK(CastTo<bool>(Make<int32_t>({2}, {0, 256})) == std::vector<bool>{false, true});
  CHECK(CastTo<float>(Make<bool>({2}, {true, false})) == std::vector<float>{1, 0});
  // A file may hold any byte for a boolean.
  CHECK(CastTo<int32_t>(Make<uint8_t>({2}, {2, 0}).Retyped(DType::kBool, {2})) == std::vector<int32_t>{1, 0});
}

TEST_CASE("CAST between floats") {
  CHECK(CastTo<float>(Make<double>({2}, {0.1, 1e300})) == std::vector<float>{0.1f, kInf});
  CHECK(CastTo<double>(Make<float>({1}, {0.1f})) == std::vector<double>{0.10000000149011612});
  CHECK(CastTo<float>(Make<int64_t>({1}, {(int64_t{1} << 53) + 1})) == std::vector<float>{9007199254740992.0f});
  const auto half = Cast(Make<float>({3}, {65520.0f, 1.00048828125f, -2.0f}), DType::kFloat16);
  REQUIRE_OK(half);
  CHECK(half.value()[0].As<uint16_t>() == std::vector<uint16_t>{0x7c00, 0x3c00, 0xc000});
  CHECK(CastTo<int8_t>(Make<uint16_t>({3}, {0x7c00, 0x4168, 0x7e00}).Retyped(DType::kFloat16, {3})) == std::vector<int8_t>{127, 2, 127});
  CHECK(CastTo<float>(Make<uint16_t>({1}, {0x3fc0}).Retyped(DType::kBFloat16, {1})) == std::vector<float>{1.5f});
  CHECK(Cast(Make<uint16_t>({1}, {0x3e00}).Retyped(DType::kFloat16, {1}), DType::kBFloat16).value()[0].As<uint16_t>() ==
        std::vector<uint16_t>{0x3fc0});
}

TEST_CASE("CAST of complex numbers takes the real part") {
  const Value z = Make<float>({4}, {1.5f, 2, 0, 3}).Retyped(DType::kComplex64, {2});
  CHECK(CastTo<float>(z) == std::vector<float>{1.5f, 0});
  CHECK(CastTo<bool>(z) == std::vector<bool>{true, false});
  CHECK(Cast(Make<int32_t>({1}, {3}), DType::kComplex64).value()[0].As<float>() == std::vector<float>{3, 0});
  CHECK(Cast(z, DType::kComplex64).value()[0].bytes == z.bytes);
}

TEST_CASE("CAST of blocks and their rest agrees with single elements, for all types") {
  const DType types[] = {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kFloat64,  DType::kBool,
                         DType::kInt8,    DType::kUInt8,   DType::kInt16,    DType::kUInt16,   DType::kInt32,
                         DType::kUInt32,  DType::kInt64,   DType::kUInt64,   DType::kComplex64};
  for (const DType from : types) {
    const auto x = Cast(Iota<uint8_t>({1300}), from);
    REQUIRE_OK(x);
    for (const DType to : types) {
      CAPTURE(NameOf(from));
      CAPTURE(NameOf(to));
      const auto there = Cast(x.value()[0], to);
      REQUIRE_OK(there);
      const auto direct = Cast(Iota<uint8_t>({1300}), to);  // 0..255 is exact in all types but bool and int8
      if (from != DType::kBool && from != DType::kInt8 && to != DType::kInt8) CHECK(there.value()[0].bytes == direct.value()[0].bytes);
    }
  }
}

TEST_CASE("CAST refuses types without numbers") {
  CHECK_FAILS(Cast(Iota<float>({2}), DType::kString), Code::kUnsupportedAttribute, "out_data_type: string is none of the types");
  CHECK(Cast(Iota<float>({0, 2}), DType::kInt32).value()[0].dims == Dims{0, 2});
}

TEST_CASE("DEQUANTIZE of float16") {
  const auto out = KernelCall(kernels::family_cast, Builtin::DEQUANTIZE)
                       .Version(3)
                       .Const(Make<uint16_t>({2}, {0x3e00, 0x7c00}).Retyped(DType::kFloat16, {2}))
                       .Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<float>() == std::vector<float>{1.5f, kInf});
}

Result<std::vector<Value>> Bitcast(const Value& x, DType to) {
  return KernelCall(kernels::family_cast, Builtin::BITCAST).Input(x).OutputTypes({to}).Run();
}

TEST_CASE("BITCAST to types of the same, a smaller and a larger size") {
  CHECK(Bitcast(Make<float>({1}, {1}), DType::kInt32).value()[0].As<int32_t>() == std::vector<int32_t>{0x3f800000});
  const auto smaller = Bitcast(Make<float>({2}, {1, 2}), DType::kInt16);
  CHECK(smaller.value()[0].dims == Dims{2, 2});
  CHECK(smaller.value()[0].As<int16_t>() == std::vector<int16_t>{0, 16256, 0, 16384});
  const auto larger = Bitcast(Make<int16_t>({1, 2}, {1, 2}), DType::kInt32);
  CHECK(larger.value()[0].dims == Dims{1});
  CHECK(larger.value()[0].As<int32_t>() == std::vector<int32_t>{131073});
  CHECK_FAILS(Bitcast(Make<int16_t>({3}, {1, 2, 3}), DType::kInt32), Code::kUnsupportedShape,
              "the last dimension of [3] must be 2 to make int32 from int16");
}

}  // namespace
