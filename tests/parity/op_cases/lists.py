"""Lists of tensors: TensorArray, what maps, scans and folds make of it, and the TensorList ops themselves."""

import tensorflow as tf
from tensorflow.python.ops import list_ops

from .table import B, I, Input, W, X, case

raw = tf.raw_ops
S = lambda *shape: Input(shape, tf.string, lambda rng, s: rng.choice([b"", b"a", b"bcd", b"efghij"], s))


def array(size, dtype=tf.float32, **options):
    return tf.TensorArray(dtype, size=size, **options)


def written(x, n, **options):
    """x * i for each i < n, in an array that a loop fills."""
    def body(i, ta):
        return i + 1, ta.write(i, x * tf.cast(i, x.dtype))
    return tf.while_loop(lambda i, ta: i < n, body, [0, array(n, x.dtype, **options)])[1]


def bytes_written(x, n):
    def body(i, ta):
        return i + 1, ta.write(i, tf.cast(x * i, tf.uint8))
    return tf.while_loop(lambda i, ta: i < n[0], body, [0, array(n[0], tf.uint8)])[1].stack()


def appended(x, n):
    """As written(), but the array grows."""
    def body(i, ta):
        return i + 1, ta.write(i, x * tf.cast(i, tf.float32))
    return tf.while_loop(lambda i, ta: i < n, body, [0, array(0, dynamic_size=True, element_shape=[None, 3])])[1].stack()


def sparse_writes(x, n):
    """Every second element of a growing array is written; the others are zeros."""
    def body(i, ta):
        return i + 1, ta.write(i * 2, x)
    start = array(1, dynamic_size=True, element_shape=[2, 3]).write(0, x * 7)
    return tf.while_loop(lambda i, ta: i < n, body, [0, start])[1].stack()


def read_back(x, n):
    """A recurrence that reads two elements which it wrote."""
    def body(i, ta):
        return i + 1, ta.write(i, ta.read(i - 1) * 0.5 + ta.read(i - 2))
    start = array(70, clear_after_read=False).write(0, x).write(1, x + 1)
    return tf.while_loop(lambda i, ta: i < n, body, [2, start])[1].stack()


def in_branch(x, n):
    """A branch in the loop writes, or leaves the element as it is."""
    def body(i, ta):
        return i + 1, tf.cond(tf.reduce_sum(x) + tf.cast(i, tf.float32) > 2, lambda: ta.write(i, x), lambda: ta)
    return tf.while_loop(lambda i, ta: i < n, body, [0, array(5, element_shape=x.shape)])[1].stack()


def branch_on_unwritten(x):
    """One branch fills the list, the other leaves it alone."""
    ta = array(3, element_shape=x.shape)
    return tf.cond(tf.reduce_sum(x) > 0, lambda: ta.write(1, x), lambda: ta).stack()


def two_arrays(x, n):
    """Arrays of two types, and one state, in nested loops."""
    def body(i, a, b, s):
        s = tf.while_loop(lambda j, t: j < i, lambda j, t: (j + 1, t * 0.9 + x), [0, s])[1]
        return i + 1, a.write(i, s), b.write(i, s > 0), s
    _, a, b, s = tf.while_loop(lambda i, *_: i < n, body, [0, array(n), array(n, tf.bool), x])
    return [a.stack(), tf.cast(b.stack(), tf.int32), s]


def list_in_loop(x, n):
    """A new list in every round."""
    def body(i, s):
        ta = array(3).unstack(tf.stack([s, x, s + x]))
        return i + 1, ta.read(i % 3) * 0.5 + ta.concat()[:2]
    return tf.while_loop(lambda i, s: i < n, body, [0, x])[1]


def pushed(x, n):
    def body(i, handle):
        return i + 1, list_ops.tensor_list_push_back(handle, x + tf.cast(i, tf.float32))
    handle = list_ops.empty_tensor_list(element_shape=x.shape, element_dtype=tf.float32)
    handle = tf.while_loop(lambda i, h: i < n, body, [0, handle])[1]
    return [list_ops.tensor_list_stack(handle, tf.float32, element_shape=x.shape), list_ops.tensor_list_length(handle)]


def popped(x):
    handle, last = list_ops.tensor_list_pop_back(list_ops.tensor_list_from_tensor(x, x.shape[1:]), tf.float32)
    return [last, list_ops.tensor_list_stack(handle, tf.float32), list_ops.tensor_list_length(handle)]


def popped_in_loop(x, n):
    def body(i, handle, s):
        handle, last = list_ops.tensor_list_pop_back(handle, tf.float32)
        return i + 1, handle, s * 0.5 + last
    handle = list_ops.tensor_list_from_tensor(x, x.shape[1:])
    _, handle, s = tf.while_loop(lambda i, h, s: i < n, body, [0, handle, tf.zeros([3])])
    return [s, list_ops.tensor_list_stack(handle, tf.float32)]


def resized(size):
    """By a constant, or by a tensor."""
    def build(x, *n):
        handle = list_ops.tensor_list_from_tensor(x, x.shape[1:])
        return list_ops.tensor_list_stack(list_ops.tensor_list_resize(handle, size if size else n[0][0]), tf.float32, element_shape=x.shape[1:])
    return build


def scattered(x, indices, size):
    handle = raw.TensorListScatterV2(tensor=x, indices=indices, element_shape=tf.constant([4]), num_elements=size)
    return raw.TensorListStack(input_handle=handle, element_shape=tf.constant([4]), element_dtype=tf.float32)


def scattered_into(x, y, indices):
    handle = raw.TensorListScatterIntoExistingList(input_handle=list_ops.tensor_list_from_tensor(x, [4]), tensor=y, indices=indices)
    return raw.TensorListStack(input_handle=handle, element_shape=tf.constant([4]), element_dtype=tf.float32)


def joined(x, y):
    a, b = (list_ops.tensor_list_from_tensor(v, [4]) for v in (x, y))
    return list_ops.tensor_list_stack(list_ops.tensor_list_concat_lists(a, b, tf.float32), tf.float32)


def lengths_of(x):
    handle = list_ops.tensor_list_from_tensor(x, x.shape[1:])
    value, lengths = raw.TensorListConcatV2(input_handle=handle, element_shape=tf.constant([-1, 3]), leading_dims=tf.zeros([0], tf.int64), element_dtype=tf.float32)
    return [value, lengths]


def split(x):
    return list_ops.tensor_list_stack(list_ops.tensor_list_split(x, [3, 4], [3, 3]), tf.float32)


def conditional_sum(x):
    """foldl with a branch, as a beam of a decoder has one."""
    return tf.foldl(lambda a, v: tf.cond(tf.reduce_sum(v) > 0, lambda: a + v, lambda: a * 0.5), x)


def running_state(x):
    """A small recurrent network by tf.scan, over the second dimension."""
    w, u = W(3, 4), W(4, 4)
    steps = tf.scan(lambda s, v: tf.tanh(v @ w + s @ u), tf.transpose(x, [1, 0, 2]), initializer=tf.zeros([tf.shape(x)[0], 4]))
    return tf.transpose(steps, [1, 0, 2])


def tf1_recurrence(x):
    """TensorArrayV3 in a loop of functions, as TF1's dynamic_rnn has it after its control flow was rewritten."""
    size = tf.shape(x)[0]
    handle, flow = raw.TensorArrayV3(size=size, dtype=tf.float32, element_shape=[None, 3])
    flow = raw.TensorArrayScatterV3(handle=handle, indices=tf.range(size), value=x, flow_in=flow)
    out, out_flow = raw.TensorArrayV3(size=size, dtype=tf.float32)
    def body(i, f, s):
        s = tf.ensure_shape(tf.tanh(s + raw.TensorArrayReadV3(handle=handle, index=i, flow_in=flow, dtype=tf.float32)), s.shape)
        return i + 1, raw.TensorArrayWriteV3(handle=out, index=i, value=s, flow_in=f), s
    _, out_flow, s = tf.while_loop(lambda i, *_: i < size, body, [0, out_flow, tf.zeros([tf.shape(x)[1], 3])])
    return [raw.TensorArrayGatherV3(handle=out, indices=tf.range(size), flow_in=out_flow, dtype=tf.float32, element_shape=[None, 3]), s]


def tf1_parts(x):
    """The other TensorArrayV3 ops."""
    handle, flow = raw.TensorArrayV3(size=2, dtype=tf.float32, element_shape=[3, 4], clear_after_read=False)
    flow = raw.TensorArraySplitV3(handle=handle, value=x, lengths=tf.constant([3, 3], tf.int64), flow_in=flow)
    value, lengths = raw.TensorArrayConcatV3(handle=handle, flow_in=flow, dtype=tf.float32)
    return [value * 2, lengths, raw.TensorArraySizeV3(handle=handle, flow_in=flow), raw.TensorArrayReadV3(handle=handle, index=1, flow_in=flow, dtype=tf.float32)]


N = I(1, 6, 1)
CASES = [
    case("array_loop", lambda x: written(x, 70).stack(), X(B, 3)), case("array_loop_count", lambda x, n: written(x, n[0]).stack(), X(B, 3), N),
    case("array_shape", lambda x, n: written(x, n[0], element_shape=[None, 3], infer_shape=False).stack(), X(B, 3), N),
    case("array_int", lambda x, n: written(x, n[0]).stack(), I(-9, 9, B, 3), N),
    case("array_int64", lambda x: written(x, 70).stack(), I(-9, 9, B, 3, dtype=tf.int64)),
    case("array_uint8", bytes_written, I(0, 9, B, 3), N),
    case("array_int16", lambda x: written(x, 70).stack(), I(0, 9, B, 3, dtype=tf.int16)),
    case("array_scalars", lambda x, n: written(x[0, 0], n[0]).stack(), X(B, 3), N),
    case("array_concat", lambda x: written(x, 70).concat(), X(B, 3)), case("array_gather", lambda x, k: written(x, 70).gather(k), X(B, 3), I(0, 70, 4)),
    case("array_grows", lambda x, n: appended(x, n[0]), X(B, 3), N), case("array_grows_by_two", lambda x, n: sparse_writes(x, n[0]), X(2, 3), N),
    case("array_read_back", lambda x, n: read_back(x, n[0]), X(B, 3), I(60, 71, 1)), case("array_size", lambda x, n: written(x, n[0]).size(), X(B, 3), N),
    case("array_branch", lambda x, n: in_branch(x, n[0]), X(2, 3), N), case("array_branch_unwritten", branch_on_unwritten, X(2, 3)),
    case("array_nested", lambda x, n: two_arrays(x, n[0]), X(B, 3), N), case("array_in_loop", lambda x, n: list_in_loop(x, n[0]), X(2, 3), N),
    case("array_unrolled", lambda x: array(3).write(0, x).write(2, x * 2).write(1, -x).stack(), X(B, 3)),
    case("array_scatter", lambda x, k: array(6, element_shape=[4]).scatter(k, x).stack(), X(3, 4), I(0, 6, 3)),
    case("array_split", lambda x: [array(2).split(x, [3, 3]).read(1), array(2).split(x, [3, 3]).concat()], X(6, 4)),
    case("array_strings", lambda x, k: array(4, tf.string).unstack(x).read(k[0]), S(4), I(0, 4, 1)),
    case("map", lambda x: tf.map_fn(lambda v: tf.reduce_sum(v) * v, x), X(B, 3)), case("map_unbatched", lambda x: tf.map_fn(lambda v: v @ W(3, 3), x), X(70, 2, 3)),
    case("map_types", lambda x, k: list(tf.map_fn(lambda v: (v[0] > 0, v[1] + 1, tf.cast(v[1], tf.float32) * v[0]), (x, k), fn_output_signature=(tf.bool, tf.int32, tf.float32))), X(B, 3), I(0, 9, B)),
    case("map_nested", lambda x: tf.map_fn(lambda v: tf.map_fn(lambda w: w * tf.reduce_max(v), v), x), X(B, 3)),
    case("scan", lambda x: tf.scan(lambda a, v: a * 0.5 + v, x), X(B, 3)), case("scan_reverse", lambda x: tf.scan(lambda a, v: a * 0.5 + v, x, reverse=True), X(70, 3)),
    case("scan_network", running_state, X(B, 70, 3)), case("foldl", lambda x: tf.foldl(lambda a, v: a * 0.5 + v, x), X(B, 3)),
    case("foldr", lambda x: tf.foldr(lambda a, v: a * 0.5 + v, x, initializer=tf.ones([3])), X(B, 3)), case("foldl_branch", conditional_sum, X(B, 3)),
    case("vectorized_map", lambda x: tf.vectorized_map(lambda v: tf.reduce_max(v) * v, x), X(B, 3)),
    case("list_push", lambda x, n: pushed(x, n[0]), X(2, 3), N), case("list_pop", popped, X(B, 3)), case("list_pop_loop", lambda x, n: popped_in_loop(x, n[0]), X(9, 3), N),
    case("list_resize_down", resized(2), X(4, 3)), case("list_resize_up", resized(7), X(4, 3)), case("list_resize", resized(None), X(B, 3), I(0, 7, 1)),
    case("list_scatter", lambda x: scattered(x, tf.constant([4, 0, 1]), 6), X(3, 4)), case("list_scatter_computed", lambda x, k: scattered(x, k, 6), X(3, 4), I(0, 4, 3)),
    case("list_scatter_open", lambda x, k: scattered(x, k, -1), X(3, 4), I(0, 7, 3)),
    case("list_scatter_into", scattered_into, X(B, 4), X(3, 4), I(0, 1, 3)), case("list_scatter_known", lambda x, y: scattered_into(x, y, tf.constant([3, 1])), X(5, 4), X(2, 4)),
    case("list_join", joined, X(B, 4), X(3, 4)), case("list_concat", lambda x: list_ops.tensor_list_concat(list_ops.tensor_list_from_tensor(x, x.shape[1:]), tf.float32, x.shape[1:]), X(B, 2, 3)), case("list_lengths", lengths_of, X(B, 2, 3)), case("list_split", split, X(6, 4)),
    case("list_element_shape", lambda x: list_ops.tensor_list_element_shape(list_ops.tensor_list_from_tensor(x, x.shape[1:]), tf.int64), X(B, 2, 3)),
    case("list_gather", lambda x, k: list_ops.tensor_list_gather(list_ops.tensor_list_from_tensor(x, [3]), k, tf.float32), X(4, 3), I(0, 4, 5)),
    case("list_unwritten", lambda x: tf.abs(x) + list_ops.tensor_list_get_item(list_ops.tensor_list_reserve([3], 4, tf.float32), 2, tf.float32), X(B, 3)),
    case("tf1_array_loop", tf1_recurrence, X(B, 5, 3)), case("tf1_array_parts", tf1_parts, X(6, 4)),
]
