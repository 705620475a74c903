"""Functions without an operator of their own: angles and hyperbolas, comparisons, norms, counts, partitions."""

import tensorflow as tf

from .table import B, H, I, Input, P, U, X, case

raw = tf.raw_ops
WIDE = Input((B, 40), tf.float32, lambda rng, s: rng.choice([-1, 1], s) * 10 ** rng.uniform(-6, 1.3, s))
HUGE = Input((B, 40), tf.float32, lambda rng, s: rng.choice([-1, 1], s) * 10 ** rng.uniform(-6, 30, s))
ABOVE_ONE = Input((B, 40), tf.float32, lambda rng, s: 1 + 10 ** rng.uniform(-5, 30, s))


def relative(fn):
    """y / x, so that errors of small results are seen."""
    return lambda x: fn(x) / x


CASES = [
    case("tan_wide", lambda x: tf.tan(x), U(B, 20)), case("acos", lambda x: tf.acos(x), U(B, 20)),
    case("atan_wide", relative(tf.atan), HUGE), case("asin_small", relative(tf.asin), U(B, 20)),
    case("sinh_relative", relative(tf.sinh), WIDE), case("cosh_wide", lambda x: tf.math.log(tf.cosh(x)), WIDE),
    case("asinh_relative", relative(tf.asinh), WIDE), case("asinh_huge", lambda x: tf.asinh(x), HUGE),
    case("log1p_relative", relative(tf.math.log1p), Input((B, 40), tf.float32, lambda rng, s: rng.choice([-1, 3], s) * 10 ** rng.uniform(-6, -0.1, s))),
    case("atan2_broadcast", lambda y, x: tf.atan2(y, x), X(B, 4, 5), X(5)), case("atan2_both", lambda y, x: tf.atan2(y, x), X(B, 1, 5), X(4, 1)),
    case("atan2_scalar", lambda x: tf.atan2(x, 2.0), X(B, 4)),
    case("acosh", lambda x: tf.acosh(x), ABOVE_ONE), case("atanh_relative", relative(tf.atanh), U(B, 40)),
    case("equals_operator", lambda x, y: [tf.cast(x == y, tf.float32), x != 3, tf.where(x == 0, 1, 2)], I(0, 5, B, 6), I(0, 5, B, 6)),
    case("approximate_equal", lambda x, y: raw.ApproximateEqual(x=x, y=y, tolerance=0.6), H(B, 9), H(B, 9)),
    case("mod_float", lambda x, y: raw.Mod(x=x, y=y), X(B, 9), P(B, 9)),
    case("mod_int", lambda x, y: raw.Mod(x=x, y=y), I(-9, 9, B, 7), I(1, 5, B, 7)),
    case("raw_euclidean_norm", lambda x: raw.EuclideanNorm(input=x, axis=[1], keep_dims=True), X(B, 4, 5)),
    case("l2_loss", lambda x: tf.nn.l2_loss(x), X(B, 4, 5)),
    case("dynamic_partition", lambda x, p: tf.dynamic_partition(x, p, 3), X(6, 4), I(0, 3, 6)),
    case("dynamic_partition_2d", lambda x, p: tf.dynamic_partition(x, p, 2), X(3, 4, 2), I(0, 2, 3, 4)),
    case("bincount", lambda x: raw.DenseBincount(input=x, size=5, weights=tf.zeros([0], tf.int32)), I(0, 7, 12)),
    case("bincount_weights", lambda x, w: raw.DenseBincount(input=x, size=5, weights=w), I(0, 5, 12), X(12)),
    case("bincount_batch", lambda x: raw.Bincount(arr=x, size=5, weights=tf.zeros([0])), I(0, 7, B)),
    case("bincount_rows", lambda x: raw.DenseBincount(input=x, size=5, weights=tf.zeros([0])), I(0, 7, B, 6)),
    case("bincount_rows_weights", lambda x, w: raw.DenseBincount(input=x, size=5, weights=w), I(0, 7, B, 6), X(B, 6)),
    case("bincount_rows_binary", lambda x: raw.DenseBincount(input=x, size=5, weights=tf.zeros([0], tf.int64), binary_output=True), I(0, 7, B, 6, dtype=tf.int64)),
    case("bincount_int64", lambda x, w: raw.DenseBincount(input=x, size=5, weights=w * 2**40), I(0, 7, 12), I(-9, 9, 12, dtype=tf.int64)),
    case("bincount_double", lambda x, w: raw.Bincount(arr=x, size=5, weights=tf.cast(w, tf.float64)), I(0, 7, 3, 4), X(3, 4)),
    case("bincount_function", lambda x: tf.math.bincount(x, minlength=6, maxlength=6, axis=-1), I(0, 9, B, 6)),
    case("histogram", lambda x: tf.histogram_fixed_width(x, [-1.0, 1.5], 7), X(B, 9)),
    case("histogram_int", lambda x: tf.histogram_fixed_width(x, [0, 10], 5, dtype=tf.int64), I(-3, 14, B, 9)),
    case("nth_element", lambda x: [tf.raw_ops.NthElement(input=x, n=2), tf.raw_ops.NthElement(input=x, n=2, reverse=True)], X(B, 7)),
    case("nth_element_int", lambda x, n: tf.raw_ops.NthElement(input=x, n=n[0]), I(-9, 9, B, 7, dtype=tf.int64), I(0, 7, 1)),
    case("in_top_k", lambda x, i: tf.math.in_top_k(i, x, 3), X(B, 9), I(0, 9, B)),
]
