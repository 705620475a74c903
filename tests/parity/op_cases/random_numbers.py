"""Random numbers. Those of fixed seeds are compared as they are; of others, what must hold of their distribution.

The shapes are static: an operator of fixed seeds gives TensorFlow's numbers in its first invocation only, as resizing starts it anew.
"""

import tensorflow as tf

from .table import I, X, case

raw = tf.raw_ops
SEEDS = {"seed": 3, "seed2": 4}
x = X(3)
LOGITS = [[0.1, 0.2, 0.7, -1.0], [1.0, 2.0, 3.0, 4.0]]


def near(value, expected, tolerance):
    return tf.abs(value - expected) < tolerance


def moments(values, mean, deviation, tolerance=0.05):
    values = tf.cast(values, tf.float32)
    return {"mean": near(tf.reduce_mean(values), mean, tolerance), "deviation": near(tf.math.reduce_std(values), deviation, tolerance)}


def within(values, low, high):
    return tf.reduce_all((values >= low) & (values < high))


STATEFUL = [
    case("random_uniform", lambda x: x + raw.RandomUniform(shape=[2, 3], dtype=tf.float32, **SEEDS), x),
    case("random_normal", lambda x: x + raw.RandomStandardNormal(shape=[5, 3], dtype=tf.float32, **SEEDS), x),
    case("random_multinomial", lambda x: raw.Multinomial(logits=LOGITS + x[0], num_samples=11, **SEEDS), x),
    case("random_multinomial_int32", lambda x: raw.Multinomial(logits=LOGITS + x[0], num_samples=11, output_dtype=tf.int32, **SEEDS), x),
    case("random_uniform_any", lambda x: moments(tf.random.uniform([4000], -1, 3), 1, 4 / 12**0.5, 0.1) | {"x": x}, x),
    case("random_uniform_shape", lambda x: within(tf.cast(tf.random.uniform(tf.cast(x, tf.int32) * 0 + 2, dtype=tf.float64), tf.float32), 0, 1), x),
    case("random_int", lambda x: moments(raw.RandomUniformInt(shape=[4000], minval=-3, maxval=7, **SEEDS), 1.5, 2.872, 0.2) | {"x": x}, x),
    case("random_int_wide", lambda x: moments(tf.cast(raw.RandomUniformInt(shape=[4000], minval=-2**30, maxval=2**30, **SEEDS), tf.float32) / 2**30, 0, 0.577)
         | {"x": x}, x),
    case("random_int64", lambda x: moments(tf.cast(raw.RandomUniformInt(shape=[4000], minval=tf.constant(-2**61, tf.int64), maxval=2**61, **SEEDS), tf.float32) / 2.0**61, 0, 0.577)
         | {"x": x}, x),
    case("random_truncated", lambda x: moments(raw.TruncatedNormal(shape=[4000], dtype=tf.float32, **SEEDS), 0, 0.8796)
         | {"within": within(raw.TruncatedNormal(shape=[100], dtype=tf.float32, **SEEDS), -2, 2), "x": x}, x),
    case("random_shuffle", lambda x: tf.sort(tf.random.shuffle(x)), x),
    case("random_shuffle_moves", lambda x: tf.reduce_any(tf.random.shuffle(tf.range(100)) != tf.range(100)) | (x[0] > 1e9), x),
]

STATELESS = [
    case("stateless_uniform", lambda x: x + tf.random.stateless_uniform([5, 3], [1, -2], -1, 3), x),
    case("stateless_normal", lambda x: x + tf.random.stateless_normal([5, 3], [1, 2]), x),
    case("stateless_normal_double", lambda x: {"y": tf.random.stateless_normal([5, 3], [1, 2], dtype=tf.float64), "x": x}, x),
    case("stateless_truncated", lambda x: x + tf.random.stateless_truncated_normal([5, 3], [1, 2]), x),
    case("stateless_int", lambda x: {"y": tf.random.stateless_uniform([9], [1, 2], -5, 10000, tf.int32), "x": x}, x),
    case("stateless_int64", lambda x: {"y": tf.random.stateless_uniform([9], [1, 2], -2**62, 2**62 + 5, tf.int64), "x": x}, x),
    case("stateless_full", lambda x: {"y": tf.random.stateless_uniform([9], [1, 2], None, None, tf.int32), "x": x}, x),
    case("stateless_first_version", lambda x: x + raw.StatelessRandomNormal(shape=[5, 3], seed=[4, -9]), x),
    case("stateless_split", lambda x: x + tf.random.stateless_normal([5, 3], tf.random.split([1, 2], 2)[1]), x),
    case("dropout_inference", lambda dropout, x: dropout(x, training=False) * 2, x, state=lambda: tf.keras.layers.Dropout(0.5)),
]

seed = I(-9, 2**31 - 1, 2)
seed64 = I(-9, 2**62, 2, dtype=tf.int64)
RUN_TIME_SEEDS = [
    case("stateless_uniform_run_time", lambda s: tf.random.stateless_uniform([3, 5], s), seed),
    case("stateless_uniform_run_time_v1", lambda s: [raw.StatelessRandomUniform(shape=[7], seed=s), raw.StatelessRandomNormal(shape=[2, 3], seed=s)], seed64),
    case("stateless_normal_run_time", lambda s: tf.random.stateless_normal([2, 9], s), seed64),
    case("stateless_ints_run_time", lambda s: [tf.random.stateless_uniform([6], s, -5, 1000, tf.int32), tf.random.stateless_uniform([5], s, None, None, tf.int32)], seed),
    case("stateless_wide_ints_run_time", lambda s: tf.random.stateless_uniform([5], s, None, None, tf.int64), seed),
    case("stateless_key_run_time", lambda s: list(raw.StatelessRandomGetKeyCounter(seed=s)), seed),
]

CASES = STATEFUL + STATELESS + RUN_TIME_SEEDS
