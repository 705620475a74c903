#include "import/attr.h"

#include <doctest/doctest.h>

#include <string>

#include "import/proto/graph.pb.h"

namespace tflower::tf {
namespace {

using Proto = proto::AttrValue;

// An Attr that owns its bytes.
struct Owned {
  std::string bytes;
  explicit Owned(const Proto& value) : bytes(value.SerializeAsString()) {}
  operator Attr() const { return {"the_attr", bytes}; }
};

template <class Set>
Owned With(Set set) {
  Proto value;
  set(value);
  return Owned(value);
}

}  // namespace

TEST_CASE("attr: scalars") {
  CHECK(AttrInt(With([](Proto& v) { v.set_i(-5); })).value() == -5);
  CHECK(AttrInt(With([](Proto& v) { v.set_i(0); })).value() == 0);
  CHECK(AttrFloat(With([](Proto& v) { v.set_f(0.25f); })).value() == 0.25f);
  CHECK(AttrBool(With([](Proto& v) { v.set_b(true); })).value());
  CHECK_FALSE(AttrBool(With([](Proto& v) { v.set_b(false); })).value());
  const Owned text = With([](Proto& v) { v.set_s("SAME"); });
  CHECK(AttrString(text).value() == "SAME");
  CHECK(AttrType(With([](Proto& v) { v.set_type(proto::DT_INT64); })).value() == DataType::kInt64);
  CHECK(AttrType(With([](Proto& v) { v.set_type(proto::DT_FLOAT_REF); })).value() == DataType::kFloat);
}

TEST_CASE("attr: shapes") {
  const Owned known = With([](Proto& v) {
    v.mutable_shape()->add_dim()->set_size(-1);
    v.mutable_shape()->add_dim()->set_size(3);
  });
  CHECK(AttrShape(known).value() == PartialShape({-1, 3}));
  CHECK(AttrShape(With([](Proto& v) { v.mutable_shape()->set_unknown_rank(true); })).value() == PartialShape());
  CHECK(AttrShape(With([](Proto& v) { v.mutable_shape(); })).value() == PartialShape(std::vector<int64_t>{}));
  const auto wrong = AttrShape(With([](Proto& v) { v.mutable_shape()->add_dim()->set_size(-2); }));
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().code == Code::kInvalidGraph);
  CHECK(wrong.error().what == "the_attr");
}

TEST_CASE("attr: lists, and the empty list of any kind") {
  const Owned ints = With([](Proto& v) { for (const int i : {1, -2, 300}) v.mutable_list()->add_i(i); });
  CHECK(AttrInts(ints).value() == std::vector<int64_t>{1, -2, 300});
  const Owned floats = With([](Proto& v) { v.mutable_list()->add_f(1.5f); });
  CHECK(AttrFloats(floats).value() == std::vector<float>{1.5f});
  const Owned bools = With([](Proto& v) { v.mutable_list()->add_b(true), v.mutable_list()->add_b(false); });
  CHECK(AttrBools(bools).value() == std::vector<bool>{true, false});
  const Owned types = With([](Proto& v) { v.mutable_list()->add_type(proto::DT_BOOL); });
  CHECK(AttrTypes(types).value() == std::vector<DataType>{DataType::kBool});
  const Owned strings = With([](Proto& v) { v.mutable_list()->add_s("a"), v.mutable_list()->add_s(""); });
  CHECK(AttrStrings(strings).value() == std::vector<std::string_view>{"a", ""});
  const Owned shapes = With([](Proto& v) { v.mutable_list()->add_shape()->set_unknown_rank(true); });
  CHECK(AttrShapes(shapes).value() == std::vector<PartialShape>{std::nullopt});
  const Owned empty = With([](Proto& v) { v.mutable_list(); });
  CHECK(AttrInts(empty).value().empty());
  CHECK(AttrStrings(empty).value().empty());
  CHECK(AttrFuncs(empty).value().empty());
  CHECK(KindOf(empty) == AttrKind::kList);
}

TEST_CASE("attr: an unpacked list, as old writers make it") {
  const std::string bytes("\x0a\x04\x18\x07\x18\x08", 6);  // list { i: 7 i: 8 }
  CHECK(AttrInts({"a", bytes}).value() == std::vector<int64_t>{7, 8});
}

TEST_CASE("attr: functions and tensors") {
  const Owned func = With([](Proto& v) {
    v.mutable_func()->set_name("f");
    auto* bound = v.mutable_func()->add_attr();
    bound->set_key("n");
    bound->mutable_value()->set_i(2);
  });
  const auto decoded = AttrFunc(func);
  REQUIRE(decoded.ok());
  CHECK(decoded.value().name == "f");
  CHECK(AttrInt(decoded.value().attrs.at(0)).value() == 2);

  const Owned tensor = With([](Proto& v) {
    v.mutable_tensor()->set_dtype(proto::DT_INT32);
    v.mutable_tensor()->add_int_val(4);
  });
  CHECK(AttrTensor(tensor).value().dtype == DataType::kInt32);
}

TEST_CASE("attr: function names are found alone and in lists") {
  std::string seen;
  const auto visit = [&](std::string_view name) { seen += std::string(name) + ";"; };
  EachFunctionName(With([](Proto& v) { v.mutable_func()->set_name("f"); }), visit);
  EachFunctionName(With([](Proto& v) {
    v.mutable_list()->add_func()->set_name("g");
    v.mutable_list()->add_func()->set_name("h");
  }), visit);
  EachFunctionName(With([](Proto& v) { v.mutable_list()->add_s("not_one"); }), visit);
  CHECK(seen == "f;g;h;");
}

TEST_CASE("attr: another kind, or broken bytes, is an error that names the attribute") {
  const Owned number = With([](Proto& v) { v.set_i(1); });
  const auto wrong = AttrString(number);
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().code == Code::kInvalidGraph);
  CHECK(wrong.error().what == "the_attr");
  CHECK(AttrInts(number).error().code == Code::kInvalidGraph);
  CHECK(AttrInts(With([](Proto& v) { v.mutable_list()->add_s("x"); })).error().code == Code::kInvalidGraph);
  CHECK(AttrInt({"a", ""}).error().code == Code::kInvalidGraph);
  CHECK(AttrInt({"a", "\x18"}).error().code == Code::kMalformed);
  CHECK(AttrInts({"a", std::string_view("\x0a\x09\x18", 3)}).error().code == Code::kMalformed);
  CHECK(KindOf({"a", ""}) == AttrKind::kNone);
}

}  // namespace tflower::tf
