// FlexMapWriter gives the bytes of the FlexBuffers library, and FlexMap reads them, whole and damaged.
#include <tflower/flex_map.h>

#include <doctest/doctest.h>
#include <flatbuffers/flexbuffers.h>

#include <string>

namespace tflower {
namespace {

std::vector<uint8_t> Bytes(std::span<const std::byte> bytes) {
  const auto* first = reinterpret_cast<const uint8_t*>(bytes.data());
  return {first, first + bytes.size()};
}

// The same map by the library and by ours; `long_text` makes offsets wider than a byte.
std::vector<uint8_t> Theirs(const std::string& long_text, int64_t number) {
  flexbuffers::Builder b;
  const size_t start = b.StartMap();
  b.Bool("a_flag", true);
  b.Int("b_int", number);
  b.Float("c_float", 0.1f);
  b.String("d_text", long_text);
  size_t list = b.StartVector("e_ints");
  for (int64_t x : {int64_t{-1}, number}) b.Int(x);
  b.EndVector(list, true, false);
  list = b.StartVector("f_floats");
  for (float x : {1.0f, 1.4f, 1.3f}) b.Float(x);
  b.EndVector(list, true, false);
  list = b.StartVector("g_texts");
  for (const char* x : {"one", "two"}) b.String(x);
  b.EndVector(list, true, false);
  b.EndMap(start);
  b.Finish();
  return b.GetBuffer();
}

std::vector<uint8_t> Ours(const std::string& long_text, int64_t number) {
  FlexMapWriter w;
  w.Bool("a_flag", true);
  w.Int("b_int", number);
  w.Float("c_float", 0.1f);
  w.String("d_text", long_text);
  const int64_t ints[] = {-1, number};
  w.Ints("e_ints", ints);
  const float floats[] = {1.0f, 1.4f, 1.3f};
  w.Floats("f_floats", floats);
  const std::string_view texts[] = {"one", "two"};
  w.Strings("g_texts", texts);
  return Bytes(w.Finish());
}

}  // namespace

TEST_CASE("the writer gives the library's bytes") {
  for (size_t size : {0, 1, 100, 127, 200, 240, 255, 256, 1000, 70000})
    for (int64_t number : {int64_t{0}, int64_t{127}, int64_t{128}, int64_t{-129}, int64_t{70000}, int64_t{1} << 40, INT64_MIN}) {
      INFO("text ", size, ", number ", number);
      const std::string text(size, 'x');
      CHECK(Ours(text, number) == Theirs(text, number));
    }
  FlexMapWriter empty;
  CHECK(Bytes(empty.Finish()) == std::vector<uint8_t>{0, 0, 1, 0, 0, 0x24, 1});
}

TEST_CASE("what was written is read") {
  const std::vector<uint8_t> bytes = Ours("hello", -70000);
  const FlexMap map{std::span<const uint8_t>(bytes)};
  CHECK(map.Bool("a_flag", false).value());
  CHECK(map.Int("b_int", 0).value() == -70000);
  CHECK(map.Float("c_float", 0).value() == 0.1f);
  CHECK(map.String("d_text", "").value() == "hello");
  CHECK(map.Ints("e_ints").value() == std::vector<int64_t>{-1, -70000});
  CHECK(map.Floats("f_floats").value() == std::vector<float>{1.0f, 1.4f, 1.3f});
  CHECK(map.Keys().value().size() == 7);
  CHECK(map.Int("absent", 42).value() == 42);
  CHECK(map.Ints("absent").value().empty());
  CHECK(map.Int("d_text", 0).error().code == Code::kUnsupportedAttribute);
  CHECK(map.Floats("g_texts").error().code == Code::kUnsupportedAttribute);
}

TEST_CASE("no options are an empty map") {
  const FlexMap map{std::span<const uint8_t>()};
  CHECK(map.Int("x", 3).value() == 3);
  CHECK(map.Keys().value().empty());
}

TEST_CASE("damaged bytes give errors") {
  const std::vector<uint8_t> whole = Ours(std::string(300, 'y'), 5);
  const auto read_all = [](const std::vector<uint8_t>& bytes) {
    const FlexMap map{std::span<const uint8_t>(bytes)};
    for (const char* key : {"a_flag", "b_int", "c_float", "d_text", "e_ints", "f_floats", "g_texts"}) {
      (void)map.Int(key, 0), (void)map.Float(key, 0), (void)map.Bool(key, false), (void)map.String(key, ""), (void)map.Ints(key), (void)map.Floats(key);
    }
    (void)map.Keys();
  };
  for (size_t size = 0; size < whole.size(); ++size) read_all({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
  for (size_t i = 0; i < whole.size(); ++i)
    for (uint8_t x : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      std::vector<uint8_t> copy = whole;
      copy[i] = x;
      read_all(copy);
    }
}

}  // namespace tflower
