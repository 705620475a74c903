"""Sparse and ragged tensors, whose parts are ordinary inputs; CTC decoding."""

import tensorflow as tf

from .table import B, I, Input, S, X, case

raw = tf.raw_ops
SHAPE = (4, 6)


def places(rng, shape):
    """Distinct places of a [4, 6] matrix, in order."""
    flat = sorted(rng.choice(24, shape[0], replace=False))
    return [[i // 6, i % 6] for i in flat]


AT = Input((7, 2), tf.int64, places)
V = X(7)


def sparse(at, v, shape=SHAPE):
    return tf.SparseTensor(at, v, shape)


def parts(x):
    return [x.indices, x.values, x.dense_shape]


def mixed(at, v):
    """The same, in another order."""
    return sparse(tf.reverse(at, [0]), v)


SPARSE = [
    case("sparse_dense_matmul", lambda at, v, y: tf.sparse.sparse_dense_matmul(sparse(at, v), y), AT, V, X(6, 3)),
    case("sparse_dense_matmul_adjoint", lambda at, v, y: tf.sparse.sparse_dense_matmul(sparse(at, v), y, adjoint_a=True, adjoint_b=True), AT, V, X(3, 4)),
    case("sparse_dense_matmul_constant", lambda y: tf.sparse.sparse_dense_matmul(sparse([[0, 1], [2, 3], [2, 5]], [0.5, -1.0, 2.0]), y), X(6, B)),
    case("sparse_dense_matmul_int", lambda at, v, y: tf.sparse.sparse_dense_matmul(sparse(at, v), y), AT, I(-9, 9, 7), I(-9, 9, 6, 3)),
    case("sparse_reorder", lambda at, v: parts(tf.sparse.reorder(mixed(at, v))), AT, V),
    case("sparse_reorder_words", lambda at, v: parts(tf.sparse.reorder(mixed(at, v))), AT, S(7)),
    case("sparse_reshape", lambda at, v: parts(tf.sparse.reshape(sparse(at, v), [3, 2, -1])), AT, V),
    case("sparse_dense", lambda at, v: tf.sparse.to_dense(sparse(at, v), -1.0), AT, V),
    case("sparse_add_dense", lambda at, v, y: tf.sparse.add(sparse(at, v), y), AT, V, X(*SHAPE)),
    case("sparse_add", lambda at, v, bt, w: parts(tf.sparse.add(sparse(at, v), sparse(bt, w))), AT, V, AT, V),
    case("sparse_add_threshold", lambda at, v, bt, w: parts(tf.sparse.add(sparse(at, v), sparse(bt, w), threshold=0.8)), AT, V, AT, V),
    case("sparse_reduce_sum", lambda at, v: [tf.sparse.reduce_sum(sparse(at, v), 1), tf.sparse.reduce_sum(sparse(at, v), 0, keepdims=True)], AT, V),
    case("sparse_times_dense", lambda at, v, y: parts(sparse(at, v) * y), AT, V, X(6)),
    case("sparse_by_dense", lambda at, v, y: parts(sparse(at, v) / (tf.abs(y) + 1)), AT, V, X(4, 1)),
    case("sparse_plus_dense", lambda at, v, y: raw.SparseDenseCwiseAdd(sp_indices=at, sp_values=v, sp_shape=SHAPE, dense=y), AT, V, X(6)),
    case("sparse_slice", lambda at, v: parts(tf.sparse.slice(sparse(at, v), [1, 2], [2, 9])), AT, V),
    case("sparse_concat", lambda at, v, bt, w: parts(tf.sparse.concat(1, [sparse(at, v), sparse(bt, w)])), AT, V, AT, V),
    case("sparse_concat_rows", lambda at, v, bt, w: parts(tf.sparse.concat(0, [sparse(at, v), sparse(bt, w)])), AT, V, AT, V),
    case("sparse_fill_rows", lambda at, v: list(raw.SparseFillEmptyRows(indices=at, values=v, dense_shape=[9, 6], default_value=-1.0)), AT, V),
    case("sparse_softmax", lambda at, v: parts(tf.sparse.softmax(sparse(at, v))), AT, V),
    case("sparse_from_dense", lambda x: parts(tf.sparse.from_dense(tf.nn.relu(x))), X(B, 5)),
    case("sparse_embedding", lambda at, i, w: tf.nn.embedding_lookup_sparse(w, sparse(at, i), None, combiner="mean"), AT, I(0, 9, 7, dtype=tf.int64), X(9, 3)),
    case("sparse_embedding_safe", lambda at, i, w: tf.nn.safe_embedding_lookup_sparse(w, sparse(at, i), combiner="sqrtn"), AT, I(0, 9, 7, dtype=tf.int64), X(9, 3)),
    case("sparse_bincount", lambda at, i: raw.SparseBincount(indices=at, values=i, dense_shape=SHAPE, size=5, weights=tf.zeros([0])), AT, I(0, 7, 7)),
]

LENGTHS = I(0, 4, B)


def ragged(lengths, x):
    """Rows of these lengths, at most 3, from the front of x's rows."""
    return tf.RaggedTensor.from_tensor(x, lengths)


def nested(x):
    return tf.RaggedTensor.from_nested_row_splits(x, [[0, 2, 2, 3], [0, 1, 1, 6]])


ROWS = X(B, 3)
RAGGED = [
    case("ragged_to_tensor", lambda n, x: ragged(n, x).to_tensor(), LENGTHS, ROWS),
    case("ragged_to_tensor_default", lambda n, x: ragged(n, x).to_tensor(-1.0, shape=[None, 4]), LENGTHS, ROWS),
    case("ragged_to_tensor_cut", lambda n, x: ragged(n, x).to_tensor(shape=[1, 2]), LENGTHS, ROWS),
    case("ragged_to_tensor_rows", lambda n, x: ragged(n, x).to_tensor(), LENGTHS, X(B, 3, 2)),
    case("ragged_to_tensor_nested", lambda x: [nested(x).to_tensor(), nested(x).to_tensor(7.0, shape=[2, 3, 4])], X(6)),
    case("ragged_to_tensor_ids", lambda x: tf.RaggedTensor.from_value_rowids(x, [0, 0, 2, 2, 2, 4], nrows=6).to_tensor(), X(6)),
    case("ragged_to_sparse", lambda n, x: parts(ragged(n, x).to_sparse()), LENGTHS, ROWS),
    case("ragged_to_sparse_nested", lambda x: parts(nested(x).to_sparse()), X(6)),
    case("ragged_range", lambda n: list(raw.RaggedRange(starts=n - 2, limits=n * 3, deltas=2)), LENGTHS),
    case("ragged_range_down", lambda n: list(raw.RaggedRange(starts=tf.constant([9], tf.int64), limits=tf.cast(n, tf.int64), deltas=tf.constant([-2], tf.int64))), I(0, 9, 1)),
    case("ragged_range_float", lambda n: list(raw.RaggedRange(starts=0.0, limits=tf.cast(n, tf.float32), deltas=0.4, Tsplits=tf.int32)), LENGTHS),
    case("ragged_gather", lambda n, x, i: tf.gather(ragged(n, x), i).flat_values, I(0, 4, 3), X(3, 3), I(0, 3, B)),
    case("ragged_gather_nested", lambda x, i: [tf.gather(nested(x), i).flat_values, *tf.gather(nested(x), i).nested_row_splits], X(6), I(0, 3, 5)),
    case("ragged_sum", lambda n, x: tf.reduce_sum(ragged(n, x), 1), LENGTHS, ROWS),
    case("ragged_mean_max", lambda n, x: [tf.reduce_mean(ragged(n + 1, x), 1), tf.reduce_max(ragged(n + 1, x), 1)], I(0, 3, B), ROWS),
    case("ragged_concat", lambda n, x: tf.concat([ragged(n, x), ragged(3 - n, x)], 1).to_tensor(), LENGTHS, ROWS),
    case("ragged_embedding", lambda n, i, w: tf.nn.embedding_lookup(w, ragged(n, i)).to_tensor(), LENGTHS, I(0, 5, B, 3), X(5, 2)),
    case("ragged_bincount", lambda n, i: raw.RaggedBincount(splits=tf.cast(ragged(n, i).row_splits, tf.int64), values=ragged(n, i).values, size=4,
                                                            weights=tf.zeros([0], tf.int32), binary_output=True), LENGTHS, I(0, 5, B, 3)),
]


def decoded(time_major, lengths, **options):
    out, scores = tf.nn.ctc_greedy_decoder(time_major, lengths, **options)
    return [*parts(out[0]), scores]


CTC = [
    case("ctc_greedy", lambda x, n: decoded(x, n), X(9, B, 3), I(4, 10, B)),
    case("ctc_greedy_repeats", lambda x, n: decoded(x, n, merge_repeated=False, blank_index=0), X(9, B, 3), I(4, 10, B)),
]

CASES = [*SPARSE, *RAGGED, *CTC]
