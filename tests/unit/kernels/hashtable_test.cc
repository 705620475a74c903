// HASHTABLE, HASHTABLE_IMPORT, HASHTABLE_FIND, HASHTABLE_SIZE. Each test has tables of its own: the harness keeps them all.
#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_hashtable;
}

using namespace tflower;
using namespace tflower::test;
using Strings = std::vector<std::string>;

namespace {

Result<std::vector<Value>> MakeTable(int32_t id, DType key, DType value) {
  KernelCall call(kernels::family_hashtable, tfl::Builtin::HASHTABLE);
  return call.Options(tfl::HashtableOptions{id, static_cast<tfl::TensorType>(key), static_cast<tfl::TensorType>(value)}).Run();
}
Value Handle(int32_t id) { return Make<int32_t>({1}, {id}).Retyped(DType::kResource, {1}); }

Result<std::vector<Value>> Import(int32_t id, Value keys, Value values) {
  KernelCall call(kernels::family_hashtable, tfl::Builtin::HASHTABLE_IMPORT);
  return call.Outputs(0).Input(Handle(id)).Const(std::move(keys)).Const(std::move(values)).Run();
}
Result<std::vector<Value>> Find(int32_t id, Value keys, Value fallback) {
  KernelCall call(kernels::family_hashtable, tfl::Builtin::HASHTABLE_FIND);
  return call.Input(Handle(id)).Input(std::move(keys)).Input(std::move(fallback)).Run();
}
int64_t Size(int32_t id) {
  KernelCall call(kernels::family_hashtable, tfl::Builtin::HASHTABLE_SIZE);
  auto out = call.Input(Handle(id)).Run();
  return out.ok() ? out.value()[0].As<int64_t>()[0] : -1;
}

}  // namespace

TEST_CASE("From strings to int64: of equal keys the first counts, and later imports change nothing") {
  auto handle = MakeTable(1, DType::kString, DType::kInt64);
  REQUIRE_OK(handle);
  CHECK(handle.value()[0].dims == Dims{1});
  CHECK(handle.value()[0].As<int32_t>() == std::vector<int32_t>{1});
  REQUIRE_OK(Import(1, MakeStrings({4}, {"b", "", "a", "b"}), Make<int64_t>({4}, {1, 2, 3, 4})));
  REQUIRE_OK(Import(1, MakeStrings({1}, {"z"}), Make<int64_t>({1}, {9})));
  CHECK(Size(1) == 3);
  auto out = Find(1, MakeStrings({2, 2}, {"a", "b", "z", ""}), Scalar<int64_t>(-1));
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2, 2});
  CHECK(out.value()[0].As<int64_t>() == std::vector<int64_t>{3, 1, -1, 2});
}

TEST_CASE("From int64 to strings") {
  REQUIRE_OK(MakeTable(2, DType::kInt64, DType::kString));
  REQUIRE_OK(Import(2, Make<int64_t>({2}, {int64_t{1} << 40, -7}), MakeStrings({2}, {"big", ""})));
  auto out = Find(2, Make<int64_t>({3}, {-7, 5, int64_t{1} << 40}), MakeStrings({}, {"none"}));
  REQUIRE_OK(out);
  CHECK(StringsOf(out.value()[0]) == Strings{"", "none", "big"});
}

TEST_CASE("Other pairs, and an empty table") {
  REQUIRE_OK(MakeTable(3, DType::kInt32, DType::kFloat32));
  REQUIRE_OK(Import(3, Make<int32_t>({2}, {1, 2}), Make<float>({2}, {0.5f, 1.5f})));
  auto out = Find(3, Make<int32_t>({2}, {2, 3}), Scalar(-1.0f));
  REQUIRE_OK(out);
  CHECK(out.value()[0].As<float>() == std::vector<float>{1.5f, -1.0f});
  REQUIRE_OK(MakeTable(4, DType::kInt64, DType::kString));
  REQUIRE_OK(Import(4, Make<int64_t>({0}, {}), MakeStrings({0}, {})));
  CHECK(Size(4) == 0);
}

TEST_CASE("What cannot be looked up is refused") {
  CHECK_FAILS(Find(50, Make<int64_t>({1}, {1}), MakeStrings({}, {""})), Code::kInvalidOperand, "no handle of a table");
  REQUIRE_OK(MakeTable(5, DType::kInt64, DType::kString));
  CHECK_FAILS(Find(5, Make<int64_t>({1}, {1}), MakeStrings({}, {""})), Code::kInvalidOperand, "before it is filled");
  CHECK_FAILS(Find(5, MakeStrings({1}, {"a"}), Scalar<int64_t>(0)), Code::kInvalidOperand, "from int64 to string");
  CHECK_FAILS(MakeTable(5, DType::kString, DType::kInt64), Code::kInvalidOperand, "from int64 to string");
  CHECK_FAILS(MakeTable(6, DType::kFloat32, DType::kInt64), Code::kUnsupportedAttribute, "key_dtype");
  CHECK_FAILS(MakeTable(6, DType::kInt64, DType::kVariant), Code::kUnsupportedAttribute, "value_dtype");
  CHECK_FAILS(Import(5, Make<int64_t>({2}, {1, 2}), MakeStrings({1}, {"a"})), Code::kUnsupportedShape, "that of the keys");
}
