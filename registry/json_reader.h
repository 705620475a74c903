// JsonReader: reads JSON text (RFC 8259) in one pass straight into structs, strictly and with limits.
//
// Why not a document tree: the registry reads all manifests at every start, and building a tree and validating it takes
// an order of magnitude longer (docs/plugins.md has the numbers). The text is not trusted: depth is limited,
// UTF-8 is checked, duplicate keys are errors, numbers must be integers that fit.
//
// The first error sticks: from then on every call returns at once with an empty value, so callers check once at the end.
//   JsonReader json(text);
//   json.Object([&](std::string_view key) { if (key == "size") size = json.Int(0, max); else json.Skip(); });
//   json.Finish();
//   if (!json.ok()) ... json.message(), json.pointer(), json.offset()
// Thread-safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tflower {

class JsonReader {
 public:
  static constexpr size_t kMaxDepth = 32;
  static constexpr size_t kMaxString = 4096;  // bytes of any string, keys included: std::regex recurses by length

  // text must outlive the reader; string views that it gives out may point into it.
  explicit JsonReader(std::string_view text) : text_(text) {}

  bool ok() const { return message_.empty(); }
  const std::string& message() const { return message_; }
  const std::string& pointer() const { return pointer_; }  // JSON pointer (RFC 6901) of the value at fault; "" = document
  size_t offset() const { return error_offset_; }          // byte offset of the error
  std::string Pointer() const;                             // of the value being read now

  // Reads {...}; calls on_member(key) with the reader at each member's value, which it must consume.
  template <class F>
  void Object(F&& on_member) {
    if (!Open('{', "an object")) return;
    const size_t first_key = keys_.size();
    while (NextMember(first_key)) {
      on_member(keys_.back());
      if (!ok()) return;
      path_.pop_back();
    }
    keys_.resize(first_key);
  }

  // Reads [...]; calls on_element() with the reader at each element, which it must consume. At most max_items elements.
  template <class F>
  void Array(size_t max_items, F&& on_element) {
    if (!Open('[', "an array")) return;
    for (size_t i = 0; NextElement(i, max_items); ++i) {
      on_element();
      if (!ok()) return;
      path_.pop_back();
    }
  }

  // A string of min_size to max_size bytes after unescaping.
  std::string String(size_t min_size, size_t max_size);
  // An integer in [min, max], written without fraction and exponent.
  int64_t Int(int64_t min, int64_t max);
  // Any value.
  void Skip();
  // Only white space may follow.
  void Finish();
  // Reports that the value being read breaks a rule. The first call wins.
  void Fail(std::string message);

 private:
  struct Step {  // one step of the path: a member name or an element index
    std::string_view key;
    size_t index = 0;
    bool is_index = false;
  };

  bool Open(char bracket, const char* wanted);
  bool NextMember(size_t first_key);
  bool NextElement(size_t index, size_t max_items);
  bool CloseOrComma(char close, bool first);
  void SkipSpace();
  bool Literal(std::string_view word);
  bool ScanNumber(bool& integral);
  bool ReadKey(std::string_view& out);
  bool ReadString(std::string& out);
  bool ReadEscape(std::string& out);
  bool ReadHex4(uint32_t& out);
  const char* Peek() const;  // what stands here, for messages

  std::string_view text_;
  size_t pos_ = 0;
  size_t depth_ = 0;
  std::vector<Step> path_;
  std::vector<std::string_view> keys_;     // of all objects that are open, outermost first
  std::deque<std::string> unescaped_keys_;  // those that do not stand in the text as they are
  std::string message_, pointer_;
  size_t error_offset_ = 0;
};

// True when text is well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool IsUtf8(std::string_view text);

}  // namespace tflower
