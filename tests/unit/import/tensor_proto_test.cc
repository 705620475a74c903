#include "import/tensor_proto.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "import/proto/graph.pb.h"

namespace tflower::tf {
namespace {

using Proto = proto::TensorProto;

Proto Make(proto::DataType dtype, const std::vector<int64_t>& dims) {
  Proto tensor;
  tensor.set_dtype(dtype);
  tensor.mutable_tensor_shape();
  for (const int64_t dim : dims) tensor.mutable_tensor_shape()->add_dim()->set_size(dim);
  return tensor;
}

// Owns the bytes that the decoded tensor refers to.
struct Decoded {
  std::string bytes;
  Result<TensorData> result;
  explicit Decoded(const Proto& tensor, uint64_t limit = kDefaultTensorLimit)
      : bytes(tensor.SerializeAsString()), result(DecodeTensor(bytes, limit)) {}
  Code code() const { return result.ok() ? Code::kOk : result.error().code; }
};

template <class T>
std::vector<T> Values(const TensorData& tensor) {
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

template <class T>
std::vector<T> Decode(const Proto& tensor) {
  const Decoded decoded(tensor);
  REQUIRE_MESSAGE(decoded.result.ok(), decoded.result.error().ToString());
  CHECK(decoded.result.value().bytes.size() == sizeof(T) * static_cast<size_t>(decoded.result.value().ElementCount()));
  return Values<T>(decoded.result.value());
}

}  // namespace

TEST_CASE("tensor: content is referenced in place") {
  Proto tensor = Make(proto::DT_FLOAT, {2, 1});
  const float values[] = {1.5f, -2.0f};
  tensor.set_tensor_content(values, sizeof values);
  const Decoded decoded(tensor);
  REQUIRE(decoded.result.ok());
  const TensorData& data = decoded.result.value();
  CHECK(data.dims == std::vector<int64_t>{2, 1});
  CHECK(Values<float>(data) == std::vector<float>{1.5f, -2.0f});
  CHECK(data.owner == nullptr);
  const auto* at = reinterpret_cast<const char*>(data.bytes.data());
  CHECK(at >= decoded.bytes.data());
  CHECK(at < decoded.bytes.data() + decoded.bytes.size());
}

TEST_CASE("tensor: typed lists of every dtype") {
  Proto t = Make(proto::DT_FLOAT, {2});
  t.add_float_val(1), t.add_float_val(2);
  CHECK(Decode<float>(t) == std::vector<float>{1, 2});
  t = Make(proto::DT_DOUBLE, {2});
  t.add_double_val(1), t.add_double_val(2);
  CHECK(Decode<double>(t) == std::vector<double>{1, 2});
  t = Make(proto::DT_INT32, {2});
  t.add_int_val(-1), t.add_int_val(INT32_MIN);
  CHECK(Decode<int32_t>(t) == std::vector<int32_t>{-1, INT32_MIN});
  t = Make(proto::DT_INT16, {2});
  t.add_int_val(-1), t.add_int_val(300);
  CHECK(Decode<int16_t>(t) == std::vector<int16_t>{-1, 300});
  t = Make(proto::DT_UINT16, {1});
  t.add_int_val(65535);
  CHECK(Decode<uint16_t>(t) == std::vector<uint16_t>{65535});
  for (const auto dtype : {proto::DT_INT8, proto::DT_QINT8, proto::DT_INT4}) {
    t = Make(dtype, {2});
    t.add_int_val(-3), t.add_int_val(7);
    CHECK(Decode<int8_t>(t) == std::vector<int8_t>{-3, 7});
  }
  t = Make(proto::DT_UINT8, {1});
  t.add_int_val(200);
  CHECK(Decode<uint8_t>(t) == std::vector<uint8_t>{200});
  t = Make(proto::DT_INT64, {1});
  t.add_int64_val(INT64_MIN);
  CHECK(Decode<int64_t>(t) == std::vector<int64_t>{INT64_MIN});
  t = Make(proto::DT_UINT32, {1});
  t.add_uint32_val(UINT32_MAX);
  CHECK(Decode<uint32_t>(t) == std::vector<uint32_t>{UINT32_MAX});
  t = Make(proto::DT_UINT64, {1});
  t.add_uint64_val(UINT64_MAX);
  CHECK(Decode<uint64_t>(t) == std::vector<uint64_t>{UINT64_MAX});
  t = Make(proto::DT_BOOL, {3});
  t.add_bool_val(true), t.add_bool_val(false), t.add_bool_val(true);
  CHECK(Decode<uint8_t>(t) == std::vector<uint8_t>{1, 0, 1});
  for (const auto dtype : {proto::DT_HALF, proto::DT_BFLOAT16}) {
    t = Make(dtype, {2});
    t.add_half_val(0x3c00), t.add_half_val(0xbc00);
    CHECK(Decode<uint16_t>(t) == std::vector<uint16_t>{0x3c00, 0xbc00});
  }
  t = Make(proto::DT_COMPLEX64, {1});
  t.add_scomplex_val(1), t.add_scomplex_val(-2);
  CHECK(Values<float>(Decoded(t).result.value()) == std::vector<float>{1, -2});
  t = Make(proto::DT_COMPLEX128, {2});
  t.add_dcomplex_val(1), t.add_dcomplex_val(-2);
  CHECK(Values<double>(Decoded(t).result.value()) == std::vector<double>{1, -2, 1, -2});
  t = Make(proto::DT_FLOAT8_E4M3FN, {2});
  t.set_float8_val("\x38\x40");
  CHECK(Decode<uint8_t>(t) == std::vector<uint8_t>{0x38, 0x40});
}

TEST_CASE("tensor: unpacked lists, as old writers make them") {
  std::string bytes = Make(proto::DT_INT32, {3}).SerializeAsString();
  bytes += std::string("\x38\x05\x38\x06", 4);  // field 7: 5, 6
  const auto result = DecodeTensor(bytes);
  REQUIRE(result.ok());
  CHECK(Values<int32_t>(result.value()) == std::vector<int32_t>{5, 6, 6});
}

TEST_CASE("tensor: the last value repeats; none is zeros; zero elements need nothing") {
  Proto t = Make(proto::DT_FLOAT, {2, 2});
  t.add_float_val(1), t.add_float_val(0.5f);
  CHECK(Decode<float>(t) == std::vector<float>{1, 0.5f, 0.5f, 0.5f});
  CHECK(Decode<float>(Make(proto::DT_FLOAT, {3})) == std::vector<float>{0, 0, 0});
  CHECK(Decode<float>(Make(proto::DT_FLOAT, {})).size() == 1);
  CHECK(Decode<float>(Make(proto::DT_FLOAT, {1000000, 1000000, 0})).empty());
}

TEST_CASE("tensor: strings, listed, repeated and packed into content") {
  Proto t = Make(proto::DT_STRING, {3});
  t.add_string_val("a"), t.add_string_val(std::string("b\0c", 3));
  Decoded listed(t);
  REQUIRE(listed.result.ok());
  CHECK(listed.result.value().strings == std::vector<std::string_view>{"a", std::string_view("b\0c", 3), std::string_view("b\0c", 3)});
  CHECK(listed.result.value().bytes.empty());
  t = Make(proto::DT_STRING, {2});
  CHECK(Decoded(t).result.value().strings == std::vector<std::string_view>(2));
  t.set_tensor_content(std::string("\x01\x02xyz"));
  CHECK(Decoded(t).result.value().strings.at(1) == "yz");
  t.set_tensor_content(std::string("\x01\x03xyz"));
  CHECK(Decoded(t).code() == Code::kInvalidGraph);
  t.set_tensor_content(std::string("\x01\x01xyz"));
  CHECK(Decoded(t).code() == Code::kInvalidGraph);
}

TEST_CASE("tensor: what contradicts itself is refused") {
  Proto t = Make(proto::DT_FLOAT, {3});
  t.set_tensor_content("12345678");
  CHECK(Decoded(t).code() == Code::kInvalidGraph);                                    // 8 bytes for 3 floats
  t = Make(proto::DT_FLOAT, {1});
  t.add_float_val(1), t.add_float_val(2);
  CHECK(Decoded(t).code() == Code::kInvalidGraph);                                    // two values for one element
  CHECK(Decoded(Make(proto::DT_FLOAT, {-1})).code() == Code::kInvalidGraph);
  CHECK(Decoded(Make(proto::DT_FLOAT, {-7})).code() == Code::kInvalidGraph);
  CHECK(Decoded(Make(proto::DT_FLOAT, {INT64_MAX, INT64_MAX})).code() == Code::kInvalidGraph);
  CHECK(Decoded(Make(proto::DT_FLOAT, {INT64_MAX, INT64_MAX, 0})).code() == Code::kInvalidGraph);  // the zero hides nothing
  CHECK(Decoded(Make(proto::DT_DOUBLE, {INT64_MAX})).code() == Code::kInvalidGraph);  // elements fit, bytes do not
  CHECK(Decoded(Make(proto::DT_FLOAT, std::vector<int64_t>(255, 1))).code() == Code::kInvalidGraph);
  CHECK(Decoded(Make(proto::DT_RESOURCE, {})).code() == Code::kUnsupportedType);
  CHECK(Decoded(Make(static_cast<proto::DataType>(77), {})).code() == Code::kUnsupportedType);
  t = Make(proto::DT_COMPLEX64, {2});
  t.add_scomplex_val(1);
  CHECK(Decoded(t).code() == Code::kInvalidGraph);                                    // half a number
  t = Make(proto::DT_FLOAT, {});
  t.mutable_tensor_shape()->set_unknown_rank(true);
  CHECK(Decoded(t).code() == Code::kInvalidGraph);
}

TEST_CASE("tensor: a small file cannot ask for much memory") {
  Proto t = Make(proto::DT_FLOAT, {1 << 20});
  t.add_float_val(1);
  CHECK(Decoded(t, 1 << 10).code() == Code::kLimit);
  CHECK(Decoded(t, 4 << 20).code() == Code::kOk);
  CHECK(Decoded(Make(proto::DT_FLOAT, {int64_t{1} << 40})).code() == Code::kLimit);
  CHECK(Decoded(Make(proto::DT_STRING, {int64_t{1} << 40})).code() == Code::kLimit);
}

TEST_CASE("tensor: every prefix of a tensor gives an error or a tensor, never a crash") {
  Proto t = Make(proto::DT_INT32, {4});
  for (int i = 0; i < 4; ++i) t.add_int_val(i * 1000);
  const std::string bytes = t.SerializeAsString();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto result = DecodeTensor(std::string_view(bytes).substr(0, size));
    if (result.ok()) CHECK(result.value().bytes.size() == ElementSize(result.value().dtype) * static_cast<size_t>(result.value().ElementCount()));
  }
}

}  // namespace tflower::tf
