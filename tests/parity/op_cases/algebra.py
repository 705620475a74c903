"""Linear algebra of small matrices, products of every type, Fourier transforms of any length, complex numbers."""

import numpy as np
import tensorflow as tf

from .table import B, I, Input, W, X, case

raw = tf.raw_ops
linalg, signal = tf.linalg, tf.signal

Z = Input((B, 5, 6), tf.complex64, lambda rng, s: rng.normal(0, 1, s) + 1j * rng.normal(0, 1, s))
HALF = Input((B, 4, 6), tf.float16, lambda rng, s: rng.integers(-8, 9, s) / 4)


def of_type(dtype, *shape):
    return Input(shape, dtype, lambda rng, s: rng.integers(-8, 9, s) / 4)


def square(rng, shape):
    """Matrices that are far from singular and ask for changes of rows."""
    unit = np.eye(shape[-1])
    return rng.normal(0, 0.5, shape) + 2 * unit[rng.permutation(shape[-1])]


def definite(rng, shape):
    a = rng.normal(0, 1, shape)
    return a @ np.swapaxes(a, -1, -2) + shape[-1] * np.eye(shape[-1])


M = Input((B, 4, 4), tf.float32, square)
S = Input((B, 4, 4), tf.float32, definite)

SYSTEMS = [
    case("matrix_inverse", lambda x: linalg.inv(x), M),
    case("matrix_inverse_adjoint", lambda x: linalg.inv(x, adjoint=True), Input((2, 3, 5, 5), tf.float32, square)),
    case("matrix_inverse_float64", lambda x: linalg.inv(x), Input((B, 3, 3), tf.float64, square)),
    case("matrix_determinant", lambda x: linalg.det(x), M),
    case("matrix_determinant_singular", lambda x: linalg.det(x * tf.constant([[1.0], [1.0], [0.0], [1.0]])), M),
    case("matrix_slogdet", lambda x: list(linalg.slogdet(x)), M),
    case("matrix_solve", lambda x, y: linalg.solve(x, y), M, X(B, 4, 2)),
    case("matrix_solve_adjoint", lambda x: linalg.solve(tf.constant(square(np.random.default_rng(1), (3, 3)), tf.float32), x, adjoint=True), X(3, 2)),
    case("matrix_lu", lambda x: list(linalg.lu(x)), M),
    case("cholesky", lambda x: linalg.cholesky(x), S),
    case("cholesky_solve", lambda x, y: linalg.cholesky_solve(linalg.cholesky(x), y), S, X(B, 4, 3)),
    case("triangular_solve_upper", lambda x, y: linalg.triangular_solve(x, y, lower=False), S, X(B, 4, 3)),
    case("triangular_solve_one", lambda y: linalg.triangular_solve(W(4, 4) + 3 * tf.eye(4), y, adjoint=True), X(B, 4, 3)),
    case("cross_product", lambda x, y: linalg.cross(x, y), X(B, 4, 3), X(B, 4, 3)),
]

PRODUCTS = [
    case("matmul_int32", lambda x, y: tf.matmul(x, y), I(-99, 99, 3, 4), I(-(2**20), 2**20, 4, 5)),
    case("batch_matmul_int64", lambda x, y: tf.matmul(x, y, adjoint_b=True), I(-99, 99, B, 3, 4, dtype=tf.int64), I(-99, 99, B, 5, 4, dtype=tf.int64)),
    case("batch_matmul_int8", lambda x, y: raw.BatchMatMulV3(x=x, y=y, Tout=tf.int32), I(-99, 99, B, 3, 4, dtype=tf.int8), I(-99, 99, B, 4, 5, dtype=tf.int8)),
    case("batch_matmul_complex", lambda x, y: tf.math.real(tf.matmul(x, y, adjoint_a=True)), Z, Z),
    case("batch_matmul_float16", lambda x, y: tf.matmul(x, y, transpose_b=True), HALF, HALF),
    case("matmul_float64", lambda x: tf.matmul(x, tf.cast(W(6, 5), tf.float64)), of_type(tf.float64, B, 6)),
    case("matmul_no_rows", lambda x: tf.matmul(x, W(3, 5)), X(0, 3)),
    case("matmul_no_sum", lambda x, y: tf.matmul(x, y), X(3, 0), X(0, 5)),
    case("sparse_matmul", lambda x, y: raw.SparseMatMul(a=x, b=y, transpose_a=True), X(4, 3), X(4, 5)),
    case("conv_float16", lambda x: tf.nn.conv2d(x, tf.cast(tf.round(4 * W(3, 3, 4, 2)) / 4, tf.float16), 1, "SAME"), of_type(tf.float16, B, 5, 6, 4)),
    case("softmax_float64", lambda x: tf.nn.softmax(x), of_type(tf.float64, B, 6)),
    case("einsum_diagonal", lambda x: [tf.einsum("bii->bi", x), tf.einsum("bii->b", x)], X(B, 4, 4)),
    case("einsum_diagonal_product", lambda x, y: tf.einsum("bii,ij->bj", x, y), X(B, 4, 4), X(4, 3)),
    case("einsum_diagonal_made", lambda x: raw.Einsum(inputs=[x], equation="bi->ibi"), X(B, 3)),
    case("einsum_int32", lambda x, y: tf.einsum("bij,jk->bik", x, y), I(-99, 99, B, 3, 4), I(-99, 99, 4, 5)),
    case("einsum_complex", lambda x, y: tf.math.imag(tf.einsum("bij,bkj->bik", x, y)), Z, Z),
]

TRANSFORMS = [
    case("fft", lambda x: signal.fft(x), Z),
    case("ifft", lambda x: signal.ifft(x), Z),
    case("fft2d", lambda x: signal.fft2d(x), Z),
    case("fft3d", lambda x: signal.ifft3d(x), Input((2, 3, 4, 5), tf.complex64, Z.draw)),
    case("rfft_odd", lambda x: signal.rfft(x), X(B, 7)),
    case("rfft_vector", lambda x: tf.abs(signal.rfft(x, [12])), X(9)),
    case("rfft_float64", lambda x: tf.abs(signal.rfft(x)), of_type(tf.float64, B, 8)),
    case("rfft2d_odd", lambda x: signal.rfft2d(x, [6, 7]), X(B, 5, 8)),
    case("irfft", lambda x: signal.irfft(x), Z),
    case("irfft_odd", lambda x: signal.irfft(x, [9]), Z),
    case("irfft2d", lambda x: signal.irfft2d(x, [4, 16]), Z),
    case("irfft_padded", lambda x: signal.irfft(x, [16]), Z),
    case("complex_transposed", lambda x: linalg.adjoint(x), Z),
    case("complex_made", lambda x, y: tf.math.conj(tf.complex(x, y)), X(B, 4), X(4)),
    case("inverse_stft", lambda x: signal.inverse_stft(signal.stft(x, 32, 16), 32, 16), X(2, 160)),
]

CASES = SYSTEMS + PRODUCTS + TRANSFORMS
