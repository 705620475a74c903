// SKIP_GRAM: the sequences of ngram_size words of a text, of which some may be left out between two. Source: TFLite schema, SkipGramOptions.
#include "common/strings.h"

namespace tflower::kernels {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Operand: a tensor whose first string is the text. Result: the sequences, words joined by a space.
struct SkipGram {
  using Words = std::span<const std::string_view>;

  static Status CheckOptions(const tfl::SkipGramOptions& options) {
    if (options.ngram_size < 1) return OptionError("ngram_size", Text(options.ngram_size, " must be at least 1"));
    if (options.max_skip_size < 0) return OptionError("max_skip_size", Text(options.max_skip_size, " must be at least 0"));
    return Ok();
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckOptions(op.Options<tfl::SkipGramOptions>()));
    if (op.Input(0).num_elements() < 1) return OperandError(Code::kUnsupportedShape, 0, "text", "there must be a string");
    return out.Unknown(0, DType::kString, 1);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const auto options = op.Options<tfl::SkipGramOptions>();
    TFLOWER_TRY(const PackedStrings strings, PackedStrings::Read(op, 0, "text"));
    const std::string_view text = strings[0];
    TFLOWER_TRY(const auto words, Room<std::string_view>(text.size() / 2 + 1));
    const Words found(words.get(), Split(text, words.get()));
    if (found.size() < static_cast<size_t>(options.ngram_size)) return WriteStrings(op, eval, 0, Shape{0}, [](int64_t) { return std::string_view(); });
    TFLOWER_TRY(const auto stack, Room<size_t>(static_cast<size_t>(options.ngram_size)));

    int64_t count = 0, bytes = 0;
    const auto measure = [&](std::span<const size_t> gram) {
      ++count;
      bytes += Length(found, gram);
      return count + bytes <= INT32_MAX;
    };
    if (!ForEach(options, found.size(), stack.get(), measure)) return Error(Code::kLimit, "the sequences do not fit the 2 GiB of a tensor");
    TFLOWER_TRY(const auto joined, Room<char>(static_cast<size_t>(bytes)));
    TFLOWER_TRY(const auto grams, Room<std::string_view>(static_cast<size_t>(count)));
    char* end = joined.get();
    int64_t i = 0;
    ForEach(options, found.size(), stack.get(), [&](std::span<const size_t> gram) {
      char* const begin = end;
      for (size_t k = 0; k < gram.size(); ++k) {
        if (k != 0) *end++ = ' ';
        end = std::copy(found[gram[k]].begin(), found[gram[k]].end(), end);
      }
      grams[static_cast<size_t>(i++)] = {begin, static_cast<size_t>(end - begin)};
      return true;
    });
    return WriteStrings(op, eval, 0, Shape{count}, [&](int64_t k) { return grams[static_cast<size_t>(k)]; });
  }

 private:
  template <class T>
  static Result<std::unique_ptr<T[]>> Room(size_t n) {
    std::unique_ptr<T[]> out(new (std::nothrow) T[n]);
    if (out == nullptr) return Error(Code::kLimit, "out of memory");
    return out;
  }
  // As TFLite does: a text that begins with a space loses its first word, unless that is the only one, and what follows the last space is a word
  // as it is.
  static size_t Split(std::string_view text, std::string_view* words) {
    size_t count = 0, begin = 0;
    for (size_t i = 1; i < text.size(); ++i) {
      if (!IsSpace(text[i])) continue;
      if (i > begin && !IsSpace(text[begin])) words[count++] = text.substr(begin, i - begin);
      begin = i + 1;
    }
    if (begin < text.size()) words[count++] = text.substr(begin);
    return count;
  }
  static int64_t Length(Words words, std::span<const size_t> gram) {
    size_t bytes = gram.size() - 1;
    for (const size_t word : gram) bytes += words[word].size();
    return static_cast<int64_t>(bytes);
  }
  // Calls f with the numbers of each sequence's words, the longest continuation of a beginning first, until f says no; false then.
  template <class F>
  static bool ForEach(const tfl::SkipGramOptions& options, size_t words, size_t* stack, const F& f) {
    const auto most = static_cast<size_t>(options.ngram_size);
    const auto skip = static_cast<size_t>(options.max_skip_size);
    for (stack[0] = 0; stack[0] < words; ++stack[0]) {
      size_t depth = 1;
      if (most > 1) stack[1] = stack[0];
      while (depth > 0) {
        if (depth < most && stack[depth] + 1 < words && stack[depth] - stack[depth - 1] <= skip) {
          ++stack[depth++];
          if (depth < most) stack[depth] = stack[depth - 1];
          continue;
        }
        if ((depth == most || options.include_all_ngrams) && !f({stack, depth})) return false;
        --depth;
      }
    }
    return true;
  }
};

constexpr tflower_kernel kRows[] = {Kernel<SkipGram>(tfl::Builtin::SKIP_GRAM, {.inputs = {kStrings}, .outputs = {kStrings}})};

}  // namespace
TFLOWER_KERNEL_FAMILY(skip_gram, kRows);
}  // namespace tflower::kernels
