// RFFT2D: the two-dimensional Fourier transform of real matrices, cut or filled up with zeros to fft_length, powers of two as in TFLite. Of
// the last dimension only the first half and the middle are kept: the rest mirrors them.  Sources: schema; tf.signal.rfft2d.
#include <algorithm>
#include <complex>
#include <memory>
#include <new>

#include "common/check.h"
#include "fft/transform.h"

namespace tflower::kernels {
namespace {

using Complex = std::complex<double>;

bool IsPowerOfTwo(int64_t n) { return n > 0 && (n & (n - 1)) == 0; }

struct Lengths {
  int64_t rows, columns;
  int64_t kept() const { return columns / 2 + 1; }
  int64_t longest() const { return std::max(rows, columns); }
  // Of one thread: a line. Shared: the roots of both lengths.
  int64_t RootElements() const { return rows / 2 + columns / 2 + 1; }
};

struct RealFft2D {
  int pieces = 1;
  bool planned = true;  // the lengths are known then

  static Result<Lengths> ReadLengths(const Op& op) {
    const Lengths n{IntAt(op.Input(1), 0), IntAt(op.Input(1), 1)};
    if (IsPowerOfTwo(n.rows) && IsPowerOfTwo(n.columns)) return n;
    return OperandError(Code::kInvalidOperand, 1, "fft_length", Text(Shape{n.rows, n.columns}, " must be powers of two"));
  }
  static Shape OutputShape(const Op& op, int64_t rows, int64_t kept) {
    Shape dims(op.Input(0).dims());
    dims[dims.rank() - 2] = rows;
    dims[dims.rank() - 1] = kept;
    return dims;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    if (!Known(op.Input(1))) return out.Set(0, DType::kComplex64, OutputShape(op, -1, -1));
    TFLOWER_TRY(const Lengths n, ReadLengths(op));
    return SetOutput(out, 0, DType::kComplex64, OutputShape(op, n.rows, n.kept()));
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    pieces = want.threads();
    planned = Known(op.Input(1));
    if (!planned) return Ok();
    TFLOWER_TRY(const Lengths n, ReadLengths(op));
    want.Scratch(static_cast<uint64_t>(n.RootElements() + pieces * n.longest()) * sizeof(Complex));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    TFLOWER_TRY(const Lengths n, ReadLengths(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, OutputShape(op, n.rows, n.kept()));
    const Tensor input = op.Input(0);
    const int64_t in_rows = input.dim(-2), in_columns = input.dim(-1), matrices = Product(input.dims(), 0, input.rank() - 2);
    std::unique_ptr<Complex[]> own;
    if (!planned) own.reset(new (std::nothrow) Complex[static_cast<size_t>(n.RootElements() + pieces * n.longest())]);
    if (!planned && own == nullptr) return Error(Code::kLimit, "no memory for a transform of this length");
    Complex* const roots = planned ? eval.scratch<Complex>() : own.get();
    Complex* const row_roots = roots + n.columns / 2;  // of the transforms along columns
    FillRoots(n.columns, roots);
    FillRoots(n.rows, row_roots);
    const int64_t used = std::min<int64_t>(pieces, std::max<int64_t>(1, matrices));
    eval.parallel().For(used, 1, [&](int64_t begin, int64_t end) {
      for (int64_t piece = begin; piece < end; ++piece) {
        Complex* const line = roots + n.RootElements() + piece * n.longest();
        for (int64_t m = matrices * piece / used; m < matrices * (piece + 1) / used; ++m) {
          auto* const y = op.Output(0).mutable_data<std::complex<float>>() + m * n.rows * n.kept();
          Rows(n, input.data<float>() + m * in_rows * in_columns, in_rows, in_columns, roots, line, y);
          if (n.rows > 1) Columns(n, row_roots, line, y);
        }
      }
    });
    return Ok();
  }

 private:
  static void Rows(const Lengths& n, const float* x, int64_t in_rows, int64_t in_columns, const Complex* roots, Complex* line, std::complex<float>* y) {
    for (int64_t r = 0; r < n.rows; ++r) {
      const int64_t given = r < in_rows ? std::min(in_columns, n.columns) : 0;
      for (int64_t i = 0; i < given; ++i) line[i] = x[r * in_columns + i];
      std::fill(line + given, line + n.columns, Complex());
      Transform(n.columns, roots, line);
      for (int64_t k = 0; k < n.kept(); ++k) y[r * n.kept() + k] = std::complex<float>(line[k]);
    }
  }
  static void Columns(const Lengths& n, const Complex* roots, Complex* line, std::complex<float>* y) {
    for (int64_t k = 0; k < n.kept(); ++k) {
      for (int64_t r = 0; r < n.rows; ++r) line[r] = y[r * n.kept() + k];
      Transform(n.rows, roots, line);
      for (int64_t r = 0; r < n.rows; ++r) y[r * n.kept() + k] = std::complex<float>(line[r]);
    }
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<RealFft2D>(tfl::Builtin::RFFT2D, {.inputs = {kF32, kI32}, .outputs = {Types({DType::kComplex64})}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(fft, kRows);
}  // namespace tflower::kernels
