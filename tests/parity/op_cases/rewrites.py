"""What TFLiteConverter fuses or drops, as users write it: the operators that are left are compared."""

import tensorflow as tf

from .table import B, I, P, W, X, case

IMAGE = X(B, 6, 6, 3)


def conv(x, *shape):
    return tf.nn.conv2d(x, W(*shape), 1, "SAME")


def nchw(x):
    return tf.transpose(x, [0, 3, 1, 2])


def nhwc(x):
    return tf.transpose(x, [0, 2, 3, 1])


def shifted(x):
    return x - tf.reduce_max(x, -1, keepdims=True)


CASES = [
    case("rewrite_clips", lambda x: [tf.clip_by_value(x, 0.0, 1.0), tf.clip_by_value(2 * x, -1.0, 1.0), tf.nn.relu(tf.minimum(4 * x, 6.0))], X(B, 9)),
    case("rewrite_leaky", lambda x: [tf.maximum(0.2 * x, x), tf.where(2 * x >= 0, 2 * x, 0.4 * x)], X(B, 9)),
    case("rewrite_prelu", lambda x: tf.nn.relu(x) + W(9) * (x - tf.abs(x)) * 0.5, X(B, 9)),
    case("rewrite_elu", lambda x: [tf.where(x > 0, x, tf.exp(x) - 1), tf.where(2 * x > 0, 2 * x, tf.math.expm1(2 * x))], X(B, 9)),
    case("rewrite_sigmoid", lambda x: 1 / (1 + tf.exp(-x)), X(B, 9)),
    case("rewrite_relus", lambda x, y: [tf.nn.relu(tf.math.squared_difference(x, y)), tf.nn.relu(tf.nn.relu(x))], X(B, 9), X(B, 9)),
    case("rewrite_powers", lambda x: [tf.pow(x, 2.0), tf.pow(x, 0.5), tf.pow(x, -0.5), 2 * tf.pow(x, 1.0), 1 / tf.sqrt(x + 1)], P(B, 9)),
    case("rewrite_softmax", lambda x: [tf.nn.softmax(shifted(x)), tf.math.log(tf.nn.softmax(2 * x))], X(B, 9)),
    case("rewrite_log_softmax", lambda x: shifted(x) - tf.math.log(tf.reduce_sum(tf.exp(shifted(x)), -1, keepdims=True)), X(B, 9)),
    case("rewrite_arg_max", lambda x: [tf.argmax(tf.nn.softmax(x), -1), tf.argmin(tf.nn.log_softmax(x), -1)], X(B, 9)),
    case("rewrite_constants", lambda x: [x + 3 - 1.5, 4 - (x - 3), x / 3 * 5, -(x * 3), -(-x) * 7], X(B, 9)),
    case("rewrite_signs", lambda x, y: [-(x - y), x - (-y), (-x) * (-y), tf.abs(-x), tf.square(tf.abs(y))], X(B, 9), X(B, 9)),
    case("rewrite_negated_conv", lambda x: [2 - conv(x, 3, 3, 3, 4), -conv(x, 1, 1, 3, 4)], IMAGE),
    case("rewrite_keep_dims", lambda x: [tf.expand_dims(tf.reduce_mean(x, [1, 2]), 1), tf.squeeze(tf.reduce_max(x, 1, keepdims=True), 1)], X(B, 4, 5, 3)),
    case("rewrite_reductions", lambda x: [tf.reduce_sum(tf.reduce_sum(x, 2), 1), 2 * tf.reduce_max(x, [])], X(B, 5, 4)),
    case("rewrite_nchw_concat", lambda x, y: nhwc(tf.concat([nchw(x), nchw(y)], 1)), X(B, 4, 5, 3), X(B, 4, 5, 3)),
    case("rewrite_nchw_pad", lambda x: nhwc(tf.pad(nchw(x), [[0, 0], [0, 0], [1, 1], [2, 1]])), X(B, 4, 5, 3)),
    case("rewrite_nchw_mean", lambda x: tf.reduce_mean(nchw(x), [2, 3]), X(B, 4, 5, 3)),
    case("rewrite_reshapes", lambda x, y: tf.reshape(tf.maximum(tf.reshape(x, [-1, 20]), tf.reshape(y, [-1, 20])), [-1, 4, 5]), X(B, 4, 5), X(B, 4, 5)),
    case("rewrite_pad_conv3d", lambda x: tf.nn.conv3d(tf.pad(x, [[0, 0], [1, 1], [1, 1], [1, 1], [0, 0]]), W(3, 3, 3, 2, 2), [1] * 5, "VALID"), X(B, 3, 4, 4, 2)),
    case("rewrite_pads", lambda x: tf.pad(tf.pad(x, [[0, 0], [1, 0], [0, 0]]), [[0, 0], [0, 2], [1, 1]]), X(B, 4, 3)),
    case("rewrite_look_up", lambda i: tf.matmul(tf.one_hot(i, 5), W(5, 7)), I(0, 5, B)),
    case("rewrite_one_hot_cast", lambda i: tf.cast(tf.one_hot(i, 5, dtype=tf.int32), tf.float32), I(0, 5, B)),
    case("rewrite_casts", lambda x: [tf.cast(tf.cast(x > 0, tf.int32), tf.float32), tf.cast(x > 1, tf.int32) > 0], X(B, 9)),
    case("rewrite_selects", lambda x, y: [2 * tf.where(True, x, y), tf.where(x > 0, False, True)], X(B, 9), X(B, 9)),
    case("rewrite_tile", lambda x, y: tf.tile(x, [1, 4]) + y, X(B, 1), X(B, 4)),
    case("rewrite_joins", lambda x: [2 * tf.stack(tf.unstack(x, axis=1), 1), tf.concat(tf.unstack(x, axis=1), -1), 3 * tf.concat(tf.split(x, 2, 1), 1)], X(B, 4, 3)),
    case("rewrite_nested_concat", lambda x, y, z: tf.concat([tf.concat([x, y], 1), z], 1), X(B, 4), X(B, 4), X(B, 3)),
    case("rewrite_slices", lambda x: [tf.slice(tf.slice(x, [0, 1], [-1, 5]), [0, 1], [-1, 2]), 2 * x[:, :]], X(B, 8)),
    case("rewrite_gathers", lambda x: [2 * tf.gather_nd(x, [[0], [1], [2], [3]]), tf.gather_nd(x, [[1], [2]]), 3 * tf.scatter_nd([[0], [1], [2], [3]], x, [4, 4])], X(4, 4)),
    case("rewrite_index_of_reversed", lambda x: [tf.reverse(x, [1])[:, -1], tf.reverse(x, [1, 2])[:, 1, 0], tf.reverse(x, [1, 2])[:, 2]], X(B, 4, 3)),
    case("rewrite_single", lambda x: [2 * tf.cumsum(x, 1), 3 * tf.reverse(x, [1]), 4 * tf.reduce_sum(x, 1, keepdims=True)], X(B, 1, 4)),
    case("rewrite_product_transposed", lambda x, y: tf.transpose(tf.matmul(x, y, transpose_b=True), [0, 2, 1]), X(B, 4, 5), X(B, 6, 5)),
    case("rewrite_one_input", lambda x: tf.matmul(x, W(1, 7)), X(B, 4, 1)),
]
