"""Ops in every type that TF has them for: movements of elements, whose bits stay, and reductions, searches and segments, which wrap as TF's do.
One model for all types of an op: small integers are cast to each of them."""

import tensorflow as tf

from .table import B, I, S, case

raw = tf.raw_ops
INTS = (tf.int8, tf.uint8, tf.int16, tf.uint16, tf.int32, tf.uint32, tf.int64, tf.uint64)
HALVES = (tf.float16, tf.bfloat16)  # small numbers, where TF rounds within an op
FLOATS = (tf.float16, tf.bfloat16, tf.float32, tf.float64)
REALS = INTS + FLOATS
NUMBERS = REALS + (tf.complex64,)
ALL = NUMBERS + (tf.complex128, tf.bool)


def shown(y):
    """Parts of complex numbers, and nothing in bfloat16, which NumPy has not."""
    if y.dtype.is_complex:
        return [tf.math.real(y), tf.math.imag(y)]
    return [tf.cast(y, tf.float32) if y.dtype == tf.bfloat16 else y]


def each(types, function):
    """The function's results for all types."""
    return lambda x: [part for t in types for y in function(tf.cast(x, t)) for part in shown(y)]


def every(name, types, function, *shape, below=100):
    return case(name + "_every_type", each(types, function), I(-below, below, *shape, dtype=tf.int32))


def picked(x):
    return [tf.gather(x, [2, 0], axis=1), tf.gather_nd(x, [[0, 1], [1, 3]]), tf.reverse(x, [1]), tf.reverse_sequence(x, [1, 3], 1, 0), x[:, ::-2]]


def made(x):
    return [tf.one_hot([1, 0, 2], 3, on_value=x[0, 0], off_value=x[1, 1]), tf.fill(tf.shape(x), x[0, 1]), tf.where(x == x[:1], x, x[:1]), tf.ones_like(x)]


def scattered(x):
    return [tf.scatter_nd([[2], [2]], x, [4, 4]), tf.tensor_scatter_nd_add(x, [[1], [1]], x), tf.tensor_scatter_nd_sub(x, [[0]], x[:1])]


def reduced(x):
    return [tf.reduce_sum(x, 1), tf.reduce_sum(x), tf.reduce_prod(x, [1], keepdims=True)] + ([] if x.dtype == tf.uint64 else [tf.reduce_mean(x, 1)])


def searched(x):
    return [tf.argmax(x, 1), tf.argmin(x, 1, output_type=tf.int32), *tf.math.top_k(x, 3), tf.searchsorted(tf.sort(x), x)]


def segments(x):
    ids = [2, 0, 0]
    return [tf.math.unsorted_segment_sum(x, ids, 4), tf.math.unsorted_segment_max(x, ids, 4), tf.math.unsorted_segment_min(x, ids, 4),
            tf.math.unsorted_segment_prod(x, ids, 4), tf.math.segment_max(x, [0, 2, 2]), tf.math.segment_sum(x, [0, 2, 2])]


CASES = [
    every("join", tuple(t for t in ALL if t != tf.uint16), lambda x: [tf.concat([x, x], 1), tf.stack([x, x], 1), *tf.split(x, 2, 1), tf.unstack(x, axis=1)[1]], B, 4),
    every("pick", ALL, picked, 2, 4),
    every("pad", ALL, lambda x: [tf.pad(x, [[1, 0], [0, 2]]), raw.PadV2(input=x, paddings=[[0, 0], [1, 1]], constant_values=x[0, 0]), tf.pad(x, [[0, 0], [1, 2]], "REFLECT")], B, 4),
    every("make", ALL, made, 2, 4), every("make_batch", (tf.uint8, tf.uint32, tf.float16, tf.complex64), lambda x: [tf.fill(tf.shape(x), x[0, 1]), tf.ones_like(x)], B, 4),
    every("blocks", ALL, lambda x: [tf.nn.space_to_depth(x, 2), tf.nn.depth_to_space(x, 2)], B, 4, 4, 4),
    every("diagonals", ALL, lambda x: [tf.linalg.diag(x[:, 0]), tf.linalg.set_diag(x, x[:, 0]), tf.linalg.diag_part(x, k=(-1, 1))], B, 4, 4),
    every("update", ALL, lambda x: [tf.tensor_scatter_nd_update(x, [[1]], x[:1]), tf.roll(x, 1, 1), tf.dynamic_stitch([[1], [0]], [x[:1], x[1:2]])], 2, 4),
    every("scatter", NUMBERS, scattered, 2, 4),
    every("scatter_limits", REALS, lambda x: [tf.tensor_scatter_nd_max(x, [[1], [1]], x), tf.tensor_scatter_nd_min(x, [[1], [1]], x)], 2, 4),
    every("reduce", tuple(t for t in NUMBERS if t not in HALVES), reduced, B, 4), every("reduce_halves", HALVES, reduced, B, 4, below=4), every("limits", REALS, lambda x: [tf.reduce_max(x, 1), tf.reduce_min(x, [0, 1])], B, 4),
    every("norm", FLOATS + (tf.complex64,), lambda x: [tf.math.reduce_euclidean_norm(x, 1)], B, 4, below=4), every("l2_loss", FLOATS, lambda x: [tf.nn.l2_loss(x)], B, 4, below=4),
    every("search", REALS, searched, B, 6), every("sets", REALS, lambda x: [*tf.unique(x), *raw.ListDiff(x=x, y=x[:3])], 9),
    every("segments", tuple(t for t in REALS if t not in (tf.int64, tf.uint64, tf.float64)), segments, 3, 4),
    case("moved_strings", lambda x: [tf.transpose(x), tf.reverse(x, [1]), tf.reverse_sequence(x, [2] * 3, 1, 0), *tf.split(x, 2, 1), *tf.split(x, [1, 3], 1),
                                     tf.unstack(x, axis=1)[1], tf.roll(x, 1, 1), tf.broadcast_to(x, [2, 3, 4])], S(3, 4)),
    every("scans", tuple(t for t in NUMBERS if t not in HALVES), lambda x: [tf.cumsum(x, 1), tf.math.cumprod(x, 1)], B, 4),
    every("scans_halves", HALVES, lambda x: [tf.cumsum(x, 1), tf.math.cumprod(x, 1)], B, 4, below=4),
]
