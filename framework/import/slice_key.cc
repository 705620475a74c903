// Keys of tensor pieces, in OrderedCode: an encoding whose bytes sort as the values do. Source: TensorFlow's
// saved_tensor_slice_util (EncodeTensorNameSlice) and ordered_code.

#include <array>

#include "import/checkpoint.h"

namespace tflower::tf {
namespace {

// Length byte, then the value big-endian without leading zeros.
void AppendUint(std::string& out, uint64_t value) {
  std::string bytes;
  for (; value; value >>= 8) bytes.insert(bytes.begin(), static_cast<char>(value & 0xff));
  out += static_cast<char>(bytes.size());
  out += bytes;
}

// 0x00 becomes 00 ff, 0xff becomes ff 00; 00 01 ends the string.
void AppendString(std::string& out, std::string_view value) {
  for (const char c : value) {
    out += c;
    if (c == '\0') out += '\xff';
    else if (c == '\xff') out += '\0';
  }
  out += '\0';
  out += '\1';
}

// Like UTF-8: the first bits (inverted for negative numbers) give the length, so that longer means larger.
void AppendInt(std::string& out, int64_t value) {
  const uint64_t magnitude = static_cast<uint64_t>(value < 0 ? ~value : value);
  size_t length = 1;  // n bytes hold 7 n - 1 bits and the sign
  while (length < 10 && magnitude >> (7 * length - 1)) ++length;
  std::array<uint8_t, 10> bytes;  // the value sign-extended, big-endian
  for (size_t i = 0; i < 10; ++i) {
    const size_t shift = 8 * (9 - i);
    bytes[i] = static_cast<uint8_t>(shift >= 64 ? (value < 0 ? 0xff : 0) : static_cast<uint64_t>(value) >> shift);
  }
  const uint32_t header = ~(0xffffu >> length) & 0xffffu;  // `length` ones, then zeros: two bytes
  bytes[10 - length] ^= static_cast<uint8_t>(header >> 8);
  if (length > 1) bytes[11 - length] ^= static_cast<uint8_t>(header & 0xff);
  out.append(reinterpret_cast<const char*>(bytes.data()) + 10 - length, length);
}

}  // namespace

std::string SliceKey(std::string_view name, const Slice& slice) {
  std::string key;
  AppendUint(key, 0);
  AppendString(key, name);
  AppendUint(key, slice.size());
  for (const Extent& extent : slice) {
    AppendInt(key, extent.start);
    AppendInt(key, extent.length);
  }
  return key;
}

}  // namespace tflower::tf
