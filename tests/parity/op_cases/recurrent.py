"""Recurrent layers: Keras 3, tf_keras, hand-written loops. What is fused says which operators it must become; nothing of a loop may be left then."""

import keras
import numpy as np
import tensorflow as tf
import tf_keras

from .table import B, I, L, Q, W, X, case

LSTM, RNN, LOOP = ("UNIDIRECTIONAL_SEQUENCE_LSTM",), ("UNIDIRECTIONAL_SEQUENCE_RNN",), ("WHILE",)
BOTH_LSTM, BOTH_RNN = ("BIDIRECTIONAL_SEQUENCE_LSTM",), ("BIDIRECTIONAL_SEQUENCE_RNN",)
CHUNK, CHUNKS = ("FULLY_CONNECTED", "UNPACK"), ("UNPACK", "WHILE")  # one product for several steps; a loop over such chunks
SEQUENCE = X(B, 7, 5)
STATE = X(B, 3)
KERAS = {"k3": keras, "tk": tf_keras}


def call(layer, x):
    return layer(x)


def inference(layer, x):
    return layer(x, training=False)


def layer(name, make, *inputs, fn=call, emits=LSTM):
    """One row for each Keras."""
    return [case(f"rnn_{short}_{name}", fn, *(inputs or (SEQUENCE,)), state=lambda module=module: make(module.layers, module), emits=emits) for short, module in KERAS.items()]


def with_state(layer, x, h, c):
    return layer(x, initial_state=[h, c])


def high_cells(layers, module, **options):
    """Cell states beyond 10, of both signs: open gates, and candidates near 1, -1 and 1."""
    bias = np.array([4.0] * 6 + [4.0, -4.0, 4.0] + [4.0] * 3, np.float32)
    return layers.LSTM(3, unit_forget_bias=False, bias_initializer=lambda shape, dtype=None: tf.constant(bias), **options)


def both_ways(mode, **options):
    return lambda layers, module: layers.Bidirectional(layers.LSTM(3, return_sequences=True, **options), merge_mode=mode)


def flat(result):
    return tf.nest.flatten(result)


def and_back(layers, module):
    """The way back begins with what the way there ended with: two operators."""
    x = module.Input((7, 5))
    there, h, c = layers.LSTM(3, return_sequences=True, return_state=True)(x)
    back = layers.LSTM(3, return_sequences=True, go_backwards=True)(x, initial_state=[h, c])
    return module.Model(x, [there, back])


def stacked(layers, module):
    return module.Sequential([layers.LSTM(4, return_sequences=True), layers.LSTM(3)])


def masked(layer, x, mask):
    return layer(x, mask=mask)


def masked_with_state(layer, x, mask, h, c):
    return layer(x, mask=mask, initial_state=[h, c])


def masking(layers, module):
    """Steps of zeros do not count, in none of the layers."""
    inner = [layers.LSTM(4, return_sequences=True), layers.SimpleRNN(4, return_sequences=True), layers.LSTM(3)]
    return module.Sequential([layers.Masking(), *inner])


def with_gaps(layer, x, m):
    return layer(x * tf.cast(m, tf.float32)[:, :, tf.newaxis])


def cells(layers, module):
    return layers.RNN([layers.LSTMCell(4), layers.LSTMCell(3)], return_sequences=True, return_state=True)


MASKED = [
    *layer("lstm_mask", lambda layers, module: layers.LSTM(3, return_sequences=True, return_state=True), X(B, 9, 5), L(B, 9), fn=masked),
    *layer("lstm_mask_high_cells", lambda layers, module: high_cells(layers, module, return_state=True),
           X(B, 30, 5), L(B, 30), STATE, STATE, fn=masked_with_state),
    *layer("lstm_mask_backwards", lambda layers, module: layers.LSTM(3, return_sequences=True, go_backwards=True), X(B, Q(6), 5), L(B, Q(6)), fn=masked),
    *layer("both_ways_mask", both_ways("concat"), SEQUENCE, L(B, 7), fn=masked),
    *layer("both_ways_mask_last", lambda layers, module: layers.Bidirectional(layers.LSTM(3)), SEQUENCE, L(B, 7), fn=masked),
    *layer("simple_mask", lambda layers, module: layers.SimpleRNN(3, return_sequences=True, return_state=True), X(B, Q(6), 5), L(B, Q(6)), fn=masked, emits=RNN),
    *layer("gru_mask", lambda layers, module: layers.GRU(3, return_sequences=True, return_state=True), X(B, 20, 5), L(B, 20), fn=masked, emits=CHUNKS),
    *layer("cells_mask", cells, SEQUENCE, L(B, 7), fn=masked),
    *layer("masking", masking, SEQUENCE, L(B, 7), fn=with_gaps, emits=LSTM + RNN),
]

LAYERS = [
    *layer("lstm", lambda layers, module: layers.LSTM(3)),
    *layer("lstm_sequences", lambda layers, module: layers.LSTM(3, return_sequences=True)),
    *layer("lstm_states", lambda layers, module: layers.LSTM(3, return_sequences=True, return_state=True)),
    *layer("lstm_given_states", lambda layers, module: layers.LSTM(3, return_state=True), SEQUENCE, STATE, STATE, fn=with_state),
    *layer("lstm_no_bias", lambda layers, module: layers.LSTM(3, use_bias=False)),
    # Of tf_keras only: a module does not track the seeds of a Keras 3 layer, so TensorFlow cannot save it this way.
    case("rnn_tk_lstm_dropout", inference, SEQUENCE, state=lambda: tf_keras.layers.LSTM(3, dropout=0.1, recurrent_dropout=0.1), emits=LSTM),
    *layer("lstm_backwards", lambda layers, module: layers.LSTM(3, return_sequences=True, go_backwards=True)),
    *layer("lstm_relu", lambda layers, module: layers.LSTM(3, activation="relu")),
    *layer("lstm_high_cells", high_cells, X(B, 24, 5)),
    *layer("lstm_any_length", lambda layers, module: layers.LSTM(3, return_sequences=True), X(B, Q(6), 5)),
    *layer("lstm_stacked", stacked),
    *layer("lstm_cell", lambda layers, module: layers.RNN(layers.LSTMCell(3), return_sequences=True)),
    *layer("simple", lambda layers, module: layers.SimpleRNN(3), emits=RNN),
    *layer("simple_sequences", lambda layers, module: layers.SimpleRNN(3, return_sequences=True, return_state=True), emits=RNN),
    *layer("simple_relu", lambda layers, module: layers.SimpleRNN(3, activation="relu", use_bias=False), emits=RNN),
    *(row for mode in ("concat", "sum", "mul", "ave", None) for row in layer(f"both_ways_{mode}", both_ways(mode), emits=BOTH_LSTM)),
    *layer("both_ways_last", lambda layers, module: layers.Bidirectional(layers.LSTM(3, return_state=True)), emits=BOTH_LSTM),
    *layer("both_ways_cells", lambda layers, module: layers.Bidirectional(layers.RNN([layers.LSTMCell(4), layers.LSTMCell(3)], return_sequences=True)), emits=BOTH_LSTM + LSTM),
    *layer("and_back", and_back),
    *layer("both_ways_any_length", both_ways("concat"), X(B, Q(6), 5), emits=BOTH_LSTM),
    *layer("both_ways_simple", lambda layers, module: layers.Bidirectional(layers.SimpleRNN(3, return_sequences=True)), emits=BOTH_RNN),
    # Cells that no operator has.
    *layer("lstm_hard_sigmoid", lambda layers, module: layers.LSTM(3, recurrent_activation="hard_sigmoid"), X(B, 70, 5), emits=CHUNKS),
    *layer("simple_sigmoid", lambda layers, module: layers.SimpleRNN(3, activation="sigmoid"), X(B, 170, 5), emits=CHUNKS),
]


def lstm_step(gates, c, order):
    part = dict(zip(order, tf.split(gates, 4, axis=-1)))
    c = tf.sigmoid(part["f"]) * c + tf.tanh(part["g"]) * tf.sigmoid(part["i"])
    return tf.tanh(c) * tf.sigmoid(part["o"]), c


def by_hand(x):
    """Gates in another order, states in one loop variable each, weights of [x, h]."""
    steps = tf.transpose(x, [1, 0, 2])
    zeros = tf.zeros([tf.shape(x)[0], 3])

    def body(t, h, c, out):
        h, c = lstm_step(tf.matmul(tf.concat([h, steps[t]], 1), W(8, 12)) + W(12), c, "ogif")
        return t + 1, h, c, out.write(t, h)

    return tf.while_loop(lambda t, *_: t < 7, body, [0, zeros, zeros, tf.TensorArray(tf.float32, 7)])[3].stack()


@tf.function
def over_range(x, h, c):
    """As users write it: a Python loop, steps behind the batch, any number of them."""
    out = tf.TensorArray(tf.float32, tf.shape(x)[1])
    for t in tf.range(tf.shape(x)[1]):
        h, c = lstm_step(tf.matmul(tf.concat([x[:, t], h], 1), W(8, 12)) + W(12), c, "ifgo")
        out = out.write(t, h)
    return [h, c, tf.transpose(out.stack(), [1, 0, 2])]


def counted_down(x, h, c):
    """From the last step to the first; results stand where they were computed."""
    def body(t, h, c, out):
        h, c = lstm_step(tf.matmul(x[:, t], W(5, 12)) + tf.matmul(h, W(3, 12)), c, "ifgo")
        return t - 1, h, c, out.write(t, h)

    t, h, c, out = tf.while_loop(lambda t, *_: t >= 0, body, [39, h, c, tf.TensorArray(tf.float32, 40)])
    return [t, h, c, out.stack()]


def some_steps(x, y, h):
    """Of one array some, of another the steps before."""
    def body(t, h):
        return t + 1, tf.tanh(tf.matmul(x[t], W(5, 3)) + tf.matmul(tf.gather(y, t - 2, axis=1), W(4, 3)) + tf.matmul(h, W(3, 3)))

    return tf.while_loop(lambda t, _: t <= 30, body, [2, h])[1]


def scanned(x, h, c):
    """tf.scan gives both states of every step, of which only one is a result of the operator."""
    return list(tf.scan(lambda s, x: lstm_step(tf.matmul(x, W(5, 12)) + tf.matmul(s[0], W(3, 12)), s[1], "ifgo"), tf.transpose(x, [1, 0, 2]), (h, c)))


def coupled(x, h, c):
    """The input gate is 1 - forget gate; peepholes; a clipped cell; a projection."""
    def body(t, h, c):
        z = tf.split(tf.matmul(tf.gather(x, t, axis=0), W(5, 12)) + tf.matmul(h, W(2, 12)) + W(12), 3, axis=1)
        f = tf.sigmoid(z[0] + W(4) * c)
        c = tf.clip_by_value(f * c + (1 - f) * tf.tanh(z[1]), -0.4, 0.4)
        return t + 1, tf.matmul(tf.sigmoid(z[2] + W(4, seed=1) * c) * tf.tanh(c), W(4, 2)), c

    return list(tf.while_loop(lambda t, *_: t < 7, body, [0, h, c])[1:])


def normalised_step(x, h, c, norm):
    """Each gate is normalised for itself."""
    z = tf.split(tf.matmul(tf.concat([x, h], 1), W(8, 12)), 4, axis=1)
    i, f, g, o = (norm(part, k) for k, part in enumerate(z))
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


def normalised(norm):
    def build(x, h, c):
        body = lambda t, h, c, out: (lambda n: (t + 1, *n, out.write(t, n[0])))(normalised_step(x[t], h, c, norm))
        _, h, c, out = tf.while_loop(lambda t, *_: t < 40, body, [0, h, c, tf.TensorArray(tf.float32, 40)])
        return h, c, out.stack()

    return build


def by_deviation(z, k):
    """As lingvo has it: its epsilon is the operator's."""
    centered = z - tf.reduce_mean(z, [1], keepdims=True)
    variance = tf.reduce_mean(tf.square(centered), [1], keepdims=True)
    return centered * tf.math.rsqrt(variance + 1e-8) * W(3, seed=k) + W(3, seed=k + 4)


def by_moments(z, k):
    """Another epsilon, and a bias in front."""
    z += W(3, seed=k + 8)
    mean, variance = tf.nn.moments(z, [-1], keepdims=True)
    return tf.nn.batch_normalization(z, mean, variance, W(3, seed=k + 4), W(3, seed=k), 1e-3)


def by_lengths(x, lengths):
    """Behind its length a row keeps its states, and gives -1."""
    def body(t, h, c, out):
        on = (t < lengths)[:, tf.newaxis]
        new_h, new_c = lstm_step(tf.matmul(x[t], W(5, 12)) + tf.matmul(h, W(3, 12)), c, "ifgo")
        return t + 1, tf.where(on, new_h, h), tf.where(on, new_c, c), out.write(t, tf.where(on, new_h, -tf.ones_like(new_h)))

    zeros = tf.zeros([tf.shape(x)[1], 3])
    _, h, c, out = tf.while_loop(lambda t, *_: t < 7, body, [0, zeros, zeros + 0.5, tf.TensorArray(tf.float32, 7)])
    return h, c, out.stack()


def reset_by_mask(x, mask):
    """At steps that do not count its state is zero: no mask of the kind that is fused."""
    def body(t, h, c):
        on = mask[t][:, tf.newaxis]
        h, c = lstm_step(tf.matmul(x[t], W(5, 12)) + tf.matmul(h, W(3, 12)), c, "ifgo")
        return t + 1, tf.where(on, h, tf.zeros_like(h)), tf.where(on, c, tf.zeros_like(c))

    zeros = tf.zeros([tf.shape(x)[1], 3])
    return tf.while_loop(lambda t, *_: t < 70, body, [0, zeros, zeros])[1]


HAND = [
    case("rnn_by_lengths", by_lengths, X(7, B, 5), I(0, 9, B), emits=LSTM),
    case("rnn_normalised", normalised(by_deviation), X(40, B, 5), STATE, STATE, emits=LSTM),
    case("rnn_normalised_by_moments", normalised(by_moments), X(40, B, 5), STATE, STATE, emits=LSTM),
    case("rnn_reset_by_mask", reset_by_mask, X(70, B, 5), L(70, B), emits=LOOP),
    case("rnn_by_hand", by_hand, SEQUENCE, emits=LSTM),
    case("rnn_over_range", over_range, X(B, Q(9), 5), STATE, STATE, emits=LSTM),
    case("rnn_counted_down", counted_down, X(B, 40, 5), STATE, STATE, emits=LSTM),
    case("rnn_some_steps", some_steps, X(32, B, 5), X(B, 29, 4), STATE, emits=RNN),
    case("rnn_coupled", coupled, X(7, B, 5), X(B, 2), X(B, 4), emits=LSTM),
    case("rnn_scanned", scanned, X(B, 70, 5), STATE, STATE, emits=CHUNKS),
]

CASES = LAYERS + MASKED + HAND
