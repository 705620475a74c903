// Matrix: its contents.
#include "read/matrix.h"

#include <cstring>

namespace tflower::rnn {

std::vector<float> Matrix::Dense() const {
  std::vector<float> out;
  out.reserve(static_cast<size_t>(rows_ * cols_));
  for (int64_t r = 0; r < rows_; ++r)
    for (int64_t c = 0; c < cols_; ++c) out.push_back(at(r, c));
  return out;
}

uint64_t Matrix::Hash() const {
  uint64_t h = static_cast<uint64_t>(rows_) * 0x9e3779b97f4a7c15u ^ static_cast<uint64_t>(cols_);
  for (int64_t r = 0; r < rows_; ++r)
    for (int64_t c = 0; c < cols_; ++c) {
      const float x = at(r, c);
      uint32_t bits;
      std::memcpy(&bits, &x, sizeof bits);
      h = (h ^ bits) * 0xff51afd7ed558ccdu;
      h ^= h >> 29;
    }
  return h;
}

}  // namespace tflower::rnn
