"""GRU layers: Keras 3, tf_keras, hand-written loops. None is left as it was: a short sequence is one chunk of steps, a longer one a loop over chunks."""

import tensorflow as tf

from .recurrent import CHUNK, CHUNKS, SEQUENCE, STATE, flat, layer
from .table import B, Q, W, X, case

LONG = X(B, 37, 5)  # no whole number of chunks


def gru(name, make, *inputs, **options):
    return layer(f"gru{name}", make, *(inputs or (SEQUENCE,)), **{"emits": CHUNK, **options})


def with_state(layer, x, h):
    return layer(x, initial_state=h)


def all_results(layer, x):
    return flat(layer(x))


def random_biases(layers, module, **options):
    """Keras begins with biases of zeros."""
    return layers.GRU(3, bias_initializer=module.initializers.RandomNormal(0, 1, seed=1), **options)


LAYERS = [
    *gru("", random_biases),
    *gru("_chunks", lambda layers, module: random_biases(layers, module, return_sequences=True, return_state=True), X(B, 20, 5), fn=all_results, emits=CHUNKS),
    *gru("_padded_chunks", lambda layers, module: layers.GRU(3), LONG, emits=CHUNKS),
    *gru("_any_length", lambda layers, module: layers.GRU(3, return_sequences=True, return_state=True), X(B, Q(21), 5), fn=all_results, emits=CHUNKS),
    *gru("_reset_before", lambda layers, module: random_biases(layers, module, reset_after=False, return_sequences=True, go_backwards=True)),
    *gru("_no_bias", lambda layers, module: layers.GRU(3, use_bias=False), LONG, emits=CHUNKS),
    *gru("_given_state", lambda layers, module: layers.GRU(3), SEQUENCE, STATE, fn=with_state),
    *gru("_hard_gates", lambda layers, module: layers.GRU(3, activation="relu", recurrent_activation="hard_sigmoid")),
    *gru("_both_ways", lambda layers, module: layers.Bidirectional(layers.GRU(3, return_sequences=True)), LONG, emits=CHUNKS),
    *gru("_cells", lambda layers, module: layers.RNN([layers.GRUCell(4), layers.GRUCell(3, reset_after=False)], return_sequences=True, return_state=True), fn=all_results, emits=CHUNKS),
    *gru("_stacked_cells", lambda layers, module: layers.RNN([layers.GRUCell(4), layers.GRUCell(3), layers.GRUCell(3)]), X(B, 20, 5), emits=CHUNKS),
    *gru("_elu", lambda layers, module: layers.GRU(3, activation="elu")),
]


def time_major_by_hand(x, h):
    """Weights of [x, h]; what the update gate lets through is the candidate; the difference is written out."""
    def body(t, h, out):
        r, u = tf.split(1 - tf.sigmoid(tf.matmul(tf.concat([x[t], h], 1), W(8, 6)) + W(6)), 2, axis=1)
        g = tf.tanh(tf.matmul(tf.concat([r * h, x[t]], 1), W(8, 3)) + W(3))
        h = h + u * (g - h)
        return t + 1, h, out.write(t, h)

    return tf.while_loop(lambda t, *_: t < 20, body, [0, h, tf.TensorArray(tf.float32, 20)])[2].stack()


def written_otherwise(x, h):
    """g + z * (h - g), a gate a matrix, z after r."""
    def body(t, h):
        part = lambda i: tf.matmul(tf.gather(x, t, axis=0), W(5, 3, seed=i)) + W(3, seed=i)
        old = lambda i: tf.matmul(h, W(3, 3, seed=i))
        g = tf.tanh((old(2) + W(3, seed=7)) * tf.sigmoid(part(0) + old(0)) + part(2))
        return t + 1, g + (h - g) * tf.sigmoid(old(1) + part(1))

    return tf.while_loop(lambda t, _: t < 7, body, [0, h])[1]


CASES = LAYERS + [
    case("rnn_gru_by_hand", time_major_by_hand, X(20, B, 5), STATE, emits=CHUNKS),
    case("rnn_gru_written_otherwise", written_otherwise, X(7, B, 5), STATE, emits=CHUNK),
]
