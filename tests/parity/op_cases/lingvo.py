"""lingvo's LSTM cells by tf_implements: the functions' own bodies are the reference, from states of zeros."""

import tensorflow as tf

from .table import B, W, X, case

N_IN, N_CELL, N_OUT = 3, 4, 2


def cell(gates, normalized=False, cap=10.0, forget_bias=0.0, act=tf.tanh):
    """A cell whose weights have the columns of `gates`: i_i is the candidate; without i_g the input gate is 1 - f_g."""
    def norm(z, scale):
        mean, variance = tf.nn.moments(z, [-1], keepdims=True)
        return (z - mean) * tf.math.rsqrt(variance + 1e-8) * scale

    def body(x, w, b, p, *scale):
        rows = tf.concat([x, tf.zeros([tf.shape(x)[0], N_OUT])], 1)
        parts = tf.split(tf.matmul(rows, w), len(gates), axis=1)
        if normalized:
            parts = [norm(z, s) for z, s in zip(parts, tf.split(scale[0], len(gates)))]
        of = {g: z + bias for g, z, bias in zip(gates, parts, tf.split(b, len(gates)))}
        forget = tf.sigmoid(of["f_g"] + forget_bias)
        gate = tf.sigmoid(of["i_g"]) if "i_g" in of else 1.0 - forget
        c = gate * act(of["i_i"])
        c = tf.clip_by_value(c, -cap, cap) if cap else c
        return tf.matmul(tf.sigmoid(of["o_g"]) * act(c), p)

    return body


ALL, COUPLED = ("i_i", "i_g", "f_g", "o_g"), ("i_i", "f_g", "o_g")


def row(name, text, gates, normalized=False, emits=("LSTM",), **options):
    width = len(gates) * N_CELL
    call = tf.function(cell(gates, normalized, **options), experimental_implements=text)
    scale = [W(width, seed=3) + 1.0] if normalized else []
    return case(f"lingvo_{name}", lambda x: call(x, W(N_IN + N_OUT, width), W(width), W(N_CELL, N_OUT), *scale), X(B, N_IN), emits=emits)


PARAMETERS = 'name: "LSTMCellSimple" attr { key: "cell_value_cap" value { f: 0.25 } } attr { key: "forget_gate_bias" value { f: 1.0 } } attr { key: "output_nonlinearity" value { s: "relu" } }'

CASES = [
    row("simple", "LSTMCellSimple", ALL),
    row("coupled", "LSTMCellSimple,CoupleInputForgetGates", COUPLED),
    row("parameters", PARAMETERS, ALL, cap=0.25, forget_bias=1.0, act=tf.nn.relu),
    row("normalized", "LayerNormalizedLstmCellSimple", ALL, normalized=True),
    row("normalized_as_documented", "LayerNormalizedLSTMCellSimple", ALL, normalized=True),
]
