// Vocabulary files: lines of text whose columns are the keys and values of a table.  Source: tf.lookup.TextFileInitializer.
#pragma once

#include <cstdint>
#include <span>

#include <tflower/op_def.h>

namespace tflower::tf_ops {

inline constexpr int64_t kLineNumber = -1, kWholeLine = -2;

struct VocabularyFormat {
  int64_t key_index = kWholeLine, value_index = kLineNumber;  // a column, or one of the above
  int64_t vocab_size = -1;  // lines that are read; -1: all
  int64_t offset = 0;       // the number of the first line
  char delimiter = '\t';
};

struct KeysAndValues {
  Value keys, values;  // constant vectors of one length
};

// Errors: kUnsupportedType, kInvalidGraph (too few lines or columns, no number where one is due).
Result<KeysAndValues> ReadVocabulary(Builder& build, std::span<const std::byte> file, const VocabularyFormat& format, DType key_type, DType value_type);

}  // namespace tflower::tf_ops
