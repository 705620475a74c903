"""Diagonals and bands of matrices, rolls, running products, scattered extremes: with known and computed sizes."""

import tensorflow as tf

from .table import B, I, Input, X, case

M = X(B, 4, 6)
raw = tf.raw_ops


def diag(k, align="RIGHT_LEFT", **options):
    return lambda x: tf.linalg.diag(x, k=k, align=align, **options)


def part(k, align="RIGHT_LEFT", **options):
    return lambda x: tf.linalg.diag_part(x, k=k, align=align, **options)


def set_diag(k, align="RIGHT_LEFT"):
    return lambda x, d: tf.linalg.set_diag(x, d, k=k, align=align)


ALIGNS = ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")
DIAGONALS = [
    case("matrix_diag", diag(0), X(B, 4)),
    case("matrix_diag_above", diag(2), X(B, 4)),
    case("matrix_diag_below", diag(-1), X(B, 4)),
    case("matrix_diag_sized", diag(1, num_rows=4, num_cols=7, padding_value=9.0), X(B, 4)),
    case("matrix_diag_rows", diag(-1, num_rows=5), X(B, 4)),
    *(case(f"matrix_diag_band_{align.lower()}", diag((-1, 2), align, padding_value=-1.0), X(B, 4, 5)) for align in ALIGNS),
    case("matrix_diag_v2", lambda x: raw.MatrixDiagV2(diagonal=x, k=[-1, 1], num_rows=-1, num_cols=-1, padding_value=0.0), X(B, 3, 4)),
    case("matrix_diag_int", diag(1), I(0, 9, B, 3)),
    case("matrix_set_diag_above", set_diag(2), M, X(B, 4)),
    case("matrix_set_diag_below", set_diag(-2), M, X(B, 2)),
    case("matrix_set_diag_main", set_diag(0), M, X(B, 4)),
    *(case(f"matrix_set_diag_band_{align.lower()}", set_diag((-1, 3), align), X(2, 4, 6), X(2, 5, 4)) for align in ALIGNS),
    case("matrix_diag_part_above", part(1), M),
    case("matrix_diag_part_below", part(-3), M),
    *(case(f"matrix_diag_part_band_{align.lower()}", part((-2, 3), align, padding_value=7.0), M) for align in ALIGNS),
    case("matrix_band_part", lambda x: tf.linalg.band_part(x, 1, 2), M),
    case("matrix_trace", tf.linalg.trace, X(B, 5, 5)),
]

ROLLS = [
    case("roll_batch", lambda x: tf.roll(x, 1, 0), M),
    case("roll_batch_and_more", lambda x: tf.roll(x, [-4, 9, 1], [0, 2, 0]), M),
    case("roll_computed", lambda x, s: tf.roll(x, s, [1, 2]), M, I(-9, 9, 2)),
    case("cumprod_batch", lambda x: tf.math.cumprod(x, 0), M),
    case("cumprod_batch_exclusive", lambda x: tf.math.cumprod(x, 0, exclusive=True), M),
    case("cumprod_batch_reverse", lambda x: tf.math.cumprod(x, 0, exclusive=True, reverse=True), M),
    case("cumprod_reverse", lambda x: tf.math.cumprod(x, -1, reverse=True), M),
    case("cumprod_int_batch", lambda x: tf.math.cumprod(x, 0), I(-3, 4, B, 5)),
]

SCATTERS = [
    case("sparse_to_dense", lambda i, v: raw.SparseToDense(sparse_indices=i, output_shape=[9, 3], sparse_values=v, default_value=0.0),
         Input((4, 2), tf.int32, lambda rng, s: sorted(rng.permutation(9)[:4, None] * [1, 0] + [0, 2], key=lambda i: i[0])), X(4)),
    case("sparse_to_dense_default", lambda i, v: raw.SparseToDense(sparse_indices=i, output_shape=[9], sparse_values=v, default_value=-1.0),
         Input((4,), tf.int32, lambda rng, s: sorted(rng.permutation(9)[:4])), X()),
    case("sparse_to_dense_int64", lambda i: raw.SparseToDense(sparse_indices=i, output_shape=tf.constant([9], tf.int64), sparse_values=3, default_value=1),
         I(0, 9, dtype=tf.int64)),
    case("tensor_scatter_max", lambda x, u: tf.tensor_scatter_nd_max(x, [[0], [2]], u), X(5, 4), X(2, 4)),
    case("tensor_scatter_max_twice", lambda x, u: tf.tensor_scatter_nd_max(x, [[2], [0], [2]], u), X(5, 4), X(3, 4)),
    case("tensor_scatter_min_elements", lambda x, u: tf.tensor_scatter_nd_min(x, [[0, 1], [3, 2], [0, 1]], u), X(5, 4), X(3)),
    case("tensor_scatter_max_computed", lambda x, i, u: tf.tensor_scatter_nd_max(x, i, u), X(5, 4), I(0, 5, 6, 1), X(6, 4)),
    case("tensor_scatter_min_computed", lambda x, i, u: tf.tensor_scatter_nd_min(x, i, u), X(3, 4), I(0, 3, 4, 2), X(4)),
    case("tensor_scatter_max_int", lambda x, i, u: tf.tensor_scatter_nd_max(x, i, u), I(-9, 9, 3), I(0, 3, 5, 1), I(-9, 9, 5)),
]

SLICES = [
    case("slice_begin_computed", lambda x, i: tf.slice(x, [0, i[0], i[1]], [-1, 2, 3]), M, I(0, 3, 2)),
    case("slice_begin_computed_conv", lambda x, i: tf.nn.conv2d(tf.slice(x, [0, i[0], i[1], 0], [2, 5, 5, 3]), tf.ones([3, 3, 3, 2]), 1, "SAME"),
         X(2, 8, 9, 3), I(0, 3, 2)),
    case("index_computed", lambda x, i: tf.matmul(x[:, i], tf.ones([6, 3])), M, I(0, 4)),
    case("strided_begin_computed", lambda x, i: tf.nn.relu(x[:, i:]) + tf.ones([6]), M, I(0, 4)),
    case("squeeze_some_unknown", lambda x: tf.squeeze(tf.boolean_mask(x, x[:, 0] > -9.0)[:, None]), X(4, 6)),
]

CASES = DIAGONALS + ROLLS + SCATTERS + SLICES
