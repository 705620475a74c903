// Scaled numbers never fall with the stored value, so what matters of them is how those of one operand lie between those of the other one.
#include "quantized_binary/ranks.h"

#include <algorithm>
#include <array>

namespace tflower::kernels {
namespace {

constexpr int kBytes = 256;
using Numbers = std::array<int32_t, kBytes>;

// By the stored value, from the lowest on.
Numbers NumbersOf(int lowest, int32_t zero, int shift, const Multiplier& by) {
  Numbers numbers;
  for (int i = 0; i < kBytes; ++i) numbers[static_cast<size_t>(i)] = Scaled(ShiftLeft(lowest + i - zero, shift), by);
  return numbers;
}

uint8_t& ValueAt(ByteTable& table, int lowest, size_t i) { return table.values[static_cast<uint8_t>(lowest + static_cast<int>(i))]; }

// first[i] < second[j]  <=>  low[i] < high[j], or <=> !(high[j] < low[i]) if the result is true.
bool RankLess(const Numbers& first, const Numbers& second, int lowest, ByteTable& low, ByteTable& high) {
  // Places in `second` that lie behind numbers of `first`, each once.
  std::array<int, kBytes> places;
  int count = 0;
  for (size_t i = 0; i < kBytes; ++i) {
    const auto place = static_cast<int>(std::upper_bound(second.begin(), second.end(), first[i]) - second.begin());
    if (count == 0 || place != places[static_cast<size_t>(count - 1)]) places[static_cast<size_t>(count++)] = place;
    ValueAt(low, lowest, i) = static_cast<uint8_t>(count - 1);
  }
  // 256 places lie behind the last of `second` only if there is one for each number, from 0 on: then none of `second` has the rank 0.
  const bool shifted = count == kBytes && places.back() < kBytes;
  for (size_t j = 0; j < kBytes; ++j) {
    const auto rank = std::upper_bound(places.begin(), places.begin() + count, static_cast<int>(j)) - places.begin();
    ValueAt(high, lowest, j) = static_cast<uint8_t>(rank - (shifted ? 1 : 0));
  }
  return shifted;
}

bool RankEqual(const Numbers& left, const Numbers& right, int lowest, RankedComparison& ranks) {
  std::array<int, kBytes> a, b;
  a.fill(-1), b.fill(-1);
  int count = 0;
  for (size_t i = 0, j = 0; i < kBytes && j < kBytes;) {
    if (left[i] < right[j]) { ++i; continue; }
    if (left[i] > right[j]) { ++j; continue; }
    const int32_t number = left[i];
    while (i < kBytes && left[i] == number) a[i++] = count;
    while (j < kBytes && right[j] == number) b[j++] = count;
    ++count;
  }
  const int only_a = count, only_b = only_a + (std::find(a.begin(), a.end(), -1) != a.end() ? 1 : 0);
  if (only_b + (std::find(b.begin(), b.end(), -1) != b.end() ? 1 : 0) > kBytes) return false;
  for (size_t i = 0; i < kBytes; ++i) {
    ValueAt(ranks.a, lowest, i) = static_cast<uint8_t>(a[i] < 0 ? only_a : a[i]);
    ValueAt(ranks.b, lowest, i) = static_cast<uint8_t>(b[i] < 0 ? only_b : b[i]);
  }
  return true;
}

}  // namespace

bool RankComparison(const QuantizedArithmetic& q, DType type, RankedComparison& ranks) {
  const int lowest = type == DType::kInt8 ? -128 : 0;
  const Numbers left = NumbersOf(lowest, q.a_zero, q.shift, q.left), right = NumbersOf(lowest, q.b_zero, q.shift, q.right);
  if (!std::is_sorted(left.begin(), left.end()) || !std::is_sorted(right.begin(), right.end())) return false;  // scales that overflow
  ranks.negated = q.op == QuantizedOp::kLessEqual || q.op == QuantizedOp::kGreaterEqual || q.op == QuantizedOp::kNotEqual;
  ranks.equal = q.op == QuantizedOp::kEqual || q.op == QuantizedOp::kNotEqual;
  if (ranks.equal) return RankEqual(left, right, lowest, ranks);
  // a > b and !(a <= b) are b < a.
  ranks.swapped = q.op == QuantizedOp::kGreater || q.op == QuantizedOp::kLessEqual;
  const bool shifted = ranks.swapped ? RankLess(right, left, lowest, ranks.b, ranks.a) : RankLess(left, right, lowest, ranks.a, ranks.b);
  if (shifted) ranks.swapped = !ranks.swapped, ranks.negated = !ranks.negated;
  return true;
}

}  // namespace tflower::kernels
