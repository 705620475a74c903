"""Convolutions, pooling, resizing, space and batch rearrangement."""

import tensorflow as tf

from .table import B, I, P, U, W, X, case

IMAGE = X(B, 9, 11, 4)
raw = tf.raw_ops


def conv(**options):
    options = {"strides": 1, "padding": "SAME", **options}
    return lambda x: tf.nn.conv2d(x, W(3, 3, 4, 8), **options)


def depthwise(kernel=(3, 3, 4, 1), strides=1, padding="SAME", dilations=None):
    return lambda x: tf.nn.depthwise_conv2d(x, W(*kernel), [1, strides, strides, 1], padding, dilations=dilations)


def transposed(kernel, strides, padding, out_hw):
    def build(x):
        shape = tf.stack([tf.shape(x)[0], *out_hw, kernel[2]])
        return tf.nn.conv2d_transpose(x, W(*kernel), shape, strides, padding)

    return build


def resize(method, size, align=False, half=False):
    op = {"bilinear": raw.ResizeBilinear, "nearest": raw.ResizeNearestNeighbor}[method]
    return lambda x: op(images=x, size=size, align_corners=align, half_pixel_centers=half)


def pool_nd(kind, **options):
    return lambda x: tf.nn.pool(x, [2, 2], kind, **options)


def fused_batch_norm(x):
    return raw.FusedBatchNormV3(x=x, scale=W(4) + 1, offset=W(4, seed=1), mean=W(4, seed=2), variance=W(4, seed=3) ** 2 + 0.5,
                                is_training=False, epsilon=1e-3)[0]


CASES = [
    case("conv2d_same", conv(), IMAGE),
    case("conv2d_valid", conv(padding="VALID"), IMAGE),
    case("conv2d_same_stride2", conv(strides=2), IMAGE),
    case("conv2d_stride_2x1", conv(strides=[1, 2, 1, 1]), IMAGE),
    case("conv2d_stride3_valid", conv(strides=3, padding="VALID"), IMAGE),
    case("conv2d_dilation2", conv(dilations=2), IMAGE),
    case("conv2d_dilation_2x3_valid", conv(dilations=[1, 2, 3, 1], padding="VALID"), IMAGE),
    case("conv2d_explicit_padding", conv(padding=[[0, 0], [1, 2], [0, 3], [0, 0]]), IMAGE),
    case("conv2d_explicit_stride2", conv(strides=2, padding=[[0, 0], [1, 1], [1, 1], [0, 0]]), IMAGE),
    case("conv2d_1x1", lambda x: tf.nn.conv2d(x, W(1, 1, 4, 7), 1, "SAME"), IMAGE),
    case("conv2d_5x1", lambda x: tf.nn.conv2d(x, W(5, 1, 4, 3), 1, "SAME"), IMAGE),
    case("conv2d_grouped", lambda x: tf.nn.conv2d(x, W(3, 3, 2, 6), 1, "SAME"), IMAGE),
    case("conv2d_bias_add", lambda x: tf.nn.bias_add(conv()(x), W(8)), IMAGE),
    case("conv2d_add_constant", lambda x: conv()(x) + W(8), IMAGE),
    case("conv2d_bias_relu", lambda x: tf.nn.relu(tf.nn.bias_add(conv()(x), W(8))), IMAGE),
    case("conv2d_bias_relu6", lambda x: tf.nn.relu6(tf.nn.bias_add(conv()(x), W(8))), IMAGE),
    case("conv2d_bias_tanh", lambda x: tf.tanh(tf.nn.bias_add(conv()(x), W(8))), IMAGE),
    case("conv2d_clip", lambda x: tf.clip_by_value(conv()(x), -1.0, 1.0), IMAGE),
    case("conv2d_mul_channel", lambda x: conv()(x) * W(8), IMAGE),
    case("conv2d_mul_add_relu", lambda x: tf.nn.relu(conv()(x) * W(8) + W(8, seed=1)), IMAGE),
    case("conv2d_sub_div", lambda x: (conv()(x) - W(8)) / (W(8, seed=1) ** 2 + 0.5), IMAGE),
    case("conv2d_residual", lambda x: tf.nn.relu(tf.nn.conv2d(x, W(3, 3, 4, 4), 1, "SAME") + x), IMAGE),
    case("conv2d_two_uses", lambda x: [tf.nn.relu(conv()(x)), conv()(x) * 2.0], IMAGE),
    case("conv2d_batch_norm", lambda x: fused_batch_norm(tf.nn.conv2d(x, W(3, 3, 4, 4), 1, "SAME")), IMAGE),
    case("conv2d_computed_filter", lambda x, w: tf.nn.conv2d(x, w, 1, "SAME"), IMAGE, X(3, 3, 4, 5)),
    case("pad_conv2d_valid", lambda x: tf.nn.conv2d(tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]), W(3, 3, 4, 8), 1, "VALID"), IMAGE),
    case("pad_conv2d_stride2", lambda x: tf.nn.conv2d(tf.pad(x, [[0, 0], [0, 1], [0, 1], [0, 0]]), W(3, 3, 4, 8), 2, "VALID"), IMAGE),
    case("conv1d", lambda x: tf.nn.conv1d(x, W(5, 4, 6), 1, "SAME"), X(B, 20, 4)),
    case("conv1d_stride2_valid", lambda x: tf.nn.conv1d(x, W(5, 4, 6), 2, "VALID"), X(B, 20, 4)),
    case("conv1d_dilated", lambda x: tf.nn.conv1d(x, W(3, 4, 6), 1, "SAME", dilations=3), X(B, 20, 4)),
    case("conv1d_causal", lambda x: tf.nn.conv1d(tf.pad(x, [[0, 0], [4, 0], [0, 0]]), W(5, 4, 6), 1, "VALID"), X(B, 20, 4)),
    case("convolution_space_to_batch", lambda x: tf.compat.v1.nn.convolution(x, W(3, 3, 4, 8), "SAME", dilation_rate=[2, 2]), IMAGE),
    case("atrous_by_hand", lambda x: tf.batch_to_space(tf.nn.conv2d(tf.space_to_batch_nd(x, [2, 2], [[2, 3], [2, 3]]), W(3, 3, 4, 8), 1, "VALID"), [2, 2], [[0, 1], [0, 1]]), X(B, 9, 9, 4)),
    case("depthwise", depthwise(), IMAGE),
    case("depthwise_valid_stride2", depthwise(strides=2, padding="VALID"), IMAGE),
    case("depthwise_same_stride2", depthwise(strides=2), IMAGE),
    case("depthwise_multiplier3", depthwise((3, 3, 4, 3)), IMAGE),
    case("depthwise_5x5", depthwise((5, 5, 4, 1)), IMAGE),
    case("depthwise_dilated", depthwise(dilations=[2, 2]), IMAGE),
    case("depthwise_explicit", depthwise(padding=[[0, 0], [1, 1], [1, 1], [0, 0]]), IMAGE),
    case("depthwise_one_channel", depthwise((3, 3, 1, 8)), X(B, 9, 9, 1)),
    case("depthwise_bias_relu6", lambda x: tf.nn.relu6(tf.nn.bias_add(depthwise()(x), W(4))), IMAGE),
    case("depthwise_batch_norm", lambda x: fused_batch_norm(depthwise()(x)), IMAGE),
    case("separable", lambda x: tf.nn.separable_conv2d(x, W(3, 3, 4, 2), W(1, 1, 8, 6), [1, 1, 1, 1], "SAME"), IMAGE),
    case("transposed_same_stride2", transposed((3, 3, 6, 4), 2, "SAME", (10, 12)), X(B, 5, 6, 4)),
    case("transposed_same_odd", transposed((3, 3, 6, 4), 2, "SAME", (9, 11)), X(B, 5, 6, 4)),
    case("transposed_valid_stride2", transposed((4, 4, 6, 4), 2, "VALID", (12, 14)), X(B, 5, 6, 4)),
    case("transposed_stride1", transposed((3, 3, 6, 4), 1, "SAME", (5, 6)), X(B, 5, 6, 4)),
    case("transposed_2x2", transposed((2, 2, 6, 4), 2, "SAME", (10, 12)), X(B, 5, 6, 4)),
    case("transposed_bias_relu", lambda x: tf.nn.relu(tf.nn.bias_add(transposed((3, 3, 4, 4), 2, "SAME", (10, 12))(x), W(4))), X(B, 5, 6, 4)),
    case("transposed_batch_norm", lambda x: fused_batch_norm(transposed((3, 3, 4, 4), 2, "SAME", (10, 12))(x)), X(B, 5, 6, 4)),
    case("transposed_same_4x4", lambda x: tf.nn.relu(tf.nn.bias_add(transposed((4, 4, 6, 4), 2, "SAME", (10, 12))(x), W(6))), X(B, 5, 6, 4)),
    case("transposed_1x2", transposed((3, 4, 6, 4), (1, 2), "SAME", (5, 12)), X(B, 5, 6, 4)),
    case("transposed_1x3_valid", transposed((3, 3, 6, 4), (1, 3), "VALID", (7, 18)), X(B, 5, 6, 4)),
    case("transposed_1x2_bias", lambda x: tf.nn.relu(tf.nn.bias_add(transposed((1, 4, 6, 4), (1, 2), "SAME", (5, 12))(x), W(6))), X(B, 5, 6, 4)),
    case("transposed_2x1", transposed((2, 1, 6, 4), (2, 1), "SAME", (10, 6)), X(B, 5, 6, 4)),
    case("transposed_2x1_kernel3", transposed((3, 3, 6, 4), (2, 1), "SAME", (10, 6)), X(B, 5, 6, 4)),
    case("transposed_2x3", transposed((4, 5, 6, 4), (2, 3), "SAME", (9, 17)), X(B, 5, 6, 4)),
    case("transposed_1d", lambda x: tf.nn.conv1d_transpose(x, W(4, 6, 3), tf.stack([tf.shape(x)[0], 16, 6]), 2, "SAME"), X(B, 8, 3)),
    case("max_pool_valid", lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"), IMAGE),
    case("max_pool_same", lambda x: tf.nn.max_pool2d(x, 3, 2, "SAME"), IMAGE),
    case("max_pool_stride1", lambda x: tf.nn.max_pool2d(x, 3, 1, "SAME"), IMAGE),
    case("max_pool_explicit", lambda x: tf.nn.max_pool2d(x, 3, 2, [[0, 0], [1, 1], [1, 1], [0, 0]]), IMAGE),
    case("max_pool_int32", lambda x: tf.nn.max_pool2d(x, 3, 2, "SAME"), I(-(2**30), 2**30, B, 7, 8, 3)),
    case("max_pool_argmax", lambda x: list(tf.nn.max_pool_with_argmax(x, [3, 2], 2, "SAME")), IMAGE),
    case("max_pool_argmax_batch", lambda x: list(tf.nn.max_pool_with_argmax(-tf.abs(x), 3, 2, "VALID", output_dtype=tf.int32, include_batch_in_index=True)), X(2, 7, 8, 3)),
    case("max_pool_v2", lambda x: raw.MaxPoolV2(input=x, ksize=[1, 2, 3, 1], strides=[1, 2, 2, 1], padding="SAME"), IMAGE),
    case("depthwise_transposed", lambda x: raw.DepthwiseConv2dNativeBackpropInput(input_sizes=[2, 14, 16, 4], filter=W(3, 3, 4, 2), out_backprop=x,
                                                                                  strides=[1, 2, 2, 1], padding="SAME"), X(2, 7, 8, 8)),
    case("pad_max_pool", lambda x: tf.nn.max_pool2d(tf.pad(tf.nn.relu(x), [[0, 0], [1, 1], [1, 1], [0, 0]]), 3, 2, "VALID"), IMAGE),
    case("avg_pool_valid", lambda x: tf.nn.avg_pool2d(x, 2, 2, "VALID"), IMAGE),
    case("avg_pool_same", lambda x: tf.nn.avg_pool2d(x, 3, 1, "SAME"), IMAGE),
    case("avg_pool_same_stride2", lambda x: tf.nn.avg_pool2d(x, [3, 2], 2, "SAME"), IMAGE),
    case("avg_pool_global", lambda x: tf.nn.avg_pool2d(x, [9, 11], 1, "VALID"), IMAGE),
    case("max_pool_1d", lambda x: tf.nn.max_pool1d(x, 3, 2, "SAME"), X(B, 20, 4)),
    case("avg_pool_1d", lambda x: tf.nn.avg_pool1d(x, 2, 2, "VALID"), X(B, 20, 4)),
    case("pool_nd_max", pool_nd("MAX", strides=[2, 2], padding="SAME"), IMAGE),
    case("relu_max_pool", lambda x: tf.nn.relu(tf.nn.max_pool2d(x, 2, 2, "VALID")), IMAGE),
    case("resize_bilinear", resize("bilinear", [18, 22]), IMAGE),
    case("resize_bilinear_align", resize("bilinear", [17, 21], align=True), IMAGE),
    case("resize_bilinear_half", resize("bilinear", [18, 22], half=True), IMAGE),
    case("resize_bilinear_down", resize("bilinear", [5, 4], half=True), IMAGE),
    case("resize_nearest", resize("nearest", [18, 22]), IMAGE),
    case("resize_nearest_align", resize("nearest", [17, 21], align=True), IMAGE),
    case("resize_nearest_half", resize("nearest", [13, 22], half=True), IMAGE),
    case("image_resize_api", lambda x: tf.image.resize(x, [12, 7]), IMAGE),
    case("image_resize_nearest_api", lambda x: tf.image.resize(x, [12, 7], method="nearest"), IMAGE),
    case("resize_times_two_computed", lambda x: tf.image.resize(x, tf.shape(x)[1:3] * 2), IMAGE),
    case("space_to_depth", lambda x: tf.nn.space_to_depth(x, 2), X(B, 8, 6, 3)),
    case("depth_to_space", lambda x: tf.nn.depth_to_space(x, 2), X(B, 4, 6, 12)),
    case("space_to_batch", lambda x: tf.space_to_batch_nd(x, [2, 2], [[1, 1], [0, 2]]), X(B, 6, 8, 3)),
    case("batch_to_space", lambda x: tf.batch_to_space(x, [2, 2], [[1, 0], [0, 1]]), X(8, 3, 4, 3)),
    case("space_to_batch_1d", lambda x: tf.space_to_batch_nd(x, [2], [[1, 1]]), X(B, 8, 3)),
    case("image_gradients_pad", lambda x: tf.concat([x[:, 1:] - x[:, :-1], tf.zeros_like(x[:, :1])], 1), IMAGE),
    case("positive_sqrt_pool", lambda x: tf.sqrt(tf.nn.avg_pool2d(tf.square(x), 2, 2, "VALID")), P(B, 8, 8, 2)),
    case("crop_center", lambda x: tf.image.central_crop(x, 0.5), U(B, 8, 8, 3)),
    case("flip_left_right", lambda x: tf.image.flip_left_right(x), IMAGE),
]
