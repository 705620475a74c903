"""Functions that say what they implement: as one operator where a rule takes the call, by their own ops where it declines."""

import tensorflow as tf

from .detection import BOXES, SCORES
from .table import Input, X, case

TABLE = X(10, 4)
IDS = Input((3,), tf.int32, lambda rng, s: rng.integers(0, 10, s))
IDS_2D = Input((2, 3), tf.int32, lambda rng, s: rng.integers(0, 10, s))


def implementing(text, body):
    return tf.function(body, experimental_implements=text)


lookup = implementing("embedding_matmul", lambda table, ids: tf.gather(table, ids))
unknown = implementing("org.example.unheard_of", lambda x: tf.nn.relu(x) + 1)


def padded(boxes, scores, **more):
    return list(tf.image.non_max_suppression_padded(boxes, scores, 20, 0.5, 0.1, pad_to_max_output_size=True, **more)[:2])


CASES = [
    case("implements_embedding", lambda t, i: lookup(t, i), TABLE, IDS),
    case("implements_embedding_declined", lambda t, i: lookup(t, i), TABLE, IDS_2D),
    case("implements_nms_padded", lambda b, s: padded(b, s), BOXES, SCORES),
    case("implements_unknown_name", lambda x: unknown(x), X(2, 3)),
]
