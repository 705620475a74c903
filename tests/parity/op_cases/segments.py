"""Segment reductions, with constant and with computed ids."""

import tensorflow as tf

from .table import B, I, X, case

ROWS = X(6, 4)
raw = tf.raw_ops
SORTED, GAPS = [0, 0, 1, 2, 2, 2], [1, 1, 3, 3, 3, 6]
IDS = I(0, 3, 6)


def fixed(fn, ids=SORTED):
    return lambda x: fn(x, ids)


def ascending(ids):
    """Computed ids that ascend from 0 without gaps."""
    return tf.cumsum(tf.concat([[0], ids[1:] // 2], 0))


def unsorted(fn, count=3):
    return lambda x, ids: fn(x, ids, count)


SEGMENTS = {"sum": tf.math.segment_sum, "mean": tf.math.segment_mean, "max": tf.math.segment_max, "min": tf.math.segment_min,
            "prod": tf.math.segment_prod}
UNSORTED = {"sum": tf.math.unsorted_segment_sum, "max": tf.math.unsorted_segment_max, "min": tf.math.unsorted_segment_min,
            "prod": tf.math.unsorted_segment_prod, "mean": tf.math.unsorted_segment_mean, "sqrt_n": tf.math.unsorted_segment_sqrt_n}
SPARSE = {"sum": tf.sparse.segment_sum, "mean": tf.sparse.segment_mean, "sqrt_n": tf.sparse.segment_sqrt_n}

CASES = [
    *(case(f"segment_{name}", fixed(fn), ROWS) for name, fn in SEGMENTS.items()),
    *(case(f"segment_{name}_gaps", fixed(fn, GAPS), ROWS) for name, fn in SEGMENTS.items()),
    case("segment_sum_computed", lambda x, i: tf.math.segment_sum(x, ascending(i)), ROWS, IDS),
    case("segment_mean_computed", lambda x, i: tf.math.segment_mean(x, ascending(i)), X(6, 2, 3), IDS),
    case("segment_sum_int", lambda x: tf.math.segment_sum(x, SORTED), I(-9, 9, 6, 3)),
    case("segment_sum_vector", lambda x: tf.math.segment_sum(x, SORTED), X(6)),
    *(case(f"unsorted_segment_{name}", unsorted(fn), ROWS, IDS) for name, fn in UNSORTED.items()),
    case("unsorted_segment_empty", unsorted(tf.math.unsorted_segment_max, 5), ROWS, IDS),
    case("unsorted_segment_int64", unsorted(tf.math.unsorted_segment_sum), I(-9, 9, 6, 3), I(0, 3, 6, dtype=tf.int64)),
    case("unsorted_segment_negative", unsorted(tf.math.unsorted_segment_sum), ROWS, I(-1, 3, 6)),
    case("unsorted_segment_constant", lambda x: tf.math.unsorted_segment_max(x, [1, 0, 1, 2, 0, 1], 3), ROWS),
    case("unsorted_segment_2d_ids", unsorted(tf.math.unsorted_segment_sum), X(2, 3, 4), I(0, 3, 2, 3)),
    case("unsorted_segment_batch", unsorted(tf.math.unsorted_segment_sum), X(B, 4), I(0, 3, B)),
    *(case(f"sparse_segment_{name}", lambda x, i, fn=fn: fn(x, i, [0, 0, 2, 3, 3]), ROWS, I(0, 6, 5)) for name, fn in SPARSE.items()),
    *(case(f"sparse_segment_{name}_computed", lambda x, i, s, fn=fn: fn(x, i, ascending(s)), ROWS, I(0, 6, 6), IDS) for name, fn in SPARSE.items()),
    *(case(f"sparse_segment_{name}_count", lambda x, i, s, fn=fn: fn(x, i, ascending(s), num_segments=8), ROWS, I(0, 6, 6), IDS)
      for name, fn in SPARSE.items()),
]
