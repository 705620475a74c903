"""Branches and loops of TF2 that freezing has turned into TF1's."""

import tensorflow as tf

from .table import Bits, Flag, I, X, lowered


@lowered(Flag(), X(2, 3))
def lowered_cond(p, x):
    y = x + 1.0
    return list(tf.cond(p, lambda: (x * y, y), lambda: (y, x)))


@lowered(I(-1, 5), X(4))
def lowered_switch_case(n, x):
    return tf.switch_case(n, [lambda: x, lambda: x * 2.0, lambda: tf.exp(x), lambda: -x])


@lowered(I(0, 3), Bits(2), X(4))
def lowered_case_in_cond(n, p, x):
    return tf.cond(p, lambda: tf.switch_case(n, [lambda: x, lambda: x * 2.0, lambda: -x]) + 1.0, lambda: x)


@lowered(I(0, 5), X(2, 3))
def lowered_while(n, x):
    step = lambda i, v: (i + 1, tf.cond(v[0, 0] > 0.0, lambda: v - x * 0.3, lambda: v + 2.0))
    return list(tf.while_loop(lambda i, v: i < n, step, [0, x]))


@lowered(I(0, 4), X(2, 3))
def lowered_nested_while(n, x):
    inner = lambda i, v: tf.while_loop(lambda j, u: j < i, lambda j, u: (j + 1, u * 0.5 + x), [0, v])[1]
    return tf.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, inner(i, v)), [0, x])[1]


@lowered(X(4, 3))
def lowered_map_fn(x):
    return tf.map_fn(lambda row: tf.cumsum(row) * row, x)
