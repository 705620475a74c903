#!/usr/bin/env python3
"""Writes tests/models/sample_mobilenet: a small MobileNet-style SavedModel that Keras made, for the README and quick tests.

It tells three shapes apart (circle, square, triangle) in 48 x 48 pictures and is trained here, on drawn pictures, until it does: the
batch-norm statistics are those of training. Also written: sample_input.npz (one picture of each) and sample_output.npz.
"""

import os
import shutil
import sys

import keras
import numpy as np
import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "sample_mobilenet")
SIZE = 48


def draw(kind, rng):
    """One picture in [0, 1]: 0 circle, 1 square, 2 triangle, of random place, size and colours, with noise."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype("float32")
    radius = rng.uniform(9, 16)
    cx, cy = rng.uniform(radius, SIZE - radius, 2)
    dx, dy = np.abs(x - cx), y - cy
    inside = [dx**2 + dy**2 < radius**2, (dx < 0.85 * radius) & (np.abs(dy) < 0.85 * radius),
              (dy < 0.8 * radius) & (dx < 0.5 * (dy + 1.0 * radius))][kind]
    back, front = rng.uniform(0, 0.45, 3), rng.uniform(0.55, 1, 3)
    if rng.random() < 0.5:
        back, front = front, back
    picture = np.where(inside[..., None], front, back) + rng.normal(0, 0.04, (SIZE, SIZE, 3))
    return np.clip(picture, 0, 1).astype("float32")


def pictures(count, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, count)
    return np.stack([draw(k, rng) for k in labels]), labels


def inverted_residual(x, filters, stride, expansion=4):
    layers = keras.layers
    y = layers.Conv2D(expansion * x.shape[-1], 1, use_bias=False)(x)
    y = layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.9)(y))
    y = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(y)
    y = layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.9)(y))
    y = layers.Conv2D(filters, 1, use_bias=False)(y)
    y = layers.BatchNormalization(momentum=0.9)(y)
    return layers.Add()([x, y]) if stride == 1 and x.shape[-1] == filters else y


def network():
    layers = keras.layers
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = layers.Rescaling(2.0, offset=-1.0)(image)
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.9)(x))
    for filters, stride in [(16, 2), (24, 2), (24, 1)]:
        x = inverted_residual(x, filters, stride)
    x = layers.Conv2D(64, 1, use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(3, activation="softmax", name="shape")(x), name="sample_mobilenet")


def main():
    keras.utils.set_random_seed(1)
    model = network()
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(*pictures(3000, 1), batch_size=64, epochs=4, verbose=2)
    accuracy = model.evaluate(*pictures(600, 2), verbose=0)[1]
    if accuracy < 0.97:
        sys.exit(f"make_sample.py: only {accuracy:.1%} of unseen pictures are told right; nothing was written")
    shutil.rmtree(FOLDER, ignore_errors=True)
    model.export(FOLDER, verbose=False)
    fingerprint = os.path.join(FOLDER, "fingerprint.pb")
    if os.path.exists(fingerprint):
        os.remove(fingerprint)
    rng = np.random.default_rng(3)
    feed = np.stack([draw(kind, rng) for kind in range(3)])
    result = tf.saved_model.load(FOLDER).signatures["serving_default"](tf.constant(feed))
    np.savez(os.path.join(HERE, "sample_input.npz"), image=feed)
    np.savez(os.path.join(HERE, "sample_output.npz"), **{n: t.numpy() for n, t in result.items()})
    print(f"accuracy on unseen pictures {accuracy:.1%}; outputs {({n: t.numpy().round(3).tolist() for n, t in result.items()})}")


if __name__ == "__main__":
    main()
