"""Cells of no name in hand-written loops: what is read of the body is written out again, a chunk of steps in each round."""

import tensorflow as tf

from .recurrent import CHUNKS, STATE
from .table import B, Q, W, X, case


def loop(body, steps, *states, arrays=1):
    return tf.while_loop(lambda t, *_: t < steps, body, [0, *states, *[tf.TensorArray(tf.float32, steps) for _ in range(arrays)]])[1:]


def with_context(x, h):
    """Something that is the same in each step; a diagonal of weights; a hidden layer; a length that is not known."""
    context = tf.tanh(h)

    def body(t, h, out):
        inside = tf.matmul(tf.tanh(tf.matmul(h, W(3, 4))), W(4, 3)) + h * W(3) + context * 0.5
        h = tf.nn.relu6(tf.matmul(x[t], W(5, 3)) + inside + 1.0) / 6.0
        return t + 1, h, out.write(t, h + x[t][:, :3])

    h, out = loop(body, tf.shape(x)[0], h)
    return [h, out.stack()]


def two_of_each(x, y, h, c):
    """Two inputs, two states, and two results of each step, one of them a state as it was before."""
    def body(t, h, c, before, projected):
        g = tf.nn.elu(tf.matmul(x[t], W(5, 3)) + tf.matmul(y[t], W(4, 3)) + tf.matmul(h, W(3, 3)))
        new = tf.clip_by_value(c * 0.5 + g * g - h, -0.3, 0.7)
        return t + 1, tf.tanh(new) * g * 2.0 + W(3), new, before.write(t, c), projected.write(t, tf.matmul(new, W(3, 6)))

    h, c, before, projected = loop(body, 31, h, c, arrays=2)
    return [h, c, before.stack(), projected.stack()]


def packed_state(x, state):
    """The states of an LSTM are columns of one, with a column of no use in front."""
    def body(t, state, out):
        i, f, g, o = tf.split(tf.matmul(tf.concat([x[t], state[:, 4:]], 1), W(8, 12)) + W(12), 4, 1)
        c = tf.sigmoid(f + 1.0) * state[:, 1:4] + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
        return t + 1, tf.concat([state[:, :1], c, h], 1), out.write(t, h)

    state, out = loop(body, 33, state)
    return [state, out.stack()]


CASES = [
    case("rnn_context", with_context, X(Q(23), B, 5), STATE, emits=CHUNKS),
    case("rnn_two_of_each", two_of_each, X(31, B, 5), X(31, B, 4), STATE, STATE, emits=CHUNKS),
    case("rnn_packed_state", packed_state, X(33, B, 5), X(B, 7), emits=CHUNKS),
]
