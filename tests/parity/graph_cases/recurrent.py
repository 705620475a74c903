"""Recurrent layers of TF1 graphs (dynamic_rnn over TF1's cells), and layers that keep their state on purpose."""

import tensorflow as tf
import tf_keras
from tf_keras.src.layers.rnn import legacy_cell_wrappers as wrappers
from tf_keras.src.layers.rnn import legacy_cells as cells

from .table import I, X, graph, module

tf1 = tf.compat.v1
LSTM, RNN = ("UNIDIRECTIONAL_SEQUENCE_LSTM",), ("UNIDIRECTIONAL_SEQUENCE_RNN",)
SEQUENCE = X(None, 12, 5)


def unrolled_by_time(cell, x, **options):
    return tf.nest.flatten(tf1.nn.dynamic_rnn(cell, x, dtype=tf.float32, **options))


@graph(SEQUENCE, emits=LSTM)
def dynamic_basic_lstm(x):
    return unrolled_by_time(cells.BasicLSTMCell(3), x)


@graph(SEQUENCE, emits=LSTM)
def dynamic_lstm_with_everything(x):
    """Peepholes, projection, both clips."""
    cell = cells.LSTMCell(4, use_peepholes=True, num_proj=3, cell_clip=0.5, proj_clip=0.2, initializer=tf1.random_normal_initializer(0, 1, seed=3))
    return unrolled_by_time(cell, x)


@graph(SEQUENCE, saved=True, emits=LSTM)
def dynamic_stack_with_residual(x):
    return unrolled_by_time(cells.MultiRNNCell([cells.LSTMCell(4), wrappers.ResidualWrapper(cells.LSTMCell(4))]), x)


@graph(SEQUENCE, I(0, 15, None), emits=LSTM)
def dynamic_lengths_with_everything(x, lengths):
    """The loop ends with the longest row."""
    cell = cells.LSTMCell(4, use_peepholes=True, num_proj=3, cell_clip=0.5, proj_clip=0.2, initializer=tf1.random_normal_initializer(0, 1, seed=3))
    return unrolled_by_time(cell, x, sequence_length=lengths)


@graph(SEQUENCE, I(0, 7, None), saved=True, emits=LSTM)
def dynamic_lengths_stack_with_residual(x, lengths):
    return unrolled_by_time(cells.MultiRNNCell([cells.LSTMCell(4), wrappers.ResidualWrapper(cells.LSTMCell(4))]), x, sequence_length=lengths)


@graph(X(12, 2, 5), emits=RNN)
def dynamic_basic_rnn_time_major(x):
    return unrolled_by_time(cells.BasicRNNCell(4), x, time_major=True)


@graph(SEQUENCE, emits=("UNPACK",))
def dynamic_gru(x):
    return unrolled_by_time(cells.GRUCell(3), x)


@module(X(2, 12, 5), emits=("UNPACK",))
def stateful_gru():
    """Its state is a variable, which it begins with, and which its last is left in."""
    made = tf.Module()
    x = tf_keras.Input((12, 5), batch_size=2)
    made.layer = tf_keras.Model(x, tf_keras.layers.GRU(3, return_sequences=True, stateful=True)(x))
    made.signatures = {"serving_default": tf.function(lambda x: {"y": made.layer(x)}, input_signature=[tf.TensorSpec([2, 12, 5], tf.float32, name="x")])}
    return made


@module(X(2, 12, 5), emits=LSTM)
def stateful_lstm():
    """What one invocation leaves, the next begins with."""
    made = tf.Module()
    x = tf_keras.Input((12, 5), batch_size=2)
    made.layer = tf_keras.Model(x, tf_keras.layers.LSTM(3, return_sequences=True, stateful=True)(x))
    made.signatures = {"serving_default": tf.function(lambda x: {"y": made.layer(x)}, input_signature=[tf.TensorSpec([2, 12, 5], tf.float32, name="x")])}
    return made
