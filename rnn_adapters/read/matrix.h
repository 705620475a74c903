// Matrix: a rectangle of a weight, without a copy where possible. Rows are results (units), columns what they are made of.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace tflower::rnn {

class Matrix {
 public:
  Matrix() = default;
  // A view of data that lives as long as the callback.
  Matrix(const float* data, int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride)
      : data_(data), rows_(rows), cols_(cols), row_stride_(row_stride), col_stride_(col_stride) {}
  // Zeros of its own.
  static Matrix Own(int64_t rows, int64_t cols) {
    Matrix m;
    m.owned_ = std::make_shared<std::vector<float>>(static_cast<size_t>(rows * cols));
    m.data_ = m.owned_->data();
    m.rows_ = rows;
    m.cols_ = cols;
    m.row_stride_ = cols;
    m.col_stride_ = 1;
    return m;
  }

  int64_t rows() const { return rows_; }
  int64_t cols() const { return cols_; }
  float at(int64_t r, int64_t c) const { return data_[r * row_stride_ + c * col_stride_]; }
  float* mutable_row(int64_t r) { return owned_->data() + r * cols_; }  // of what Own made
  Matrix Rows(int64_t first, int64_t count) const { return Part(first, 0, count, cols_); }
  Matrix Cols(int64_t first, int64_t count) const { return Part(0, first, rows_, count); }
  std::vector<float> Dense() const;  // row by row
  uint64_t Hash() const;

 private:
  Matrix Part(int64_t r, int64_t c, int64_t rows, int64_t cols) const {
    Matrix m = *this;
    m.data_ += r * row_stride_ + c * col_stride_;
    m.rows_ = rows;
    m.cols_ = cols;
    return m;
  }

  std::shared_ptr<std::vector<float>> owned_;
  const float* data_ = nullptr;
  int64_t rows_ = 0, cols_ = 0, row_stride_ = 0, col_stride_ = 0;
};

}  // namespace tflower::rnn
