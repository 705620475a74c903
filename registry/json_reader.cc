#include "json_reader.h"

#include <algorithm>
#include <charconv>

namespace tflower {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void AppendUtf8(std::string& out, uint32_t code) {
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

// Bytes of the UTF-8 sequence at text[i], or 0 when it is not well formed.
size_t Utf8Length(std::string_view text, size_t i) {
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned lead = byte(i);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - i < length) return 0;
  for (size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(i + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool beyond = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);  // surrogates, > U+10FFFF
  return overlong || beyond ? 0 : length;
}

// Bytes from text[i] on, at most max, that stand for themselves in a string.
size_t PlainLength(std::string_view text, size_t i, size_t max) {
  size_t length = 0;
  for (const size_t end = std::min(max, text.size() - i); length < end; ++length) {
    const unsigned char c = static_cast<unsigned char>(text[i + length]);
    if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') break;
  }
  return length;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string JsonReader::Pointer() const {
  std::string out;
  for (const Step& step : path_) {
    out += '/';
    if (step.is_index) out += std::to_string(step.index);
    for (const char c : step.key) {
      if (c == '~') out += "~0";
      else if (c == '/') out += "~1";
      else out += c;
    }
  }
  return out;
}

void JsonReader::Fail(std::string message) {
  if (!ok()) return;
  message_ = std::move(message);
  pointer_ = Pointer();
  error_offset_ = pos_;
}

const char* JsonReader::Peek() const {
  if (pos_ >= text_.size()) return "the end of the text";
  switch (text_[pos_]) {
    case '{': return "an object";
    case '[': return "an array";
    case '"': return "a string";
    case 't': case 'f': return "a boolean";
    case 'n': return "null";
    default: return IsDigit(text_[pos_]) || text_[pos_] == '-' ? "a number" : "something that is not JSON";
  }
}

void JsonReader::SkipSpace() {
  while (pos_ < text_.size()) {
    const char c = text_[pos_];
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return;
    ++pos_;
  }
}

bool JsonReader::Open(char bracket, const char* wanted) {
  if (!ok()) return false;
  SkipSpace();
  if (pos_ >= text_.size() || text_[pos_] != bracket) {
    Fail(std::string("must be ") + wanted + ", but here is " + Peek());
    return false;
  }
  if (depth_ == kMaxDepth) {
    Fail("is nested deeper than " + std::to_string(kMaxDepth) + " levels");
    return false;
  }
  ++pos_;
  ++depth_;
  return true;
}

// True when another item follows; at the closing bracket, consumes it and returns false.
bool JsonReader::CloseOrComma(char close, bool first) {
  if (!ok()) return false;
  SkipSpace();
  if (pos_ < text_.size() && text_[pos_] == close) {
    ++pos_;
    --depth_;
    return false;
  }
  if (first) return true;
  if (pos_ >= text_.size() || text_[pos_] != ',') {
    Fail(std::string("a comma or '") + close + "' must follow, but here is " + Peek());
    return false;
  }
  ++pos_;
  SkipSpace();
  return true;
}

bool JsonReader::ReadKey(std::string_view& out) {
  if (pos_ >= text_.size() || text_[pos_] != '"') {
    Fail(std::string("a key must follow, but here is ") + Peek());
    return false;
  }
  const size_t begin = pos_ + 1;
  std::string unescaped;
  if (!ReadString(unescaped)) return false;
  const std::string_view raw = text_.substr(begin, pos_ - 1 - begin);
  out = raw == unescaped ? raw : unescaped_keys_.emplace_back(std::move(unescaped));
  return true;
}

bool JsonReader::NextMember(size_t first_key) {
  if (!CloseOrComma('}', keys_.size() == first_key)) return false;
  std::string_view key;
  if (!ReadKey(key)) return false;
  const auto first = keys_.begin() + static_cast<ptrdiff_t>(first_key);
  if (std::find(first, keys_.end(), key) != keys_.end()) {
    Fail("the key \"" + std::string(key) + "\" stands here twice");
    return false;
  }
  if (keys_.size() - first_key == 256) {  // more than any known object has; bounds the search for duplicates
    Fail("has more than 256 members");
    return false;
  }
  SkipSpace();
  if (pos_ >= text_.size() || text_[pos_] != ':') {
    Fail(std::string("':' must follow a key, but here is ") + Peek());
    return false;
  }
  ++pos_;
  keys_.push_back(key);
  path_.push_back({.key = key});
  return true;
}

bool JsonReader::NextElement(size_t index, size_t max_items) {
  if (!CloseOrComma(']', index == 0)) return false;
  if (index == max_items) {
    Fail("has more than " + std::to_string(max_items) + " elements");
    return false;
  }
  path_.push_back({.index = index, .is_index = true});
  return true;
}

std::string JsonReader::String(size_t min_size, size_t max_size) {
  std::string out;
  if (!ok()) return out;
  SkipSpace();
  if (!ReadString(out)) return {};
  if (out.size() < min_size) Fail(out.empty() ? "must not be empty" : "is shorter than " + std::to_string(min_size) + " bytes");
  if (out.size() > max_size) Fail("is longer than " + std::to_string(max_size) + " bytes");
  return ok() ? out : std::string();
}

bool JsonReader::ReadString(std::string& out) {
  if (pos_ >= text_.size() || text_[pos_] != '"') {
    Fail(std::string("must be a string, but here is ") + Peek());
    return false;
  }
  ++pos_;
  while (pos_ < text_.size()) {
    const size_t plain = PlainLength(text_, pos_, kMaxString);
    out.append(text_, pos_, plain);
    pos_ += plain;
    if (pos_ >= text_.size()) break;
    const unsigned char c = static_cast<unsigned char>(text_[pos_]);
    if (out.size() > kMaxString) {
      Fail("has a string longer than " + std::to_string(kMaxString) + " bytes");
      return false;
    }
    if (c == '"') {
      ++pos_;
      return true;
    }
    if (c == '\\') {
      if (!ReadEscape(out)) return false;
      continue;
    }
    if (c < 0x20) {
      Fail("has a control character in a string");
      return false;
    }
    const size_t length = Utf8Length(text_, pos_);
    if (length == 0) {
      Fail("is not UTF-8");
      return false;
    }
    out.append(text_, pos_, length);
    pos_ += length;
  }
  Fail("the text ends inside a string");
  return false;
}

bool JsonReader::ReadEscape(std::string& out) {
  constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
  ++pos_;
  const char c = pos_ < text_.size() ? text_[pos_] : '\0';
  if (const size_t i = kFrom.find(c); c != '\0' && i != kFrom.npos) {
    out += kTo[i];
    ++pos_;
    return true;
  }
  if (c != 'u') {
    Fail("has an unknown escape in a string");
    return false;
  }
  ++pos_;
  uint32_t code = 0, low = 0;
  if (!ReadHex4(code)) return false;
  if (code >= 0xD800 && code <= 0xDFFF) {  // the first of a surrogate pair, or an error
    const bool pair = code < 0xDC00 && text_.substr(pos_, 2) == "\\u";
    if (pair) pos_ += 2;
    if (pair && !ReadHex4(low)) return false;
    if (!pair || low < 0xDC00 || low > 0xDFFF) {
      Fail("has half a surrogate pair in a string");
      return false;
    }
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  AppendUtf8(out, code);
  return true;
}

bool JsonReader::ReadHex4(uint32_t& out) {
  const std::string_view digits = text_.substr(std::min(pos_, text_.size()), 4);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
  if (error != std::errc() || digits.size() != 4 || end != digits.data() + 4) {
    Fail("has an escape \\u without four hexadecimal digits");
    return false;
  }
  pos_ += 4;
  return true;
}

bool JsonReader::ScanNumber(bool& integral) {
  const auto at = [&](char c) { return pos_ < text_.size() && text_[pos_] == c; };
  const auto digits = [&] {
    const size_t begin = pos_;
    while (pos_ < text_.size() && IsDigit(text_[pos_])) ++pos_;
    return pos_ > begin;
  };
  integral = true;
  if (at('-')) ++pos_;
  if (at('0')) ++pos_;
  else if (!digits()) return false;
  if (at('.')) {
    ++pos_;
    integral = false;
    if (!digits()) return false;
  }
  if (at('e') || at('E')) {
    ++pos_;
    integral = false;
    if (at('+') || at('-')) ++pos_;
    if (!digits()) return false;
  }
  return true;
}

int64_t JsonReader::Int(int64_t min, int64_t max) {
  if (!ok()) return 0;
  SkipSpace();
  const size_t begin = pos_;
  bool integral = false;
  int64_t value = 0;
  if (pos_ >= text_.size() || !(IsDigit(text_[pos_]) || text_[pos_] == '-')) {
    Fail(std::string("must be an integer, but here is ") + Peek());
  } else if (!ScanNumber(integral)) {
    Fail("is not a number that JSON knows");
  } else if (!integral) {
    Fail("must be an integer");
  } else if (std::from_chars(text_.data() + begin, text_.data() + pos_, value).ec != std::errc() || value < min || value > max) {
    Fail("must be between " + std::to_string(min) + " and " + std::to_string(max));
  }
  return ok() ? value : 0;
}

bool JsonReader::Literal(std::string_view word) {
  if (text_.substr(pos_, word.size()) != word) return false;
  pos_ += word.size();
  return true;
}

void JsonReader::Skip() {
  if (!ok()) return;
  SkipSpace();
  const char c = pos_ < text_.size() ? text_[pos_] : '\0';
  bool integral = false;
  std::string ignored;
  if (c == '{') Object([&](std::string_view) { Skip(); });
  else if (c == '[') Array(text_.size(), [&] { Skip(); });
  else if (c == '"') ReadString(ignored);
  else if (c == '-' || IsDigit(c)) {
    if (!ScanNumber(integral)) Fail("is not a number that JSON knows");
  } else if (pos_ >= text_.size() || !(Literal("true") || Literal("false") || Literal("null"))) {
    Fail(std::string("a value must stand here, but here is ") + Peek());
  }
}

void JsonReader::Finish() {
  if (!ok()) return;
  SkipSpace();
  if (pos_ != text_.size()) Fail("more text follows after the end of the document");
}

}  // namespace tflower
