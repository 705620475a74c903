"""Preprocessing layers of Keras, as they are called in a serving signature, and losses and metrics that such signatures compute."""

import keras
import numpy as np
import tensorflow as tf

from .table import B, I, S, U, X, case

layers = keras.layers
WORDS = ["a", "bb", "quick"]
IDS = I(0, 6, B, 3, dtype=tf.int64)
RGB = X(B, 8, 10, 3)


def call(layer, x):
    return layer(x)


def adapted(layer, data):
    def make():
        made = layer()
        made.adapt(data)
        return made
    return make


def layer(name, make, *inputs, fn=call):
    return case(f"keras_{name}", fn, *inputs, state=make)


def inference(made, x):
    return made(x, training=False)


NUMBERS = np.arange(24, dtype=np.float32).reshape(6, 4) ** 1.5
RANDOM = {"flip": lambda: layers.RandomFlip(), "crop": lambda: layers.RandomCrop(6, 6)}

LAYERS = [
    layer("string_lookup", lambda: layers.StringLookup(vocabulary=WORDS), S(B, 3)),
    layer("string_lookup_no_oov", lambda: layers.StringLookup(vocabulary=["", "a", "bb", "quick", "\u00e4", "a b"], num_oov_indices=0), S(B, 3)),
    layer("string_lookup_invert", lambda: layers.StringLookup(vocabulary=WORDS, invert=True), I(0, 4, B, 3, dtype=tf.int64)),
    layer("string_lookup_multi_hot", lambda: layers.StringLookup(vocabulary=WORDS, output_mode="multi_hot"), S(B, 3)),
    layer("string_lookup_adapted", adapted(lambda: layers.StringLookup(), np.array(["a", "bb", "a", "quick"])), S(B, 3)),
    layer("integer_lookup", lambda: layers.IntegerLookup(vocabulary=[1, 3, 4]), IDS),
    layer("integer_lookup_two_oov", lambda: layers.IntegerLookup(vocabulary=[1, 3, 4], num_oov_indices=2), IDS),
    layer("integer_lookup_adapted", adapted(lambda: layers.IntegerLookup(), np.array([1, 1, 3, 5])), IDS),
    *(layer(f"category_{mode}", lambda mode=mode: layers.CategoryEncoding(num_tokens=6, output_mode=mode), I(0, 6, B, 1 if mode == "one_hot" else 3))
      for mode in ("one_hot", "multi_hot", "count")),
    layer("category_weights", lambda: layers.CategoryEncoding(num_tokens=6, output_mode="count"), I(0, 6, B, 3), X(B, 3),
          fn=lambda made, x, w: made(x, count_weights=w)),
    layer("discretization", lambda: layers.Discretization(bin_boundaries=[-1.0, 0.0, 0.5]), X(B, 4)),
    layer("discretization_one_hot", lambda: layers.Discretization(bin_boundaries=[-1.0, 0.0, 0.5], output_mode="one_hot"), X(B, 1)),
    layer("discretization_adapted", adapted(lambda: layers.Discretization(num_bins=4), NUMBERS), X(B, 4)),
    layer("normalization", adapted(lambda: layers.Normalization(), NUMBERS), X(B, 4)),
    layer("normalization_invert", adapted(lambda: layers.Normalization(invert=True), NUMBERS), X(B, 4)),
    *(layer(f"resizing_{how}", lambda how=how: layers.Resizing(6, 7, interpolation=how), RGB) for how in ("bilinear", "nearest", "bicubic")),
    layer("resizing_crop", lambda: layers.Resizing(6, 6, crop_to_aspect_ratio=True), RGB),
    layer("resizing_pad", lambda: layers.Resizing(6, 6, pad_to_aspect_ratio=True), RGB),
    layer("center_crop", lambda: layers.CenterCrop(5, 6), RGB),
    layer("center_crop_larger", lambda: layers.CenterCrop(12, 12), RGB),
    *(layer(f"random_{name}", make, RGB, fn=inference) for name, make in RANDOM.items()),
    layer("mel_spectrogram", lambda: layers.MelSpectrogram(fft_length=64, sequence_stride=32, num_mel_bins=12, sampling_rate=1600), U(B, 320)),
]


def loss(name, of, y_true, y_pred):
    return case(f"loss_{name}", lambda t, p: of(t, p), y_true, y_pred)


losses, metrics = keras.losses, keras.metrics
CLASS = I(0, 5, B)
LOGITS = X(B, 5)


def one_hot(t):
    return tf.one_hot(t, 5)


LOSSES = [
    loss("categorical", lambda t, p: losses.categorical_crossentropy(one_hot(t), tf.nn.softmax(p)), CLASS, LOGITS),
    loss("categorical_logits", lambda t, p: losses.categorical_crossentropy(one_hot(t), p, from_logits=True, label_smoothing=0.1), CLASS, LOGITS),
    loss("sparse", lambda t, p: losses.sparse_categorical_crossentropy(t, tf.nn.softmax(p)), CLASS, LOGITS),
    loss("sparse_logits", lambda t, p: losses.sparse_categorical_crossentropy(t, p, from_logits=True), CLASS, LOGITS),
    loss("sparse_ignored", lambda t, p: losses.sparse_categorical_crossentropy(t, p, from_logits=True, ignore_class=2), CLASS, LOGITS),
    loss("softmax_axis", lambda t, p: tf.nn.softmax_cross_entropy_with_logits(tf.sigmoid(t), p, axis=1), X(B, 5, 3), X(B, 5, 3)),
    loss("softmax_raw", lambda t, p: list(tf.raw_ops.SoftmaxCrossEntropyWithLogits(features=p, labels=tf.sigmoid(t))), LOGITS, LOGITS),
    loss("softmax_broadcast", lambda t, p: list(tf.raw_ops.SoftmaxCrossEntropyWithLogits(features=p, labels=tf.sigmoid(t))), X(2, 5), X(1, 1)),
    loss("sparse_raw", lambda t, p: list(tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=p, labels=t)), CLASS, LOGITS),
    loss("kl", lambda t, p: losses.kl_divergence(tf.nn.softmax(t), tf.nn.softmax(p)), LOGITS, LOGITS),
    loss("dice", lambda t, p: losses.Dice()(tf.sigmoid(t), tf.sigmoid(p)), LOGITS, LOGITS),
    loss("top_k", lambda t, p: metrics.sparse_top_k_categorical_accuracy(t, p, 2), CLASS, LOGITS),
    loss("confusion", lambda t, p: tf.math.confusion_matrix(t, tf.argmax(p, -1, tf.int32), 5), CLASS, LOGITS),
    loss("ssim", lambda t, p: tf.image.ssim(tf.sigmoid(t), tf.sigmoid(p), 1.0), U(B, 16, 16, 1), U(B, 16, 16, 1)),
]

CASES = [*LAYERS, *LOSSES]
