"""Functions with the interface of a Keras LSTM layer, whatever is in them: here steps written one after the other, in which there is no loop to recognise."""

import tensorflow as tf

from .table import B, W, X, case

STEPS, WIDTH, UNITS = 4, 5, 6


def layer(time_major, backwards):
    def lstm(x, h, c, kernel, recurrent, bias):
        x = x if time_major else tf.transpose(x, [1, 0, 2])
        x = tf.reverse(x, [0]) if backwards else x
        rows = []
        for t in range(STEPS):
            i, f, g, o = tf.split(tf.matmul(x[t], kernel) + tf.matmul(h, recurrent) + bias, 4, axis=1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
            rows.append(h)
        return h, tf.stack(rows, 0 if time_major else 1), h, c, tf.constant(1.0)

    return lstm


def row(name, time_major=False, backwards=False, implements=False):
    # Functions of one api_implements-name are taken for each other by TensorFlow itself.
    attributes = {"time_major": time_major, "go_backwards": backwards, "api_implements": f"lstm_{name}"}
    options = {"experimental_implements": f"lstm_{name}"} if implements else {"experimental_attributes": attributes}
    call = tf.function(layer(time_major, backwards), **options)
    shape = (STEPS, B, WIDTH) if time_major else (B, STEPS, WIDTH)

    def build(x, h, c):
        last, outputs, h, c, _ = call(x, h, c, W(WIDTH, 4 * UNITS), W(UNITS, 4 * UNITS, seed=1), W(4 * UNITS, seed=2))
        return {"last": last, "outputs": outputs, "h": h, "c": c}

    return case(f"keras_interface_{name}", build, X(*shape), X(B, UNITS), X(B, UNITS), emits=("UNIDIRECTIONAL_SEQUENCE_LSTM",))


CASES = [
    row("batch_major"),
    row("time_major", time_major=True),
    row("backwards", backwards=True),
    row("implements", implements=True),
]
