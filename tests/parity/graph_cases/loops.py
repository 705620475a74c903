"""TF1 loops: Enter, Merge, Switch, NextIteration and Exit, as tf.while_loop and what is built on it make them without control flow v2."""

import numpy as np
import tensorflow as tf

from .table import Flag, I, X, graph

tf1 = tf.compat.v1
raw = tf.raw_ops


def weights(*shape, seed=3):
    return tf.constant(np.random.default_rng(seed).normal(0, 0.4, shape).astype(np.float32))


@graph(I(0, 7), X(2, 3))
def while_loop(n, x):
    return list(tf1.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, v * 1.5 + 1.0), [0, x]))


@graph(X(2, 3))
def while_unrolls(x):
    return tf1.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, tf.tanh(v)), [0, x])[1]


@graph(X(2, 3), I(0, 5))
def while_captures(x, n):
    w, bias = weights(3, 3), x + 1.0
    return tf1.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, tf.matmul(v, w) + bias), [0, x])[1]


@graph(X(2, 3))
def while_on_value(x):
    return list(tf1.while_loop(lambda v, c: tf.reduce_max(tf.abs(v)) > 0.1, lambda v, c: (v * 0.5, c + 1), [x, 0]))


@graph(I(0, 4), I(1, 4), X(2, 3))
def while_in_while(n, m, x):
    def outer(i, v):
        inner = tf1.while_loop(lambda j, u: j < m, lambda j, u: (j + 1, u * 0.9 + tf.cast(i, tf.float32)), [0, v])[1]
        return i + 1, inner + x

    return tf1.while_loop(lambda i, v: i < n, outer, [0, x])[1]


@graph(I(0, 4), X(2, 3))
def while_in_condition(n, x):
    """The condition itself contains a loop."""
    def goes_on(i, v):
        return tf1.while_loop(lambda j: j * 2 < i, lambda j: j + 1, [0]) < n

    return list(tf1.while_loop(goes_on, lambda i, v: (i + 1, v + 1.0), [0, x]))


@graph(I(0, 6), X(2, 3))
def cond_in_while(n, x):
    body = lambda i, v: (i + 1, tf1.cond(tf.equal(i % 2, 0), lambda: v + x, lambda: v * 2.0))
    return tf1.while_loop(lambda i, v: i < n, body, [0, x])[1]


@graph(Flag(), I(0, 6), X(2, 3))
def while_in_cond(p, n, x):
    loop = lambda: tf1.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, v + x), [0, x])[1]
    return tf1.cond(p, loop, lambda: x * 10.0)


@graph(Flag(), I(0, 6), X(2, 3))
def everything_in_everything(p, n, x):
    def body(i, v):
        inner = lambda: tf1.while_loop(lambda j, u: j < i, lambda j, u: (j + 1, tf1.cond(u[0, 0] > 0.0, lambda: u * 0.5, lambda: u + x)), [0, v])[1]
        return i + 1, tf1.cond(tf.equal(i % 3, 1), inner, lambda: v - 1.0)

    loop = lambda: tf1.while_loop(lambda i, v: i < n, body, [0, x])[1]
    return tf1.cond(p, loop, lambda: tf1.cond(x[0, 0] > 0.0, lambda: -x, loop))


@graph(I(0, 6), X(2, 3))
def while_swaps(n, x):
    return list(tf1.while_loop(lambda i, a, b: i < n, lambda i, a, b: (i + 1, b, a), [0, x, x + 1.0]))


@graph(I(1, 6), X(1, 3))
def while_grows(n, x):
    shapes = [tf.TensorShape([]), tf.TensorShape([None, 3])]
    return tf1.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, tf.concat([v, x], 0)), [0, x], shape_invariants=shapes)[1]


@graph(X(None, 3))
def while_unknown_batch(x):
    return tf1.while_loop(lambda i, v: i < tf.shape(x)[0], lambda i, v: (i + 1, v + x), [0, x])[1]


@graph(X(2, 3))
def loop_by_hand(x):
    """Used by its condition only: a variable whose Exit nobody reads; the body reads the condition's work."""
    enter, limit = raw.Enter(data=tf.constant(0), frame_name="f"), raw.Enter(data=tf.constant(5), frame_name="f", is_constant=True)
    value = raw.Enter(data=x, frame_name="f")
    i, v = raw.Merge(inputs=[enter, enter])[0], raw.Merge(inputs=[value, value])[0]
    with tf.control_dependencies([i]):  # constants belong to the loop, too
        one, two = tf.constant(1), tf.constant(2)
    doubled = i * two
    go_on = raw.LoopCond(input=doubled < limit)
    (_, i_body), (v_exit, v_body) = raw.Switch(data=i, pred=go_on), raw.Switch(data=v, pred=go_on)
    i.op._update_input(1, raw.NextIteration(data=i_body + one))
    v.op._update_input(1, raw.NextIteration(data=v_body + tf.cast(doubled, tf.float32)))
    return raw.Exit(data=v_exit)


class Cell:
    """What dynamic_rnn asks of a cell; TensorFlow's own ones are gone with Keras 3."""

    def __init__(self, units, kind="simple"):
        self.units, self.kind = units, kind
        self.output_size = units
        self.state_size = (units, units) if kind == "lstm" else units

    def zero_state(self, batch, dtype):
        zeros = lambda: tf.zeros([batch, self.units], dtype)
        return (zeros(), zeros()) if self.kind == "lstm" else zeros()

    get_initial_state = None

    def __call__(self, x, state, scope=None):
        gates = {"simple": 1, "gru": 3, "lstm": 4}[self.kind]
        with tf1.variable_scope(scope or "cell", reuse=tf1.AUTO_REUSE):
            make = lambda name, rows: tf1.get_variable(name, initializer=np.random.default_rng(rows).normal(0, 0.4, (rows, gates * self.units)).astype(np.float32))
            w, u = make("w", x.shape[-1]), make("u", self.units)
        if self.kind == "lstm":
            c, h = state
            i, f, o, g = tf.split(tf.matmul(x, w) + tf.matmul(h, u), 4, 1)
            c = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
            return h, (c, h)
        if self.kind == "gru":
            (xr, xz, xn), (hr, hz, hn) = tf.split(tf.matmul(x, w), 3, 1), tf.split(tf.matmul(state, u), 3, 1)
            z = tf.sigmoid(xz + hz)
            h = z * state + (1.0 - z) * tf.tanh(xn + tf.sigmoid(xr + hr) * hn)
        else:
            h = tf.tanh(tf.matmul(x, w) + tf.matmul(state, u))
        return h, h


@graph(X(2, 5, 3))
def dynamic_rnn(x):
    outputs, state = tf1.nn.dynamic_rnn(Cell(4), x, dtype=tf.float32)
    return [outputs, state]


@graph(X(2, 5, 3), I(1, 6, 2))
def dynamic_rnn_lengths(x, lengths):
    outputs, state = tf1.nn.dynamic_rnn(Cell(4, "gru"), x, sequence_length=lengths, dtype=tf.float32)
    return [outputs, state]


@graph(X(2, 5, 3))
def dynamic_lstm(x):
    outputs, state = tf1.nn.dynamic_rnn(Cell(4, "lstm"), x, dtype=tf.float32)
    return [outputs, *state]


@graph(X(2, 5, 3), I(1, 6, 2))
def bidirectional_rnn(x, lengths):
    (forward, backward), _ = tf1.nn.bidirectional_dynamic_rnn(Cell(4), Cell(3), x, sequence_length=lengths, dtype=tf.float32)
    return tf.concat([forward, backward], 2)


@graph(X(None, 5, 3))
def dynamic_rnn_unknown_batch(x):
    return tf1.nn.dynamic_rnn(Cell(4), x, dtype=tf.float32)[0]


@graph(X(4, 3))
def map_fn(x):
    return tf1.map_fn(lambda row: tf.reduce_sum(row * row) * row, x)


@graph(X(4, 3))
def scan(x):
    return tf1.scan(lambda total, row: total * 0.5 + row, x)
