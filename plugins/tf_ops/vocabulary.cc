// Vocabulary files.
#include "vocabulary.h"

#include <charconv>

#include "string_constants.h"

namespace tflower::tf_ops {
namespace {

// Lines end in \n, or in \r\n; the last one may lack it.
class Lines {
 public:
  explicit Lines(std::span<const std::byte> file) : rest_(reinterpret_cast<const char*>(file.data()), file.size()) {}
  bool Next(std::string& line) {
    if (rest_.empty()) return false;
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    line.assign(rest_.substr(0, end));
    if (line.ends_with('\r')) line.pop_back();
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return true;
  }

 private:
  std::string_view rest_;
};

std::string_view Trimmed(std::string_view s) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  const size_t first = s.find_first_not_of(kSpace);
  return first == std::string_view::npos ? std::string_view() : s.substr(first, s.find_last_not_of(kSpace) - first + 1);
}

// The keys, or the values, of a file.
class Column {
 public:
  Column(int64_t index, DType type, const char* attr) : index_(index), type_(type), attr_(attr) {}

  Status Check() const {
    if (index_ < kWholeLine) return Error(Code::kInvalidGraph, std::to_string(index_) + " is no column").What(attr_);
    if (index_ == kWholeLine && type_ != DType::kString) return Error(Code::kInvalidGraph, "whole lines are strings, the table has " + std::string(NameOf(type_))).What(attr_);
    if (index_ == kLineNumber && type_ != DType::kInt64) return Error(Code::kInvalidGraph, "line numbers are int64, the table has " + std::string(NameOf(type_))).What(attr_);
    return Ok();
  }
  int64_t index() const { return index_; }

  Status Add(const std::string& line, const std::vector<std::string_view>& columns, int64_t number) {
    if (index_ == kLineNumber) return Append(number);
    if (index_ == kWholeLine) {
      strings_.push_back(line);
      return Ok();
    }
    const std::string_view text = columns[static_cast<size_t>(index_)];
    if (type_ == DType::kString) {
      strings_.emplace_back(text);
      return Ok();
    }
    Status status = Error(Code::kUnsupportedType, "a column of " + std::string(NameOf(type_)) + " is not supported").What(attr_);
    VisitNumeric(type_, [&]<class T>(T) {
      if constexpr (std::is_same_v<T, int32_t> || std::is_same_v<T, int64_t> || std::is_floating_point_v<T>) status = Parse<T>(text);
    });
    return status;
  }
  Result<Value> Constant(Builder& build, int64_t n) const {
    if (type_ == DType::kString) return StringConstant(build, {&n, 1}, strings_);
    return build.ConstantBytes(type_, {&n, 1}, bytes_.data(), bytes_.size());
  }

 private:
  template <class T>
  Status Append(T x) {
    const auto* const from = reinterpret_cast<const std::byte*>(&x);
    bytes_.insert(bytes_.end(), from, from + sizeof x);
    return Ok();
  }
  template <class T>
  Status Parse(std::string_view text) {
    std::string_view digits = Trimmed(text);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    T x{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), x);
    if (error == std::errc() && end == digits.data() + digits.size()) return Append(x);
    return Error(Code::kInvalidGraph, "'" + std::string(text) + "' is no " + std::string(NameOf(type_))).What(attr_);
  }

  int64_t index_;
  DType type_;
  const char* attr_;
  std::vector<std::byte> bytes_;
  std::vector<std::string> strings_;
};

std::vector<std::string_view> Split(std::string_view line, char delimiter) {
  std::vector<std::string_view> out;
  for (;;) {
    const size_t end = line.find(delimiter);
    out.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return out;
    line.remove_prefix(end + 1);
  }
}

}  // namespace

Result<KeysAndValues> ReadVocabulary(Builder& build, std::span<const std::byte> file, const VocabularyFormat& format, DType key_type, DType value_type) {
  Column keys(format.key_index, key_type, "key_index"), values(format.value_index, value_type, "value_index");
  TFLOWER_CHECK(keys.Check());
  TFLOWER_CHECK(values.Check());
  const int64_t columns_needed = std::max(format.key_index, format.value_index) + 1;
  Lines lines(file);
  std::string line;
  int64_t n = 0;
  for (; (format.vocab_size < 0 || n < format.vocab_size) && lines.Next(line); ++n) {
    if (line.empty()) return Error(Code::kInvalidGraph, "line " + std::to_string(n) + " of the vocabulary file is empty, which TensorFlow refuses");
    const std::vector<std::string_view> columns = columns_needed > 0 ? Split(line, format.delimiter) : std::vector<std::string_view>();
    if (static_cast<int64_t>(columns.size()) < columns_needed)
      return Error(Code::kInvalidGraph, "line " + std::to_string(n) + " of the vocabulary file has " + std::to_string(columns.size()) + " columns, " +
                                            std::to_string(columns_needed) + " are needed").What("delimiter");
    for (Column* column : {&keys, &values}) {
      Status status = column->Add(line, columns, n + format.offset);
      if (!status.ok()) return std::move(status.error()).Note("line " + std::to_string(n) + " of the vocabulary file");
    }
  }
  if (format.vocab_size >= 0 && n < format.vocab_size)
    return Error(Code::kInvalidGraph, "the vocabulary file has " + std::to_string(n) + " lines, not " + std::to_string(format.vocab_size)).What("vocab_size");
  TFLOWER_TRY(const Value key_constant, keys.Constant(build, n));
  TFLOWER_TRY(const Value value_constant, values.Constant(build, n));
  return KeysAndValues{key_constant, value_constant};
}

}  // namespace tflower::tf_ops
