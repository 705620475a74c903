"""Axes, shapes, indices and counts that are computed at run time; unknown dimensions that something else decides; sets of numbers."""

import tensorflow as tf

from .table import B, I, Input, L, N, Q, X, case

raw = tf.raw_ops
V = X(B, 4, 6)


def G(*values, dtype=tf.int32):
    """These numbers: a vector; given at run time."""
    return Input((len(values),), dtype, lambda rng, s: values)


def S(value, dtype=tf.int32):
    """This number, given at run time."""
    return Input((), dtype, lambda rng, s: value)


def strided(**masks):
    return lambda x, b, e, s: raw.StridedSlice(input=x, begin=b, end=e, strides=s, **masks)


def updated(**masks):
    return lambda x, v: raw.TensorStridedSliceUpdate(input=x, begin=[0, 1, 5], end=[0, 3, 0], strides=[1, 1, -2], value=v, begin_mask=1, end_mask=1, **masks)


PADDINGS = tf.constant([[1, 1], [0, 2]])

CASES = [
    case("axis_concat", lambda x, y, a: tf.concat([x, y], a), X(2, 3, 4), X(2, 3, 4), S(-2)),
    case("axis_gather", lambda x, i, a: [tf.gather(x, i, axis=a), tf.gather(x, i[0], axis=a)], X(2, 3, 4), I(0, 2, 5), S(1)),
    case("axis_cumprod", lambda x, a: tf.math.cumprod(x, a), X(B, 3, 4), S(2)),
    case("sliced_to_another", lambda x, y: x[:, : tf.shape(y)[1]] * 2.0, X(B, Q(5)), X(B, Q(3))),
    case("sliced_beyond_another", lambda x, y: x[:, tf.shape(y)[1] :], X(B, Q(5)), X(B, Q(3))),
    case("broadcast_to_another", lambda x, y: tf.broadcast_to(x, tf.shape(y)) * 2.0, X(Q(1), Q(6)), X(Q(4), Q(6))),
    case("broadcast_like_another", lambda x, y: tf.broadcast_to(x, tf.shape(y)) * 2.0, X(Q(4), 1), X(Q(4), Q(6))),
    case("filled_like_two", lambda x, y: tf.ones([tf.shape(x)[0], tf.shape(y)[0]]), X(Q(4), 3), X(Q(2), 3)),
    case("distances", lambda x, y: tf.reduce_sum(tf.square(x[:, None] - y[None]), -1), X(Q(4), 3), X(Q(2), 3)),
    case("cross_attention", lambda x, y: tf.einsum("bhst,bthd->bshd", tf.nn.softmax(tf.einsum("bshd,bthd->bhst", x, y)), y), X(B, Q(5), 2, 4), X(B, Q(3), 2, 4)),
    case("joined_lengths", lambda x, y: tf.reshape(tf.concat([x, y], 1), [tf.shape(x)[0], -1, 2, 2]), X(B, Q(5), 4), X(B, Q(3), 4)),
    case("padded_to_another", lambda x, y: tf.pad(x, [[0, 0], [0, tf.shape(y)[1] - tf.shape(x)[1]]]) + y, X(B, Q(3)), X(B, Q(5))),
    case("sizes_compared", lambda x, y: tf.cond(tf.shape(x)[1] == tf.shape(y)[1], lambda: x * 2.0, lambda: -x), X(B, Q(3)), X(B, Q(3))),
    case("longer_of_two", lambda x, y: tf.zeros([tf.maximum(tf.shape(x)[1], tf.shape(y)[1])]) + 1.0, X(B, Q(5)), X(B, Q(3))),
    case("masked_twice", lambda x: tf.boolean_mask(x, x[:, 0] > 0) * 2.0 + tf.boolean_mask(x + 1.0, x[:, 0] > 0), X(B, 3)),
    case("halves", lambda x: x[: tf.shape(x)[0] // 2] - x[tf.shape(x)[0] // 2 :], X(Q(6), 3)),
    case("three_batches", lambda x, y, z: tf.concat([x, y, z], 1) * tf.cast(tf.shape(z)[0], tf.float32), X(B, 3), X(B, 2), X(B, 4)),
    case("reduce_no_axes_computed", lambda x, a: tf.reduce_sum(x, a) + 1.0, V, G()),
    case("reduce_axes_computed", lambda x, a: tf.reduce_sum(x, a), V, G(2, -2)),
    case("reduce_axis_computed", lambda x, a: tf.reduce_mean(x, a), V, S(-1)),
    case("reduce_axis_computed_keep", lambda x, a: tf.reduce_max(x, a, keepdims=True), V, G(1)),
    case("reduce_any_axis_computed", lambda x, a: tf.reduce_any(x, a), L(B, 4, 6), S(1, tf.int64)),
    case("norm_axis_computed", lambda x, a: raw.EuclideanNorm(input=x, axis=a), V, G(1)),
    case("expand_dims_computed", lambda x, a: raw.ExpandDims(input=x, axis=a), V, S(-2)),
    case("argmax_axis_computed", lambda x, a: raw.ArgMax(input=x, dimension=a), V, S(1)),
    case("cumsum_axis_computed", lambda x, a: tf.cumsum(x, a), V, S(-1)),
    case("reverse_axis_computed", lambda x, a: tf.reverse(x, a), V, G(-1)),
    case("reverse_axes_computed", lambda x, a: tf.reverse(x, a), V, G(-1, 1)),
    case("split_axis_computed", lambda x, a: raw.Split(axis=a, value=x, num_split=2), V, S(1)),
    case("split_sizes_axis_computed", lambda x, n, a: raw.SplitV(value=x, size_splits=n, axis=a, num_split=2), V, G(1, -1), S(2)),
    case("strided_strides_computed", strided(begin_mask=1, end_mask=1), V, G(0, 3, 0), G(0, 0, 6), G(1, -2, 2)),
    case("strided_all_computed_masks", strided(begin_mask=1, end_mask=1, shrink_axis_mask=2), V, G(0, 3, 5), G(0, 0, 0), G(1, 1, -2)),
    case("strided_ellipsis_computed", strided(ellipsis_mask=1), V, G(0, 1), G(0, 5), G(1, 2)),
    case("strided_new_axis_computed", strided(begin_mask=1, end_mask=1, new_axis_mask=2), V, G(0, 0, 1), G(0, 0, 3), G(1, 1, 1)),
    case("space_to_batch_computed", lambda x, b, p: tf.space_to_batch(x, b, tf.reshape(p, [2, 2])), X(B, 3, 4, 2), G(2, 3), G(1, 0, 0, 2)),
    case("space_to_batch_block_computed", lambda x, b: tf.space_to_batch(x, b, PADDINGS), X(B, 4, 4, 2), G(3, 2)),
    case("space_to_batch_3d_computed", lambda x, p: tf.space_to_batch(x, [2], tf.reshape(p, [1, 2])), X(B, 3, 2), G(0, 1)),
    case("space_to_batch_rank_4_one_computed", lambda x, b: tf.space_to_batch(x, b, [[0, 0]]), X(B, 4, 3, 2), G(2)),
    case("batch_to_space_computed", lambda x, b, c: raw.BatchToSpaceND(input=x, block_shape=b, crops=tf.reshape(c, [2, 2])), X(12, 3, 2, 1), G(2, 3), G(1, 0, 0, 2)),
    case("roll_axis_computed", lambda x, s, a: tf.roll(x, s, a), V, G(3, -1, 9), G(1, 2, -2)),
    case("roll_one_axis_computed", lambda x, a: tf.roll(x, 1, a), V, S(2)),
    case("band_part_computed", lambda x, a, b: raw.MatrixBandPart(input=x, num_lower=a, num_upper=b), V, S(1), S(-1)),
    case("band_part_computed_int64", lambda x, a, b: raw.MatrixBandPart(input=x, num_lower=a, num_upper=b), V, S(0, tf.int64), S(2, tf.int64)),
    case("top_k_computed", lambda x, k: raw.TopKV2(input=x, k=k, sorted=True), X(B, 9), S(3)),
    case("top_k_int16_indices", lambda x, k: raw.TopKV2(input=x, k=k, sorted=True, index_type=tf.int16), X(B, 9), S(2, tf.int16)),
    case("linspace_computed", lambda n: raw.LinSpace(start=1.0, stop=3.0, num=n), S(5)),
    case("linspace_one_computed", lambda a, n: raw.LinSpace(start=a, stop=3.0, num=n), X(), S(1)),
    case("one_hot_depth_computed", lambda i, d: tf.one_hot(i, d), I(0, 7, B, 5), S(6)),
    case("tile_computed", tf.tile, V, G(2, 1, 3)),
    case("pad_computed", lambda x, p: tf.pad(x, tf.reshape(p, [3, 2])), V, G(0, 0, 1, 2, 0, 1)),
    case("transpose_computed", lambda x, p: tf.transpose(x, p), V, G(2, 0, 1)),
    case("reshape_computed", lambda x, s: tf.reshape(x, s), V, G(6, -1)),
    case("reshape_nothing", lambda x, s: tf.reshape(x, s), X(1, 4, 0), G(2, 0, -1)),
    case("fill_computed", lambda s, x: tf.fill(s, x), G(2, 3), X()),
    case("range_computed", lambda a, b: tf.range(a, b, 2), S(1), S(8)),
    case("broadcast_to_computed", lambda x, s: tf.broadcast_to(x, s), X(4, 1), G(2, 4, 3)),
    case("dynamic_stitch_computed", lambda i, j, x, y: tf.dynamic_stitch([i, j], [x, y]), G(2, 1), G(0), X(2, 3), X(1, 3)),
    case("dynamic_stitch_computed_twice", lambda i, x: tf.dynamic_stitch([i], [x]), G(2, 0, 1, 2), X(4, 3)),
    case("invert_permutation_batch", lambda x: tf.math.invert_permutation(tf.argsort(x)), X(B)),
    case("segment_max_computed", lambda x, i: tf.math.segment_max(x, i), X(6, 2), G(0, 0, 2, 2, 2, 3)),
    case("segment_prod_computed", lambda x, i: tf.math.segment_prod(x, i), X(6, 2), G(0, 0, 1, 1, 1, 3)),
    case("segment_min_int_computed", lambda x, i: tf.math.segment_min(x, i), I(-9, 9, 4), G(0, 0, 1, 1)),
    case("scatter_update_nan", lambda x, i, u: tf.tensor_scatter_nd_update(x, i, u), N(5, 4), I(0, 5, 3, 1), N(3, 4)),
    case("scatter_update_twice", lambda x, i, u: tf.tensor_scatter_nd_update(x, tf.reshape(i, [3, 1]), u), X(Q(2), 4), G(1, 0, 1), X(3, 4)),
    case("scatter_update_elements", lambda x, i, u: tf.tensor_scatter_nd_update(x, i, u), X(Q(2), 4), I(0, 2, 3, 2), X(3)),
    case("scatter_update_many", lambda x, i, u: tf.tensor_scatter_nd_update(x, i, u), X(7, 2), I(0, 7, Q(5), 1), X(Q(5), 2)),
    case("scatter_update_constant_twice", lambda x, u: tf.tensor_scatter_nd_update(x, [[2], [0], [2]], u), X(5, 4), X(3, 4)),
    case("slice_update", updated(), V, X(B, 2, 3)),
    case("slice_update_broadcast", updated(), V, X(1, 3)),
    case("slice_update_shrink", updated(shrink_axis_mask=2), V, X(B, 3)),
    case("unique_counts", lambda x: tf.unique_with_counts(x), I(0, 4, 9)),
    case("unique_counts_int64", lambda x: tf.unique_with_counts(x, out_idx=tf.int64), I(0, 4, 9)),
    case("list_diff", lambda x, y: raw.ListDiff(x=x, y=y), I(0, 9, 6), I(0, 9, 4)),
    case("unravel_index", lambda i: tf.unravel_index(i, [3, 4, 2]), I(0, 24, B)),
    case("unravel_index_computed", lambda i, d: tf.unravel_index(i, d), S(17, tf.int64), G(3, 4, 2, dtype=tf.int64)),
    case("gradient_args", lambda a, b: raw.BroadcastGradientArgs(s0=a, s1=b), G(3, 1, 4), G(1, 4)),
    case("gradient_args_equal", lambda a, b: raw.BroadcastGradientArgs(s0=a, s1=b), G(1, 4, dtype=tf.int64), G(1, 4, dtype=tf.int64)),
    case("diag_part_unknown", lambda x: tf.linalg.diag_part(x, k=1), X(2, Q(3), Q(4))),
    case("diag_part_band_unknown", lambda x: tf.linalg.diag_part(x, k=(-1, 1), padding_value=7.0), X(3, Q(3), Q(4))),
    case("set_diag_unknown", lambda x, d: tf.linalg.set_diag(x, d, k=1), X(3, Q(3), Q(4)), X(3, Q(3))),
    case("diag_unknown", lambda x: tf.linalg.diag(x, k=-1), X(3, Q(4))),
    case("eye_computed", lambda n: tf.eye(n), S(4)),
    case("eye_computed_sizes", lambda n, m: tf.eye(n, m, batch_shape=[2]), S(4), S(3)),
    # Of sizes of which only a remainder counts.
    case("padded_to_even", lambda x: tf.pad(x, [[0, 0], [0, tf.shape(x)[1] % 2]]), X(B, Q(5))),
    case("cut_to_even", lambda x: x[:, :tf.shape(x)[1] // 2 * 2] * 2.0, X(B, Q(5))),
    case("padded_to_blocks", lambda x: tf.pad(x, [[0, 0], [0, -tf.shape(x)[1] % 8], [0, 0]]), X(B, Q(13), 3)),
    # Unknown dimensions that the model decides: by a size that they must have, or by each other.
    case("unknown_meets_size", lambda x, y: x + y, X(3, 4), X(Q(3), 4)),
    case("unknown_is_one", lambda x, y: x + y, X(3, 4), X(Q(1), Q(4))),
    case("unknown_contracts", lambda x: tf.matmul(x, tf.ones([2, 5])), X(3, Q(2))),
    case("unknown_meets_unknown", lambda x, y: tf.matmul(x, y), X(3, Q(4)), X(Q(4), 5)),
    case("unknown_doubled", lambda x, y: tf.concat([x, x], 0) + y, X(Q(2), 5), X(4, 5)),
    case("unknown_einsum", lambda x, y: tf.einsum("abcd,aecd->aceb", x, y), X(Q(2), Q(3), 3, 4), X(Q(2), Q(5), 3, 4)),
    case("unknown_einsum_sum", lambda x, y: tf.einsum("abcd,cde->abe", x, y), X(Q(2), Q(3), 3, 4), X(3, 4, 5)),
    case("unknown_reshaped", lambda x: tf.reshape(x, [4, 3]), X(Q(2), 6)),
    case("unknown_squeezed", lambda x: tf.squeeze(x, [0]), X(Q(1), 6)),
    case("unknown_split", lambda x: tf.split(x, 2), X(Q(4), 3)),
    case("unknown_sliced", lambda x: tf.slice(x, [5, 0], [3, 2]), X(Q(9), 3)),
    case("unknown_concat", lambda x, y: tf.concat([x, y], 1), X(Q(2), 3), X(2, 4)),
]
