"""Special functions, over the ranges where their formulas change; y / reference where relative errors count."""

import numpy as np
import tensorflow as tf

from .table import B, Input, case

SP = tf.math.special
ENDS = [np.nan, np.inf, -np.inf, 0.0, -1.0, 1.0, -2.0]


def real(low, high, *ends):
    """Floats between low and high, with some at the ends."""
    return Input((B, 60), tf.float32, lambda rng, s: np.where(rng.uniform(0, 1, s) < 0.1, rng.choice(list(ends) or [low], s), rng.uniform(low, high, s)))


def decades(low, high):
    """Positive floats of all sizes from 10^low to 10^high."""
    return Input((B, 60), tf.float32, lambda rng, s: 10 ** rng.uniform(low, high, s))


def each(*functions):
    return lambda x: [fn(x) for fn in functions]


def log_size(fn):
    return lambda x: tf.math.log(tf.abs(fn(x)))


CASES = [
    case("error_functions", each(tf.math.erf, tf.math.erfc, log_size(tf.math.erfc), lambda x: tf.math.erf(x) / x), real(-4, 9)),
    case("normal_quantiles", each(tf.math.ndtri, lambda x: tf.math.erfinv(2 * x - 1)), real(0, 1, 1e-30, 1e-6, 0.5, 0, 1, np.nan)),
    case("gamma_functions", each(tf.math.lgamma, tf.math.digamma), real(-4, 9)), case("gamma_ends", each(tf.math.lgamma), real(1, 2, *ENDS)),
    case("gamma_large", each(lambda x: tf.math.lgamma(x) / x, tf.math.digamma), decades(-3, 30)),
    case("hurwitz_zeta", lambda x, q: [tf.math.log(tf.math.zeta(x, q)), tf.math.zeta(2.0, q)], real(1.1, 20), decades(-1, 2)),
    case("polygamma", lambda x: [tf.math.polygamma(float(n), x) * x ** (n + 1) for n in (0, 1, 4)], decades(-1, 1)),
    case("incomplete_gamma", lambda a, x: [tf.math.igamma(a, a * x), tf.math.igammac(a, a * x)], decades(-2, 2), real(0, 2.5)),
    case("incomplete_beta", lambda a, b, x: tf.math.betainc(a, b, x), decades(-1, 2), decades(-1, 2), real(0, 1, 0, 1)),
    case("bessel_i", each(SP.bessel_i0, SP.bessel_i0e, SP.bessel_i1, SP.bessel_i1e), real(-14, 14)),
    case("bessel_k", each(log_size(SP.bessel_k0), SP.bessel_k0e, log_size(SP.bessel_k1), SP.bessel_k1e), decades(-2, 1.5)),
    case("bessel_j", each(SP.bessel_j0, SP.bessel_j1), real(-20, 20)), case("bessel_y", each(SP.bessel_y0, SP.bessel_y1), real(0.1, 20)),
    case("exponential_integral", each(log_size(SP.expint)), decades(0, 1.7)), case("dawson", each(SP.dawsn), real(-9, 9)),
    case("fresnel", each(SP.fresnel_cos, SP.fresnel_sin), real(-5, 5)), case("spence", each(SP.spence), real(0, 5, 0, 1, 2)),
]
