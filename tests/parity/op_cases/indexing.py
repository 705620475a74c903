"""gather and scatter, one-hot, select, cumulative sums, sorting."""

import tensorflow as tf

from .table import B, I, L, W, X, case

V = X(B, 4, 6)


def sorted_pairs(fn):
    return lambda x: list(fn(x))


CASES = [
    case("embedding", lambda i: tf.gather(W(20, 6), i), I(0, 20, B, 5)),
    case("embedding_lookup", lambda i: tf.nn.embedding_lookup(W(20, 6), i), I(0, 20, B, 5)),
    case("embedding_int64", lambda i: tf.gather(W(20, 6), i), I(0, 20, B, 5, dtype=tf.int64)),
    case("gather_axis1", lambda x: tf.gather(x, [3, 0, 0], axis=1), V),
    case("gather_last_axis", lambda x: tf.gather(x, [5, 1], axis=-1), V),
    case("gather_scalar", lambda x: tf.gather(x, 2, axis=1), V),
    case("gather_batch_dims", lambda x, i: tf.gather(x, i, batch_dims=1), V, I(0, 4, B, 3)),
    case("gather_nd", lambda i: tf.gather_nd(W(5, 6, 2), i), I(0, 5, B, 2)),
    case("gather_nd_partial", lambda i: tf.gather_nd(W(5, 6), i), I(0, 5, B, 3, 1)),
    case("gather_nd_batch_dims", lambda x, i: tf.gather_nd(x, i, batch_dims=1), V, I(0, 4, B, 2, 1)),
    case("boolean_mask_constant", lambda x: tf.gather(x, tf.constant([0, 2]), axis=1), V),
    case("one_hot", lambda i: tf.one_hot(i, 7), I(0, 7, B, 5)),
    case("one_hot_values_axis", lambda i: tf.one_hot(i, 7, 3.0, -1.0, axis=1), I(0, 7, B, 5)),
    case("one_hot_outside", lambda i: tf.one_hot(i, 4), I(0, 7, B, 5)),
    case("one_hot_int", lambda i: tf.one_hot(i, 7, dtype=tf.int32), I(0, 7, B)),
    case("where_v2", lambda c, x, y: tf.where(c, x, y), L(B, 4, 6), V, V),
    case("where_broadcast", lambda c, x: tf.where(c, x, -1.0), L(B, 4, 1), V),
    case("select_v1", lambda c, x, y: tf.raw_ops.Select(condition=c, x=x, y=y), L(B, 4, 6), V, V),
    case("where_int", lambda x: tf.where(x > 3, x, 0), I(0, 9, B, 5)),
    case("masked_attention", lambda x, c: tf.nn.softmax(x + (1.0 - tf.cast(c, tf.float32)) * -1e9), X(B, 4, 6), L(B, 1, 6)),
    case("cumsum", lambda x: tf.cumsum(x, 1), V),
    case("cumsum_exclusive_reverse", lambda x: tf.cumsum(x, -1, exclusive=True, reverse=True), V),
    case("cumsum_int", lambda x: tf.cumsum(x, 1), I(0, 9, B, 5)),
    case("top_k", sorted_pairs(lambda x: tf.math.top_k(x, 3)), X(B, 9)),
    case("top_k_3d", sorted_pairs(lambda x: tf.math.top_k(x, 2)), V),
    case("top_k_int", sorted_pairs(lambda x: tf.math.top_k(x, 2)), I(0, 99, B, 9)),
    case("argmax", lambda x: tf.argmax(x, -1), V),
    case("argmax_int32", lambda x: tf.argmax(x, 1, output_type=tf.int32), V),
    case("argmin", lambda x: tf.argmin(x, 1), V),
    case("sort_descending", lambda x: tf.sort(x, direction="DESCENDING"), X(B, 9)),
    case("scatter_nd", lambda x: tf.scatter_nd([[1], [3]], x, [5, 4]), X(2, 4)),
    case("tensor_scatter_update", lambda x: tf.tensor_scatter_nd_update(x, [[0], [2]], W(2, 4)), X(5, 4)),
    case("sequence_mask", lambda n: tf.sequence_mask(n, 6, tf.float32), I(0, 7, B)),
    case("reverse_sequence", lambda x, n: tf.reverse_sequence(x, n, seq_axis=1), V, I(1, 5, B)),
    case("in_top_values", lambda x: tf.cast(x >= tf.math.top_k(x, 2).values[:, -1:], tf.float32), X(B, 9)),
    case("cumulative_product", lambda x: tf.math.cumprod(x, 1), V),
    case("histogram_of_ids", lambda i: tf.reduce_sum(tf.one_hot(i, 5), 1), I(0, 5, B, 8)),
]
