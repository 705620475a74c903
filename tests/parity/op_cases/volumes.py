"""3-D convolution, its transposed form, pooling over volumes."""

import tensorflow as tf

from .table import B, W, Wp, X, case

VOLUME = X(B, 5, 6, 7, 2)
raw = tf.raw_ops


def conv(strides=(1, 1, 1), padding="SAME", dilations=(1, 1, 1), kernel=(3, 3, 3, 2, 4)):
    return lambda x: tf.nn.conv3d(x, W(*kernel), [1, *strides, 1], padding, dilations=[1, *dilations, 1])


def transposed(kernel, strides, padding, out, batch=None):
    def build(x):
        shape = tf.stack([tf.shape(x)[0], *out, kernel[3]]) if batch is None else [batch, *out, kernel[3]]
        return tf.nn.conv3d_transpose(x, W(*kernel), shape, [1, *strides, 1], padding)

    return build


def batch_norm(x):
    return raw.FusedBatchNormV3(x=x, scale=Wp(4), offset=W(4), mean=W(4, seed=1), variance=Wp(4, seed=2), is_training=False,
                                data_format="NDHWC")[0]


def channels_first(x):
    """NCDHW, which the reference cannot run on a CPU, is checked through the transposes that a frozen graph would have."""
    return tf.transpose(conv()(tf.transpose(x, [0, 2, 3, 4, 1])), [0, 4, 1, 2, 3])


CASES = [
    case("conv3d", conv(), VOLUME),
    case("conv3d_valid", conv(padding="VALID"), VOLUME),
    case("conv3d_stride2", conv(strides=(2, 2, 2)), VOLUME),
    case("conv3d_strides_differ", conv(strides=(1, 2, 3), padding="VALID"), VOLUME),
    case("conv3d_1x1x1", conv(kernel=(1, 1, 1, 2, 5)), VOLUME),
    case("conv3d_flat_kernel", conv(kernel=(1, 3, 5, 2, 3)), VOLUME),
    case("conv3d_many_channels", conv(kernel=(3, 3, 3, 2, 70)), VOLUME),
    case("conv3d_bias_relu", lambda x: tf.nn.relu(tf.nn.bias_add(conv()(x), W(4))), VOLUME),
    case("conv3d_batch_norm", lambda x: batch_norm(conv()(x)), VOLUME),
    case("conv3d_transposed_layout", channels_first, X(B, 2, 5, 6, 7)),
    case("conv3d_filter_input", lambda x, f: tf.nn.conv3d(x, f, [1] * 5, "SAME"), VOLUME, X(3, 3, 3, 2, 4)),
    case("conv3d_transpose_same", transposed((3, 3, 3, 4, 2), (2, 2, 2), "SAME", (10, 12, 14)), VOLUME),
    case("conv3d_transpose_fixed", transposed((3, 3, 3, 4, 2), (2, 2, 2), "SAME", (9, 12, 13), batch=2), X(2, 5, 6, 7, 2)),
    case("conv3d_transpose_valid", transposed((2, 3, 4, 4, 2), (1, 2, 3), "VALID", (6, 13, 22), batch=2), X(2, 5, 6, 7, 2)),
    case("conv3d_transpose_bias", lambda x: tf.nn.relu(tf.nn.bias_add(transposed((3, 3, 3, 4, 2), (2, 2, 2), "SAME", (10, 12, 14), batch=2)(x), W(4))),
         X(2, 5, 6, 7, 2)),
    case("max_pool3d", lambda x: tf.nn.max_pool3d(x, 2, 2, "VALID"), VOLUME),
    case("max_pool3d_same", lambda x: tf.nn.max_pool3d(x, [3, 2, 3], [2, 1, 3], "SAME"), VOLUME),
    case("avg_pool3d", lambda x: tf.nn.avg_pool3d(x, 2, 2, "VALID"), VOLUME),
    case("avg_pool3d_same", lambda x: tf.nn.avg_pool3d(x, [3, 2, 3], [2, 1, 3], "SAME"), VOLUME),
]
