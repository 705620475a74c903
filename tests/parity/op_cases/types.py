"""Elementwise ops in the types that stock runtimes have no operators for, bit operations, complex numbers."""

import numpy as np
import tensorflow as tf

from .table import B, I, Input, P, X, case

raw = tf.raw_ops
SMALL = (tf.int8, tf.uint8, tf.int16, tf.uint16)
FULL = {tf.int8: (-128, 128), tf.uint8: (0, 256), tf.int16: (-2**15, 2**15), tf.uint16: (0, 2**16), tf.int32: (-2**31, 2**31), tf.uint32: (0, 2**32),
        tf.int64: (-2**63, 2**63), tf.uint64: (0, 2**64)}


def F(dtype, *shape):
    """Floats of another width."""
    return Input(shape, dtype, lambda rng, s: rng.normal(0, 2, s))


def A(dtype, *shape):
    """All values of an integer type alike."""
    low, high = FULL[dtype]
    return Input(shape, dtype, lambda rng, s: rng.integers(low, high, s, dtype=dtype.as_numpy_dtype))


def D(dtype, *shape):
    """The same without 0, of all sizes: divisors."""
    low = FULL[dtype][0]
    bits = dtype.size * 8 - (1 if low < 0 else 0)

    def draw(rng, s):
        sizes = (2.0 ** rng.uniform(0, bits - 1, s)).astype(dtype.as_numpy_dtype)
        return sizes * rng.choice([-1, 1], s).astype(dtype.as_numpy_dtype) if low < 0 else sizes
    return Input(shape, dtype, draw)


def S(dtype, *shape):
    """Counts to shift by, and some beyond."""
    return Input(shape, dtype, lambda rng, s: rng.integers(0, dtype.size * 8 + 3, s))


def Z(*shape, dtype=tf.complex64, mean=0):
    return Input(shape, dtype, lambda rng, s: rng.normal(mean, 2, s) + 1j * rng.normal(0, 2, s))


def parts(z):
    return [tf.math.real(z), tf.math.imag(z)]


def arithmetic(x, y):
    return [x + y, x - y, x * y, tf.maximum(x, y), tf.minimum(x, y), tf.add_n([x, x, x])] + ([tf.math.squared_difference(x, y)] if x.dtype == tf.int64 else [])


def comparisons(x, y):
    return [x < y, x <= y, x > y, x >= y, tf.equal(x, y), tf.not_equal(x, y), tf.where(x < y, x, y)]


def divisions(x, y):
    return [x // y, tf.math.floormod(x, y), raw.TruncateDiv(x=x, y=y)] + ([raw.TruncateMod(x=x, y=y)] if x.dtype == tf.int64 else [])


def floats(x, y):
    return arithmetic(x, y)[:5] + [x / (y * y + 1), tf.nn.relu(x), tf.abs(x), -x, tf.floor(x), tf.nn.leaky_relu(x), tf.exp(-x * x), tf.tanh(y)]


def bits(x, y):
    return [raw.BitwiseAnd(x=x, y=y), raw.BitwiseOr(x=x, y=y), raw.BitwiseXor(x=x, y=y), raw.Invert(x=x), raw.PopulationCount(x=x)]


def shifts(x, y):
    return [raw.LeftShift(x=x, y=y), raw.RightShift(x=x, y=y)]


def gradients(dy, x):
    y = tf.abs(x) + 0.1
    return [raw.SigmoidGrad(y=y, dy=dy), raw.TanhGrad(y=y, dy=dy), raw.SqrtGrad(y=y, dy=dy), raw.RsqrtGrad(y=y, dy=dy), raw.ReciprocalGrad(y=y, dy=dy),
            raw.ReluGrad(gradients=dy, features=x), raw.Relu6Grad(gradients=dy, features=x), raw.EluGrad(gradients=dy, outputs=x),
            raw.SeluGrad(gradients=dy, outputs=x), raw.LeakyReluGrad(gradients=dy, features=x, alpha=0.3), raw.SoftplusGrad(gradients=dy, features=x),
            raw.SoftsignGrad(gradients=dy, features=x)]


def complexes(z, w):
    one = [z + w, z - w, z * w, z / w, -z, tf.math.conj(z), tf.exp(z), tf.math.log(z), tf.sqrt(z), tf.math.sign(z), tf.math.reciprocal(z), tf.square(z),
           tf.math.squared_difference(z, w)]
    return [part for value in one for part in parts(value)] + [tf.abs(z), tf.math.angle(z), tf.equal(z, w), tf.not_equal(z, z)]


def bitcasts(x):
    words = tf.bitcast(x, tf.uint16)
    return [words, tf.bitcast(words, tf.float32) * 2, tf.bitcast(tf.bitcast(x, tf.uint8), tf.int32)]


def long_casts(x):
    return [tf.cast(x, tf.float32), tf.cast(x, tf.int32), tf.cast(x, tf.bool), tf.cast(tf.cast(x, tf.int32), tf.uint64)]


CASES = [
    *(case(f"arithmetic_{t.name}", arithmetic, A(t, B, 40), A(t, 40)) for t in (tf.uint8, tf.int16, tf.uint32, tf.int64, tf.uint64)),
    *(case(f"comparisons_{t.name}", comparisons, A(t, B, 40), A(t, 40)) for t in (tf.int8, tf.uint16, tf.uint32, tf.uint64)),
    *(case(f"divisions_{t.name}", divisions, A(t, B, 60), D(t, 60)) for t in (tf.int8, tf.uint16, tf.uint32, tf.int64)),
    *(case(f"floats_{t.name}", floats, F(t, B, 6), F(t, 6)) for t in (tf.float16, tf.float64)),
    *(case(f"bits_{t.name}", bits, A(t, B, 20), A(t, 20)) for t in (tf.uint8, tf.int32, tf.uint64)),
    *(case(f"shifts_{t.name}", shifts, A(t, B, 99), S(t, 99)) for t in (tf.int8, tf.uint16, tf.int32, tf.int64, tf.uint64)),
    case("signs_int8", lambda x: [tf.abs(x), tf.sign(x), -x, tf.nn.relu(x), tf.clip_by_value(x, -5, 7), tf.add_n([x, x, x])], A(tf.int8, B, 40)),
    case("pow_int64_computed", lambda x, n: tf.pow(x, n), A(tf.int64, B, 40), I(0, 9, B, 1, dtype=tf.int64)),
    case("pow_int64_large", lambda n: tf.pow(tf.constant([-1, 0, 1, 2, -3], tf.int64), n), I(0, 40, B, 1, dtype=tf.int64)),
    case("pow_int64_parity", lambda n: tf.pow(tf.constant([-1, 0, 1], tf.int64), n * 2**33 + n), I(0, 40, B, 1, dtype=tf.int64)),
    case("signs_int64", lambda x: [tf.abs(x), tf.sign(x), -x, tf.nn.relu6(x), tf.pow(x, 3), tf.add_n([x, x, x])], A(tf.int64, B, 40)),
    case("finite_float64", lambda x: [tf.math.is_nan(x), tf.math.is_inf(x), tf.math.is_finite(x), tf.sign(x)],
         Input((B, 40), tf.float64, lambda rng, s: rng.choice([np.nan, np.inf, -np.inf, 1e300, -1e-300, 0], s))),
    case("gradients", gradients, X(B, 30), X(B, 30)),
    case("complex_numbers", complexes, Z(B, 20), Z(20, mean=3)),
    case("complex_of_parts", lambda x, y: parts(tf.complex(x, y)) + [tf.abs(tf.complex(x, y))], X(B, 4, 1), X(5)),
    case("complex128", lambda z: [tf.abs(z), tf.math.real(z), tf.math.imag(z), tf.math.angle(z), tf.math.real(tf.math.conj(z) * z)], Z(B, 9, dtype=tf.complex128)),
    case("bitcasts", bitcasts, X(B, 6)), case("casts_uint64", long_casts, A(tf.uint64, B, 20)),
    case("cast_to_uint64", lambda x: tf.cast(x, tf.uint64), Input((B, 20), tf.float32, lambda rng, s: 2.0 ** rng.uniform(0, 63.9, s))),
    case("next_after", lambda x, y: tf.bitcast(raw.NextAfter(x1=x, x2=y), tf.int32), Input((B, 20), tf.float32, lambda rng, s: rng.choice([0, 1, -1.5, 1e-45], s)), X(20)),
    case("cumprod_int8", lambda x: tf.math.cumprod(x, 1, reverse=True), I(-4, 5, B, 7, dtype=tf.int8)),
    case("cumulative_logsumexp", lambda x: tf.math.cumulative_logsumexp(x, 1, exclusive=True), X(B, 7)),
    case("cumulative_logsumexp_batch", lambda x: tf.math.cumulative_logsumexp(x, 0, reverse=True), X(B, 7)),
    case("cross_int8", lambda x, y: tf.linalg.cross(x, y), A(tf.int8, B, 3), A(tf.int8, B, 3)),
    case("accumulate", lambda x: raw.AccumulateNV2(inputs=[x, 2 * x, x * x], shape=x.shape), X(2, 5)),
]
