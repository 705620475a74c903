"""Reshapes, transposes, concatenation, splits, slices with all masks, pads, tiles, fills, shape arithmetic."""

import tensorflow as tf

from .table import B, I, W, X, case

V = X(B, 4, 6)
raw = tf.raw_ops


def strided(begin, end, strides, **masks):
    return lambda x: raw.StridedSlice(input=x, begin=begin, end=end, strides=strides, **masks)


def pad(paddings, mode="CONSTANT", value=0.0):
    return lambda x: tf.pad(x, paddings, mode, value)


def batch(x):
    return tf.shape(x)[0]


CASES = [
    case("reshape_batch", lambda x: tf.reshape(x, [-1, 24]), V),
    case("reshape_shape_pack", lambda x: tf.reshape(x, [batch(x), 24]), V),
    case("reshape_split_heads", lambda x: tf.reshape(x, [batch(x), 4, 2, 3]), V),
    case("reshape_computed_minus_one", lambda x: tf.reshape(x, tf.stack([batch(x), -1])), V),
    case("reshape_product", lambda x: tf.reshape(x, [batch(x) * 4, 6]), V),
    case("reshape_back_and_forth", lambda x: tf.reshape(tf.nn.relu(tf.reshape(x, [-1, 6])), tf.shape(x)), V),
    case("reshape_scalar", lambda x: tf.reshape(x, []), X(1, 1)),
    case("expand_dims", lambda x: tf.expand_dims(x, 1), V),
    case("expand_dims_last", lambda x: tf.expand_dims(x, -1), V),
    case("squeeze", lambda x: tf.squeeze(x, [1]), X(B, 1, 6)),
    case("squeeze_all", lambda x: tf.squeeze(x), X(1, 4, 1, 6)),
    case("flatten_dynamic", lambda x: tf.reshape(x, [batch(x), tf.reduce_prod(tf.shape(x)[1:])]), V),
    case("transpose", lambda x: tf.transpose(x, [0, 2, 1]), V),
    case("transpose_4d", lambda x: tf.transpose(x, [0, 3, 1, 2]), X(B, 2, 3, 4)),
    case("transpose_batch_last", lambda x: tf.transpose(x, [1, 2, 0]), V),
    case("transpose_twice", lambda x: tf.transpose(tf.nn.relu(tf.transpose(x, [0, 3, 1, 2])), [0, 2, 3, 1]), X(B, 2, 3, 4)),
    case("transpose_5d", lambda x: tf.transpose(x, [0, 2, 1, 4, 3]), X(B, 2, 3, 2, 4)),
    case("transpose_default", lambda x: tf.transpose(x), X(3, 4)),
    case("channel_shuffle", lambda x: tf.reshape(tf.transpose(tf.reshape(x, [batch(x), 4, 2, 3]), [0, 1, 3, 2]), [batch(x), 4, 6]), V),
    case("concat", lambda x, y: tf.concat([x, y], -1), V, X(B, 4, 3)),
    case("concat_axis1_three", lambda x: tf.concat([x, 2 * x, x[:, :1]], 1), V),
    case("concat_constant", lambda x: tf.concat([x, tf.tile(W(1, 4, 2), [batch(x), 1, 1])], 2), V),
    case("concat_batch", lambda x: tf.concat([x, x], 0), V),
    case("concat_int", lambda x: tf.concat([x, x + 1], 1), I(0, 9, B, 4)),
    case("split", lambda x: tf.split(x, 3, axis=2), V),
    case("split_sizes", lambda x: tf.split(x, [1, 3, 2], axis=2), V),
    case("split_sizes_rest", lambda x: tf.split(x, [1, -1], axis=1), V),
    case("split_use_one", lambda x: tf.split(x, 2, axis=1)[1], V),
    case("unstack", lambda x: tf.unstack(x, axis=1), V),
    case("stack", lambda x, y: tf.stack([x, y], 1), V, V),
    case("stack_last", lambda x: tf.stack([x, -x], -1), V),
    case("slice", lambda x: tf.slice(x, [0, 1, 2], [-1, 2, 3]), V),
    case("slice_to_end", lambda x: tf.slice(x, [0, 1, 2], [-1, -1, -1]), V),
    case("strided_plain", strided([0, 1, 0], [0, 3, 6], [1, 1, 2], begin_mask=1, end_mask=1), V),
    case("strided_negative", strided([0, 3, 5], [0, 0, 0], [1, -1, -2], begin_mask=1, end_mask=5), V),
    case("strided_begin_end_masks", strided([0, 0, 9], [0, -1, 0], [1, 1, 1], begin_mask=7, end_mask=5), V),
    case("strided_ellipsis", strided([0, 1], [0, 5], [1, 2], ellipsis_mask=1), V),
    case("strided_new_axis", strided([0, 0, 1], [0, 0, 3], [1, 1, 1], begin_mask=1, end_mask=1, new_axis_mask=2), V),
    case("strided_shrink", strided([0, 2], [0, 3], [1, 1], begin_mask=1, end_mask=1, shrink_axis_mask=2), V),
    case("strided_shrink_negative", strided([0, -1], [0, 0], [1, 1], begin_mask=1, end_mask=1, shrink_axis_mask=2), V),
    case("strided_all_masks", lambda x: x[:, tf.newaxis, 1, ..., ::2], X(B, 4, 3, 6)),
    case("slice_last_step", lambda x: x[:, -1, :], V),
    case("slice_int_batch", lambda x: x[:, 1:3], I(0, 9, B, 5)),
    case("first_of_batch", lambda x: x[0], X(3, 4)),
    case("pad_constant", pad([[0, 0], [1, 2], [0, 3]]), V),
    case("pad_value", pad([[0, 0], [1, 2], [0, 3]], value=2.5), V),
    case("pad_reflect", pad([[0, 0], [1, 2], [3, 0]], "REFLECT"), V),
    case("pad_symmetric", pad([[0, 0], [1, 2], [3, 0]], "SYMMETRIC"), V),
    case("pad_int", lambda x: tf.pad(x, [[0, 0], [1, 0]]), I(0, 9, B, 4)),
    case("pad_4d", pad([[0, 0], [1, 1], [2, 2], [0, 0]]), X(B, 4, 5, 3)),
    case("tile", lambda x: tf.tile(x, [1, 2, 3]), V),
    case("tile_ones", lambda x: tf.tile(x, [1, 1, 1]) + 1.0, V),
    case("repeat", lambda x: tf.repeat(x, 3, axis=1), V),
    case("broadcast_to", lambda x: tf.broadcast_to(x, [3, 4, 6]), X(4, 1)),
    case("broadcast_to_batch", lambda x: tf.broadcast_to(W(1, 4, 6), [batch(x), 4, 6]) + x, V),
    case("broadcast_in_select", lambda x: tf.where(x > 0, x, tf.broadcast_to(W(4, 6), tf.shape(x))), V),
    case("count_of_ones", lambda x: tf.reduce_sum(x, [1, 2]) / tf.reduce_sum(tf.ones_like(x), [1, 2]), V),
    case("fill", lambda x: x + tf.fill([4, 6], 2.0), V),
    case("fill_batch", lambda x: tf.concat([x, tf.fill([batch(x), 4, 1], 7.0)], 2), V),
    case("zeros_like", lambda x: tf.zeros_like(x) + tf.ones_like(x), V),
    case("range", lambda x: x + tf.range(6, dtype=tf.float32), V),
    case("linspace", lambda x: x * tf.linspace(0.0, 1.0, 6), V),
    case("shape_of", lambda x: tf.shape(x), V),
    case("size_of", lambda x: tf.size(x), V),
    case("rank_of", lambda x: tf.cast(tf.rank(x), tf.float32) * x, V),
    case("shape_arithmetic", lambda x: x / tf.cast(tf.shape(x)[1] * tf.shape(x)[2], tf.float32), V),
    case("shape_of_batch_mean", lambda x: tf.reduce_sum(x, 0) / tf.cast(batch(x), tf.float32), V),
    case("eye", lambda x: x + tf.eye(4, 6), V),
    case("band_part", lambda x: x * tf.linalg.band_part(tf.ones([4, 4]), -1, 0), X(B, 4, 4)),
    case("diag_part", lambda x: tf.linalg.diag_part(x), X(B, 4, 4)),
    case("set_diag", lambda x: tf.linalg.set_diag(x, tf.zeros(tf.shape(x)[:-1])), X(B, 4, 4)),
    case("reverse", lambda x: tf.reverse(x, [1]), V),
    case("reverse_two", lambda x: tf.reverse(x, [1, 2]), V),
    case("roll", lambda x: tf.roll(x, 2, axis=1), V),
    case("meshgrid", lambda x: x + tf.meshgrid(tf.range(6.0), tf.range(4.0))[0], V),
    case("identity_n", lambda x, y: tf.identity_n([x, y]), V, V),
    case("ensure_shape", lambda x: tf.ensure_shape(x, [None, 4, 6]) + 1.0, V),
    case("unchanged", lambda x: x, V),
]
