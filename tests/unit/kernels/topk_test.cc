// TOPK_V2, ARG_MAX, ARG_MIN, WHERE, UNIQUE through their rows.
#include "tests/support/kernel_harness.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace tflower::kernels {
extern const KernelFamily family_topk;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using tfl::Builtin;
using F = std::vector<float>;
using I = std::vector<int32_t>;
using L = std::vector<int64_t>;

const float kNaN = std::nanf("");
const float kInf = std::numeric_limits<float>::infinity();

KernelCall Call(Builtin code) { return KernelCall(kernels::family_topk, code); }

Result<std::vector<Value>> TopK(const Value& x, int32_t k, bool constant = true) {
  KernelCall call = Call(Builtin::TOPK_V2);
  call.Input(x).Outputs(2);
  return (constant ? call.Const(Scalar(k)) : call.Input(Scalar(k))).Run();
}

TEST_CASE("TOPK_V2: largest first, ties by position, NaN last") {
  for (const bool constant : {true, false}) {
    const auto out = TopK(Make<float>({9}, {1, kNaN, 3, kNaN, 2, 3, -kInf, -0.0f, 0.0f}), 9, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[1].As<int32_t>() == I{2, 5, 4, 0, 7, 8, 6, 1, 3});  // LiteRT's order
    const auto rows = TopK(Make<int8_t>({2, 3}, {1, 3, 2, 5, 4, 5}), 2, constant);
    CHECK(rows.value()[0].dims == Dims{2, 2});
    CHECK(rows.value()[0].As<int8_t>() == std::vector<int8_t>{3, 2, 5, 5});
    CHECK(rows.value()[1].As<int32_t>() == I{1, 2, 0, 2});
    CHECK(TopK(Iota<float>({2, 3}), 0, constant).value()[1].dims == Dims{2, 0});
    CHECK_FAILS(TopK(Iota<float>({2}), 3, constant), Code::kInvalidOperand, "input 1 (k)");
    CHECK_FAILS(TopK(Iota<float>({2}), -1, constant), Code::kInvalidOperand, "input 1 (k)");
  }
  CHECK(TopK(Iota<float>({0, 3}), 2).value()[0].dims == Dims{0, 2});
}

TEST_CASE("TOPK_V2 agrees with a stable sort") {
  std::mt19937 random(3);
  std::vector<int32_t> x(1000);
  for (int32_t& v : x) v = static_cast<int32_t>(random() % 100);
  I order(x.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return x[static_cast<size_t>(a)] > x[static_cast<size_t>(b)]; });
  for (const int32_t k : {1, 7, 500, 1000})
    CHECK(TopK(Make<int32_t>({1000}, x), k).value()[1].As<int32_t>() == I(order.begin(), order.begin() + k));
}

TEST_CASE("TOPK_V2 with int16 positions") {
  const auto out = Call(Builtin::TOPK_V2)
                       .Version(3)
                       .Input(Make<float>({3}, {1, 3, 2}))
                       .Const(Scalar<int16_t>(1))
                       .Outputs(2)
                       .OutputTypes({DType::kFloat32, DType::kInt16})
                       .Run();
  REQUIRE_OK(out);
  CHECK(out.value()[1].As<int16_t>() == std::vector<int16_t>{1});
}

template <class Options>
Result<std::vector<Value>> Arg(Builtin code, const Value& x, int32_t axis, tfl::TensorType type = tfl::TensorType::INT32,
                               bool constant = true) {
  KernelCall call = Call(code);
  call.Input(x).Options(Options{.output_type = type});
  return (constant ? call.Const(Scalar(axis)) : call.Input(Scalar(axis))).Run();
}

TEST_CASE("ARG_MAX and ARG_MIN: the first one, NaN passed over") {
  const Value x = Make<float>({3, 3}, {1, kNaN, 3, kNaN, 1, 2, 2, 2, 2});
  for (const bool constant : {true, false}) {
    const auto out = Arg<tfl::ArgMaxOptions>(Builtin::ARG_MAX, x, 1, tfl::TensorType::INT32, constant);
    REQUIRE_OK(out);
    CHECK(out.value()[0].As<int32_t>() == I{2, 2, 0});
    CHECK(Arg<tfl::ArgMinOptions>(Builtin::ARG_MIN, x, -2, tfl::TensorType::INT64, constant).value()[0].As<int64_t>() == L{0, 1, 1});
    CHECK_FAILS(Arg<tfl::ArgMaxOptions>(Builtin::ARG_MAX, x, 2, tfl::TensorType::INT32, constant), Code::kInvalidOperand,
                "input 1 (axis)");
  }
  CHECK(Arg<tfl::ArgMaxOptions>(Builtin::ARG_MAX, Make<float>({2}, {kNaN, kNaN}), 0).value()[0].As<int32_t>() == I{0});
  CHECK(Arg<tfl::ArgMaxOptions>(Builtin::ARG_MAX, Make<bool>({3}, {false, true, true}), 0).value()[0].As<int32_t>() == I{1});
  const auto wide = Arg<tfl::ArgMaxOptions>(Builtin::ARG_MAX, Iota<int32_t>({2, 4, 70}), 1);  // more columns than one group
  CHECK(wide.value()[0].dims == Dims{2, 70});
  CHECK(wide.value()[0].As<int32_t>() == I(140, 3));
  CHECK(Arg<tfl::ArgMaxOptions>(Builtin::ARG_MAX, Iota<float>({0, 3}), 1).value()[0].dims == Dims{0});
  CHECK_FAILS(Arg<tfl::ArgMaxOptions>(Builtin::ARG_MAX, Iota<float>({3, 0}), 1), Code::kInvalidOperand, "dimension 1 of [3, 0] is empty");
  CHECK_FAILS(Arg<tfl::ArgMaxOptions>(Builtin::ARG_MAX, Iota<float>({3}), 0, tfl::TensorType::FLOAT32), Code::kUnsupportedAttribute,
              "output_type: float32 must be int32 or int64");
}

TEST_CASE("ARG_MAX and ARG_MIN of random rows and columns, NaN among them, against a plain search") {
  std::mt19937 random(5);
  for (const auto& [rows, columns] : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {5, 21}, {3, 33}, {4, 300}, {700, 5}, {2, 1030}, {11, 1100}}) {
    std::vector<float> x(static_cast<size_t>(rows * columns));
    for (float& v : x) v = random() % 9 == 0 ? kNaN : static_cast<float>(static_cast<int>(random() % 41) - 20);
    for (int64_t c = 0; c < columns; c += 5) {  // columns and rows of the worst values
      const float worst = c % 2 == 0 ? -kInf : kInf;
      for (int64_t r = 0; r < rows; ++r) x[static_cast<size_t>(r * columns + c)] = random() % 3 == 0 ? kNaN : worst;
      if (c < rows) for (int64_t i = 0; i < columns; ++i) x[static_cast<size_t>(c * columns + i)] = random() % 3 == 0 ? kNaN : worst;
    }
    for (const int axis : {0, 1}) {
      const int64_t n = axis == 0 ? rows : columns, outputs = axis == 0 ? columns : rows, step = axis == 0 ? columns : 1, start = axis == 0 ? 1 : columns;
      I most(static_cast<size_t>(outputs)), least = most;
      for (int64_t o = 0; o < outputs; ++o) {
        const auto at = [&](int64_t k) { return x[static_cast<size_t>(o * start + k * step)]; };
        int64_t high = -1, low = -1;
        for (int64_t k = 0; k < n; ++k) {
          if (std::isnan(at(k))) continue;
          if (high < 0 || at(k) > at(high)) high = k;
          if (low < 0 || at(k) < at(low)) low = k;
        }
        most[static_cast<size_t>(o)] = static_cast<int32_t>(std::max<int64_t>(high, 0));
        least[static_cast<size_t>(o)] = static_cast<int32_t>(std::max<int64_t>(low, 0));
      }
      const Value value = Make<float>({rows, columns}, x);
      CHECK(Arg<tfl::ArgMaxOptions>(Builtin::ARG_MAX, value, axis).value()[0].As<int32_t>() == most);
      CHECK(Arg<tfl::ArgMinOptions>(Builtin::ARG_MIN, value, axis).value()[0].As<int32_t>() == least);
    }
  }
}

TEST_CASE("WHERE lists the places that are not 0") {
  for (const bool constant : {true, false}) {
    const auto where = [&](const Value& x) {
      KernelCall call = Call(Builtin::WHERE);
      call.Version(2);
      return (constant ? call.Const(x) : call.Input(x)).Run();
    };
    const auto out = where(Make<bool>({2, 3}, {false, true, true, true, false, true}));
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{4, 2});
    CHECK(out.value()[0].As<int64_t>() == L{0, 1, 0, 2, 1, 0, 1, 2});
    CHECK(where(Make<float>({4}, {1, kNaN, 0, -0.0f})).value()[0].As<int64_t>() == L{0, 1});
    CHECK(where(Make<int32_t>({2}, {0, 0})).value()[0].dims == Dims{0, 1});
    CHECK(where(Iota<float>({0, 2})).value()[0].dims == Dims{0, 2});
  }
}

TEST_CASE("UNIQUE keeps first appearances") {
  const auto unique = [](const Value& x, tfl::TensorType type = tfl::TensorType::INT32) {
    return Call(Builtin::UNIQUE).Input(x).Outputs(2).Options(tfl::UniqueOptions{.idx_out_type = type}).Run();
  };
  const auto out = unique(Make<int32_t>({6}, {7, 3, 7, 7, 1, 3}));
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<int32_t>() == I{7, 3, 1});
  CHECK(out.value()[1].As<int32_t>() == I{0, 1, 0, 0, 2, 1});
  CHECK(unique(Make<float>({5}, {0.0f, -0.0f, kNaN, kNaN, 1}), tfl::TensorType::INT64).value()[1].As<int64_t>() == L{0, 0, 1, 2, 3});
  CHECK(unique(Iota<int8_t>({0})).value()[0].dims == Dims{0});
  const auto many = unique(Iota<int64_t>({5000}));
  CHECK(many.value()[0].bytes == Iota<int64_t>({5000}).bytes);
  CHECK_FAILS(unique(Iota<float>({2, 2})), Code::kUnsupportedShape, "rank(input) == 1");
  CHECK_FAILS(unique(Iota<float>({2}), tfl::TensorType::FLOAT32), Code::kUnsupportedAttribute, "idx_out_type");
}

}  // namespace
