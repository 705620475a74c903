"""Softmax, batch, layer, L2 and local-response normalisation."""

import tensorflow as tf

from .table import B, W, Wp, X, case

raw = tf.raw_ops


def fused(op, **options):
    return lambda x: op(x=x, scale=Wp(6), offset=W(6), mean=W(6, seed=1), variance=Wp(6, seed=2), is_training=False, **options)[0]


def layer_norm(axes, epsilon=1e-5):
    def build(x):
        mean, variance = tf.nn.moments(x, axes, keepdims=True)
        return tf.nn.batch_normalization(x, mean, variance, W(6), Wp(6), epsilon)

    return build


CASES = [
    case("softmax", lambda x: tf.nn.softmax(x), X(B, 9)),
    case("softmax_4d", lambda x: tf.nn.softmax(x), X(B, 2, 5, 7)),
    case("softmax_axis1", lambda x: tf.nn.softmax(x, axis=1), X(B, 5, 7)),
    case("log_softmax", lambda x: tf.nn.log_softmax(x), X(B, 9)),
    case("softmax_by_hand", lambda x: tf.exp(x) / tf.reduce_sum(tf.exp(x), -1, keepdims=True), X(B, 9)),
    case("fused_batch_norm_v3", fused(raw.FusedBatchNormV3), X(B, 4, 5, 6)),
    case("fused_batch_norm_v1", fused(raw.FusedBatchNorm, epsilon=0.01), X(B, 4, 5, 6)),
    case("fused_batch_norm_statistics", lambda x: list(raw.FusedBatchNormV3(x=x, scale=Wp(6), offset=W(6), mean=W(6, seed=1), variance=Wp(6, seed=2),
                                                                           exponential_avg_factor=0.3)[:3]), X(2, 4, 5, 6)),
    case("batch_norm_by_hand", lambda x: tf.nn.batch_normalization(x, W(6), Wp(6), W(6, seed=1), Wp(6, seed=1), 1e-3), X(B, 4, 6)),
    case("batch_norm_relu", lambda x: tf.nn.relu(fused(raw.FusedBatchNormV3)(x)), X(B, 4, 5, 6)),
    case("layer_norm", layer_norm([-1]), X(B, 5, 6)),
    case("layer_norm_4d", layer_norm([1, 2, 3]), X(B, 3, 4, 6)),
    case("instance_norm", layer_norm([1, 2]), X(B, 3, 4, 6)),
    case("moments", lambda x: list(tf.nn.moments(x, [1, 2])), X(B, 3, 4, 6)),
    case("l2_normalize", lambda x: tf.math.l2_normalize(x, -1), X(B, 5, 6)),
    case("l2_normalize_tiny", lambda x: tf.math.l2_normalize(x * [[3e-7], [0.0], [1.0], [1e-20], [1e15]], -1), X(B, 5, 6)),
    case("l2_normalize_sqrt", lambda x: x / tf.sqrt(tf.maximum(tf.reduce_sum(x * x, -1, keepdims=True), 1e-12)), X(B, 5, 6)),
    case("l2_normalize_norm", lambda x: x / tf.maximum(tf.sqrt(tf.reduce_sum(tf.square(x), -1, keepdims=True)), 1e-6), X(B, 5, 6)),
    case("l2_normalize_relu", lambda x: tf.nn.relu(tf.math.l2_normalize(x, -1)), X(B, 5, 6)),
    case("l2_normalize_epsilon", lambda x: tf.math.l2_normalize(x * [[3e-4], [0.0], [1.0], [1e-20], [1e15]], -1, 1e-6), X(B, 5, 6)),
    case("l2_normalize_axis1", lambda x: tf.math.l2_normalize(x, 1), X(B, 5, 6)),
    case("local_response", lambda x: tf.nn.local_response_normalization(x, 2, 1.0, 0.5, 0.7), X(B, 3, 4, 6)),
    case("local_response_below_zero", lambda x: tf.nn.local_response_normalization(x, 2, 0.3, -3.0, 2.0), X(B, 3, 4, 6)),
    case("rms_norm", lambda x: x * tf.math.rsqrt(tf.reduce_mean(tf.square(x), -1, keepdims=True) + 1e-6) * W(6), X(B, 5, 6)),
    case("standardize_per_image", lambda x: tf.image.per_image_standardization(x), X(B, 4, 5, 3)),
]
