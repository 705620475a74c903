"""Elementwise arithmetic with broadcasting, comparisons, logic, casts, activations, reductions."""

import tensorflow as tf

from .table import B, H, I, L, N, P, U, W, X, case

V = X(B, 5, 6)
raw = tf.raw_ops


def unary(name, fn, x=V):
    return case(name, lambda x: fn(x), x)


def binary(name, fn, x=V, y=V):
    return case(name, lambda x, y: fn(x, y), x, y)


UNARY = [
    unary("abs", tf.abs), unary("neg", tf.negative), unary("exp", tf.exp), unary("log", tf.math.log, P(B, 5)),
    unary("log1p", tf.math.log1p, P(B, 5)), unary("expm1", tf.math.expm1), unary("sqrt", tf.sqrt, P(B, 5)),
    unary("rsqrt", tf.math.rsqrt, P(B, 5)), unary("square", tf.square), unary("reciprocal", tf.math.reciprocal, P(B, 5)),
    unary("sin", tf.sin), unary("cos", tf.cos), unary("tan", tf.tan, U(B, 5)), unary("tanh", tf.tanh),
    unary("sigmoid", tf.sigmoid), unary("erf", tf.math.erf), unary("sign", tf.sign), unary("floor", tf.floor, H(B, 9)),
    unary("ceil", tf.math.ceil, H(B, 9)), unary("round", tf.round, H(B, 9)), unary("rint", tf.math.rint, H(B, 9)),
    unary("relu", tf.nn.relu), unary("relu6", lambda x: tf.nn.relu6(3 * x)), unary("elu", tf.nn.elu),
    unary("selu", tf.nn.selu), unary("leaky_relu", lambda x: tf.nn.leaky_relu(x, 0.3)), unary("softplus", tf.nn.softplus),
    unary("softsign", tf.nn.softsign), unary("swish", tf.nn.silu), unary("gelu", lambda x: tf.nn.gelu(x, False)),
    unary("gelu_tanh", lambda x: tf.nn.gelu(x, True)), unary("atan", tf.atan, U(B, 5)), unary("asin", tf.asin, U(B, 5)),
    unary("sinh", tf.sinh), unary("cosh", tf.cosh), unary("is_nan", tf.math.is_nan), unary("is_finite", tf.math.is_finite),
    unary("identity", tf.identity), unary("stop_gradient", tf.stop_gradient),
    unary("abs_int", tf.abs, I(-9, 9, B, 7)), unary("neg_int", tf.negative, I(-9, 9, B, 7)),
    unary("sign_int", tf.sign, I(-3, 3, B, 7)), unary("square_int", tf.square, I(-9, 9, B, 7)),
    unary("logical_not", tf.logical_not, L(B, 7)),
    unary("clip", lambda x: tf.clip_by_value(x, -0.5, 0.7)), unary("relu_n1_to_1", lambda x: tf.clip_by_value(x, -1, 1)),
    unary("relu_0_to_1", lambda x: tf.clip_by_value(x, 0, 1)),
    unary("hard_swish", lambda x: x * tf.nn.relu6(x + 3) / 6), unary("hard_sigmoid", lambda x: tf.nn.relu6(x + 3) / 6),
    unary("cast_int", lambda x: tf.cast(x * 3, tf.int32)), unary("cast_bool", lambda x: tf.cast(x, tf.bool), I(-1, 2, B, 7)),
    unary("cast_from_int", lambda x: tf.cast(x, tf.float32) / 3, I(-9, 9, B, 7)),
    unary("cast_from_bool", lambda x: tf.cast(x, tf.float32), L(B, 7)), unary("cast_uint8", lambda x: tf.cast(x, tf.uint8), P(B, 7)),
    unary("cast_from_uint8", lambda x: tf.cast(x, tf.float32) / 255, I(0, 256, B, 7, dtype=tf.uint8)),
    unary("cast_int64", lambda x: tf.cast(x, tf.int64), I(-9, 9, B, 7)),
    unary("add_n", lambda x: tf.add_n([x, 2 * x, x * x])), unary("polyval", lambda x: tf.math.polyval([0.5, -1.0, 2.0], x)),
    unary("prelu", lambda x: tf.nn.relu(x) - W(6) * tf.nn.relu(-x)), unary("constant_minus", lambda x: -x + 0.25),
    unary("minus_negative", lambda x: tf.square(x) - -tf.exp(x)),
    unary("add_n_two", lambda x: tf.nn.relu(tf.add_n([x, 2 * x]))),
    unary("add_n_int", lambda x: tf.add_n([x, 2 * x, x * x, x]), I(-9, 9, B, 7)),
    unary("nan_to_zero", lambda x: tf.math.multiply_no_nan(x, tf.cast(x > 0, tf.float32))),
    unary("nan_to_zero_special", lambda x: tf.math.multiply_no_nan(x, tf.cast(x > 0, tf.float32)), N(B, 40)),
    unary("square_of_difference", lambda x: tf.square(x - tf.reduce_mean(x, -1, keepdims=True))),
    unary("product_of_difference", lambda x: (lambda d: d * d)(x - W(6))),
    unary("neutral_int", lambda x: (x + tf.zeros([7], tf.int32)) * 1 - 0 + x * x, I(-9, 9, B, 7)),
    unary("logical_constants", lambda x: tf.logical_or(tf.logical_and(x > 0, True), [False] * 6)),
]

BINARY = [
    binary("add", tf.add), binary("sub", tf.subtract), binary("mul", tf.multiply), binary("div", tf.divide, V, P(B, 5, 6)),
    binary("div_no_nan", tf.math.divide_no_nan, V, H(B, 5, 6)), binary("maximum", tf.maximum), binary("minimum", tf.minimum),
    binary("pow", tf.pow, P(B, 5), X(B, 5)), binary("squared_difference", tf.math.squared_difference),
    binary("atan2", tf.atan2), binary("floor_div", tf.math.floordiv, H(B, 7), P(B, 7)),
    binary("floor_mod", tf.math.floormod, V, P(B, 5, 6)), binary("truncate_div_int", tf.truncatediv, I(-9, 9, B, 7), I(1, 4, B, 7)),
    binary("floor_div_int", tf.math.floordiv, I(-9, 9, B, 7), I(1, 4, B, 7)),
    binary("floor_mod_int", tf.math.floormod, I(-9, 9, B, 7), I(1, 4, B, 7)),
    binary("add_int", tf.add, I(-9, 9, B, 7), I(-9, 9, B, 7)), binary("mul_int", tf.multiply, I(-9, 9, B, 7), I(-9, 9, B, 7)),
    binary("sub_int64", tf.subtract, I(-9, 9, B, 7, dtype=tf.int64), I(-9, 9, B, 7, dtype=tf.int64)),
    binary("maximum_int", tf.maximum, I(-9, 9, B, 7), I(-9, 9, B, 7)),
    binary("add_broadcast_row", tf.add, V, X(6)), binary("add_broadcast_column", tf.add, V, X(5, 1)),
    binary("add_broadcast_both", tf.add, X(B, 1, 6), X(5, 1)), binary("sub_broadcast_left", tf.subtract, X(6), V),
    binary("mul_broadcast_channel_map", tf.multiply, X(B, 4, 5, 6), X(B, 1, 1, 6)),
    binary("mul_broadcast_map_channel", tf.multiply, X(B, 4, 5, 6), X(B, 4, 5, 1)),
    binary("add_5d", tf.add, X(B, 2, 3, 2, 4), X(2, 3, 1, 4)), binary("mul_scalar_input", tf.multiply, V, X()),
    binary("maximum_broadcast", tf.maximum, V, X(6)), binary("div_broadcast", tf.divide, V, P(5, 1)),
    binary("squared_difference_broadcast", tf.math.squared_difference, V, X(B, 1, 6)),
    binary("equal", tf.equal, I(0, 3, B, 7), I(0, 3, B, 7)), binary("not_equal", tf.not_equal, I(0, 3, B, 7), I(0, 3, B, 7)),
    binary("less", tf.less), binary("less_equal", tf.less_equal, H(B, 7), H(B, 7)), binary("greater", tf.greater, V, X(6)),
    binary("greater_equal_int", tf.greater_equal, I(0, 3, B, 7), I(0, 3, B, 7)),
    binary("logical_and", tf.logical_and, L(B, 7), L(B, 7)), binary("logical_or", tf.logical_or, L(B, 7), L(7)),
    binary("logical_xor", tf.math.logical_xor, L(B, 7), L(B, 7)),
]

CONSTANT = [
    unary("add_scalar", lambda x: x + 1.5), unary("scalar_minus", lambda x: 1.0 - x), unary("scalar_over", lambda x: 2.0 / x, P(B, 5)),
    unary("mul_constant_map", lambda x: x * W(5, 6)), unary("add_constant_row_relu", lambda x: tf.nn.relu(x + W(6))),
    unary("pow_two", lambda x: tf.pow(x, 2.0)), unary("pow_half", lambda x: tf.pow(x, 0.5), P(B, 5)), unary("pow_three", lambda x: x**3),
    unary("add_relu6", lambda x: tf.nn.relu6(x + 2 * x)), unary("sub_relu", lambda x: tf.nn.relu(x - tf.square(x))),
    unary("where_scalar", lambda x: tf.where(x > 0, x, 0.1)),
    unary("constant_chain", lambda x: x * tf.exp(tf.constant(0.5)) + tf.reduce_sum(W(3, 3))),
]

REDUCTIONS = [
    unary(f"reduce_{name}_{label}", lambda x, fn=fn, axis=axis, keep=keep: fn(x, axis, keep), X(B, 4, 5, 6))
    for name, fn in [("mean", tf.reduce_mean), ("sum", tf.reduce_sum), ("max", tf.reduce_max), ("min", tf.reduce_min)]
    for label, axis, keep in [("hw", [1, 2], False), ("hw_keep", [1, 2], True), ("last", -1, False), ("middle_keep", 2, True)]
] + [
    unary("reduce_prod", lambda x: tf.reduce_prod(x, 1), X(B, 4, 5)), unary("reduce_all", lambda x: tf.reduce_all(x, 1), L(B, 3)),
    unary("reduce_any", lambda x: tf.reduce_any(x, 1, keepdims=True), L(B, 3)), unary("reduce_mean_everything", lambda x: tf.reduce_mean(x)),
    unary("reduce_sum_int", lambda x: tf.reduce_sum(x, 1), I(-9, 9, B, 7)), unary("reduce_max_int", lambda x: tf.reduce_max(x, 1), I(-9, 9, B, 7)),
    unary("reduce_sum_batch", lambda x: tf.reduce_sum(x, 0)), unary("logsumexp", lambda x: tf.reduce_logsumexp(x, -1)),
    unary("reduce_std", lambda x: tf.math.reduce_std(x, [1, 2])), unary("euclidean_norm", lambda x: tf.norm(x, axis=-1)),
]

CASES = UNARY + BINARY + CONSTANT + REDUCTIONS
