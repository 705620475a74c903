#include "registry/json_reader.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace tflower {
namespace {

bool Accepts(std::string_view text) {
  JsonReader json(text);
  json.Skip();
  json.Finish();
  return json.ok();
}

std::string Fault(std::string_view text) {
  JsonReader json(text);
  json.Skip();
  json.Finish();
  return json.message();
}

std::string ReadString(std::string_view text) {
  JsonReader json(text);
  std::string out = json.String(0, 100);
  json.Finish();
  return json.ok() ? out : "error: " + json.message();
}

}  // namespace

TEST_CASE("what JSON is and what it is not") {
  for (const char* text : {"{}", "[]", " [ 1 , -0.5e+3 , true , false , null , \"x\" ] ", R"({"a":{"b":[{}]}})", "0", "-0", "1E9", "\"\""}) {
    CAPTURE(text);
    CHECK(Accepts(text));
  }
  for (const char* text : {"", " ", "{", "[", "[1,]", "{\"a\":1,}", "{,}", "[,1]", "{a:1}", "{\"a\" 1}", "{\"a\"}", "01", "-", "1.", ".5", "1e",
                           "+1", "tru", "nul", "\"", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"",
                           "\"\t\"", "{} {}", "[1 2]", "{1:2}", "NaN", "[}", "{]", "'x'", "//", "\xEF\xBB\xBF{}"}) {
    CAPTURE(text);
    CHECK_FALSE(Accepts(text));
  }
}

TEST_CASE("strings") {
  CHECK(ReadString(R"("a\"\\\/\b\f\n\r\té")") == "a\"\\/\b\f\n\r\té");
  CHECK(ReadString(R"("\u00e9\u20AC\ud83d\ude00")") == "é€😀");
  CHECK(ReadString(R"("\u0000")") == std::string(1, '\0'));
  CHECK(ReadString("\"\xC3\"") == "error: is not UTF-8");
  CHECK(ReadString("\"\xC0\xAF\"") == "error: is not UTF-8");
  CHECK(ReadString("\"\xED\xA0\x80\"") == "error: is not UTF-8");  // a surrogate
  CHECK(ReadString("\"\xF4\x90\x80\x80\"") == "error: is not UTF-8");
  CHECK(ReadString("7") == "error: must be a string, but here is a number");
  CHECK(ReadString("\"" + std::string(101, 'x') + "\"") == "error: is longer than 100 bytes");
}

TEST_CASE("integers") {
  const auto read = [](std::string_view text, int64_t min, int64_t max) {
    JsonReader json(text);
    const int64_t value = json.Int(min, max);
    json.Finish();
    return json.ok() ? std::to_string(value) : json.message();
  };
  CHECK(read("-12", -20, 20) == "-12");
  CHECK(read("9223372036854775807", 0, INT64_MAX) == "9223372036854775807");
  CHECK(read("9223372036854775808", 0, INT64_MAX) == "must be between 0 and 9223372036854775807");
  CHECK(read(std::string(5000, '9'), 0, 5) == "must be between 0 and 5");
  CHECK(read("1.0", 0, 5) == "must be an integer");
  CHECK(read("1e3", 0, 5000) == "must be an integer");
  CHECK(read("1e999999999", 0, 5) == "must be an integer");
  CHECK(read("-", 0, 5) == "is not a number that JSON knows");
  CHECK(read("true", 0, 5) == "must be an integer, but here is a boolean");
  CHECK(read("", 0, 5) == "must be an integer, but here is the end of the text");
}

TEST_CASE("limits") {
  CHECK(Accepts(std::string(32, '[') + std::string(32, ']')));
  CHECK(Fault(std::string(33, '[') + std::string(33, ']')) == "is nested deeper than 32 levels");
  CHECK(Fault(std::string(3 << 20, '[')) == "is nested deeper than 32 levels");
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{\"a\":";
  CHECK(Fault(deep) == "is nested deeper than 32 levels");
  CHECK(Fault("\"" + std::string(5000, 'x') + "\"") == "has a string longer than 4096 bytes");
  CHECK(Fault(R"({"a":1,"b":2,"\u0061":3})") == "the key \"a\" stands here twice");
  std::string many = "{\"k\":0";
  for (int i = 0; i < 300; ++i) many += ",\"k" + std::to_string(i) + "\":0";
  CHECK(Fault(many + "}") == "has more than 256 members");
}

TEST_CASE("pointer and offset name the place") {
  JsonReader json(R"({"a/b": [1, {"~": true}]})");
  json.Object([&](std::string_view) {
    int element = 0;
    json.Array(10, [&] {
      if (element++ == 0) json.Skip();
      else json.Object([&](std::string_view) { json.Int(0, 1); });
    });
  });
  CHECK(json.pointer() == "/a~1b/1/~0");
  CHECK(json.offset() == 18);
  CHECK(json.message() == "must be an integer, but here is a boolean");
}

// nlohmann::json judges the same mutations: what we accept is JSON. (It also accepts deeper and longer text, and a byte
// order mark.)
TEST_CASE("mutated text: nothing is accepted that is not JSON") {
  const std::string seed = R"({"format": "1.0", "a": [1, -2.5e3, true, null, {"b\n\u00e9": "é€😀"}], "x-1": {"y": [[], {}]}})";
  std::mt19937 random(7);
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = seed;
    for (int k = 0; k <= i % 3; ++k) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text.erase(at, 1 + random() % 4); break;
        default: text.insert(at, 1, seed[random() % seed.size()]);
      }
      if (text.empty()) text = " ";
    }
    if (!Accepts(text)) continue;
    ++accepted;
    CAPTURE(text);
    REQUIRE(nlohmann::json::accept(text));
  }
  CHECK(accepted > 500);
}

}  // namespace tflower
