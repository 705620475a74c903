"""Random inputs that make a model's outputs differ: pictures with large-scale structure, sequences, ids."""

import numpy as np


def pictures(rng, shape, low=-1.0, high=1.0):
    """[batch, height, width, channels] in [low, high]: smooth colour blobs of each picture's own contrast, and a little noise.

    White noise would not do: global pooling averages it away, and every picture would get the same answer.
    """
    batch, height, width, channels = shape
    coarse = rng.normal(0, 1, (batch, 5, 5, channels)) * rng.uniform(0.5, 2, (batch, 1, 1, 1)) + rng.normal(0, 1, (batch, 1, 1, channels))
    smooth = _stretch(_stretch(coarse, height, 1), width, 2)
    values = np.tanh(smooth + rng.normal(0, 0.3, shape))
    return (low + (values + 1) / 2 * (high - low)).astype("float32")


def _stretch(array, length, axis):
    """Linear interpolation of `array` to `length` points along `axis`."""
    at = np.linspace(0, array.shape[axis] - 1, length)
    left = np.minimum(at.astype(int), array.shape[axis] - 2)
    part = (at - left).reshape([-1 if i == axis else 1 for i in range(array.ndim)])
    return np.take(array, left, axis) * (1 - part) + np.take(array, left + 1, axis) * part


def floats(rng, shape, low=-1.0, high=1.0):
    """Pictures for four dimensions of a useful size, else normal numbers with each sample's own mean and spread."""
    if len(shape) == 4 and min(shape[1:3]) >= 8:
        return pictures(rng, shape, low, high)
    values = rng.normal(0, 1, shape)
    if len(shape) > 1:
        one = [shape[0]] + [1] * (len(shape) - 1)
        values = values * rng.uniform(0.5, 1.5, one) + rng.normal(0, 0.5, one)
    return values.astype("float32")
