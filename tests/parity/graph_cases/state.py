"""Variables that a model changes: each step's result depends on the steps before."""

import numpy as np
import tensorflow as tf

from .table import Flag, I, X, graph, module

tf1 = tf.compat.v1
raw = tf.raw_ops


def start(*shape, seed=9):
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


def reference(name, *shape, value=None):
    return tf1.get_variable(name, initializer=start(*shape) if value is None else value, use_resource=False)


@graph(X(2, 3), saved=True)
def ref_counter(x):
    count = reference("count", value=np.float32(1.5))
    return x + tf1.assign_add(count, 1.0)


@graph(X(2, 3), saved=True)
def ref_assign(x):
    last = reference("last", 2, 3)
    before = last * 1.0
    with tf.control_dependencies([before]):
        now = tf1.assign(last, x)
    with tf.control_dependencies([now]):
        return [before, now * 2.0]


@graph(X(2, 3), saved=True)
def ref_untouched_stay_constants(x):
    w, unused = reference("w", 3, 3), reference("total", 2, 3)
    return tf1.assign_sub(unused, tf.matmul(x, w))


@graph(Flag(), X(2, 3), saved=True)
def ref_in_cond(p, x):
    total = reference("total", 2, 3)
    return tf1.cond(p, lambda: tf1.assign_add(total, x) * 1.0, lambda: x - 1.0)


@graph(Flag(), X(2, 3), saved=True)
def ref_from_cond(p, x):
    """Both branches give the reference itself: who reads it later sees what was written since."""
    total = reference("total", 2, 3)
    either = tf1.cond(p, lambda: tf1.assign_add(total, x), lambda: tf1.assign_sub(total, x))
    with tf.control_dependencies([either]):
        later = tf1.assign_add(total, x * x)
    with tf.control_dependencies([later]):
        return either * 1.0


@graph(Flag(), X(2, 3), saved=True)
def ref_written_through_cond(p, x):
    """Only what the conditional gives is written to, which is the variable in either branch."""
    total = reference("total", 2, 3)
    either = tf1.cond(p, lambda: raw.RefIdentity(input=total._ref()), lambda: raw.RefIdentity(input=total._ref()))
    return raw.AssignAdd(ref=either, value=x) * 2.0


@graph(Flag(), X(2, 3), saved=True, refused=("different handles",))
def ref_of_one_or_the_other(p, x):
    a, b = reference("a", 2, 3), reference("b", 2, 3)
    either = tf1.cond(p, lambda: tf1.assign_add(a, x), lambda: tf1.assign_add(b, x))
    return either * 1.0


@graph(Flag(), X(2, 3), saved=True)
def write_in_one_branch(p, x):
    """Only the taken branch may write; its result hangs on a control edge."""
    total = tf1.get_variable("total", initializer=start(2, 3), use_resource=True)

    def write():
        with tf.control_dependencies([total.assign_add(x)]):
            return tf.identity(x)

    y = tf1.cond(p, write, lambda: x * 2.0)
    with tf.control_dependencies([y]):
        return [y, total.read_value()]


@graph(I(0, 5), X(2, 3), saved=True)
def write_in_loop(n, x):
    total = tf1.get_variable("total", initializer=start(2, 3), use_resource=True)

    def body(i):
        with tf.control_dependencies([total.assign_add(x)]):
            return i + 1

    rounds = tf1.while_loop(lambda i: i < n, body, [0])
    with tf.control_dependencies([rounds]):
        return [rounds, total.read_value()]


@graph(Flag(), I(0, 4), X(2, 3), saved=True)
def write_in_cond_in_loop(p, n, x):
    total = tf1.get_variable("total", initializer=start(2, 3), use_resource=True)

    def write(i):
        with tf.control_dependencies([total.assign_sub(x * tf.cast(i, tf.float32))]):
            return tf.constant(2)

    body = lambda i: i + tf1.cond(p, lambda: write(i), lambda: 1)
    rounds = tf1.while_loop(lambda i: i < n, body, [0])
    with tf.control_dependencies([rounds]):
        return [rounds, total.read_value()]


@graph(X(2, 3), saved=True)
def resource_v1(x):
    total, scale = tf1.get_variable("total", initializer=start(2, 3), use_resource=True), tf1.get_variable("scale", initializer=np.float32(2), use_resource=True)
    return total.assign_add(x * scale, read_value=True)


class Counter(tf.Module):
    """Two signatures that share one variable, beside one that only one reads."""

    def __init__(self):
        super().__init__()
        self.total = tf.Variable(start(2, 3))
        self.weight = tf.Variable(start(3, 3))
        self.signatures = {"add": self.add, "get": self.get}

    @tf.function(input_signature=[tf.TensorSpec([2, 3], tf.float32, "x")])
    def add(self, x):
        return {"y": self.total.assign_add(tf.matmul(x, self.weight))}

    @tf.function(input_signature=[tf.TensorSpec([2, 3], tf.float32, "x")])
    def get(self, x):
        return {"y": self.total * 2.0 + x}


@module(X(2, 3), order=("add", "get", "add", "get"))
def shared_variable():
    return Counter()


def one_function(specs, variables, body):
    """A module with one signature: body(variables, *inputs)."""
    made = tf.Module()
    made.variables_ = [tf.Variable(v) for v in variables]
    made.signatures = {"serving_default": tf.function(lambda *inputs: body(made.variables_, *inputs), input_signature=specs, autograph=False)}
    return made


def spec(name, *shape, dtype=tf.float32):
    return tf.TensorSpec(shape, dtype, name)


@module(X(2, 3))
def counter():
    def body(v, x):
        before = v[0].read_value()
        v[0].assign_add(1.0)
        return {"before": before + x, "after": v[0] + 0.0}

    return one_function([spec("x", 2, 3)], [np.float32(3)], body)


@module(X(2, 3))
def counter_int():
    return one_function([spec("x", 2, 3)], [np.int32(3)], lambda v, x: {"y": x + tf.cast(v[0].assign_add(2), tf.float32)})


@module(X(2, 3))
def reads_and_writes():
    """The order of reads and writes of one variable counts."""

    def body(v, x):
        a = v[0] * 1.0
        v[0].assign(x)
        b = v[0] * 1.0
        v[0].assign_sub(a)
        return {"a": a, "b": b, "c": v[0] * 1.0}

    return one_function([spec("x", 2, 3)], [start(2, 3)], body)


def scattering(name, update, rows=X(2, 3), indices=I(0, 5, 2), shape=(5, 3), dtype=np.float32):
    def build():
        def body(v, i, x):
            update(v[0], i, x)
            return {"table": v[0] + 0, "row": tf.gather(v[0], i)}

        first = start(*shape) if dtype is np.float32 else np.arange(np.prod(shape)).reshape(shape).astype(dtype)
        return one_function([spec("i", *indices.shape, dtype=tf.int32), spec("x", *rows.shape, dtype=rows.dtype)], [first], body)

    build.__name__ = name
    module(indices, rows)(build)


distinct = I(0, 1, 2)
for op in ("Add", "Sub", "Mul", "Div", "Min", "Max"):
    scattering(f"resource_scatter_{op.lower()}", lambda v, i, x, op=op: getattr(raw, f"ResourceScatter{op}")(resource=v.handle, indices=i, updates=x))
scattering("resource_scatter_update", lambda v, i, x: raw.ResourceScatterUpdate(resource=v.handle, indices=i, updates=x), I(0, 5, 1, 3, dtype=np.int32), I(0, 5, 1),
           dtype=np.int32)
scattering("resource_scatter_scalar", lambda v, i, x: raw.ResourceScatterAdd(resource=v.handle, indices=i, updates=x), X(), I(0, 5, 2))
for op in ("Update", "Add", "Sub", "Min", "Max"):
    scattering(f"resource_scatter_nd_{op.lower()}", lambda v, i, x, op=op: getattr(raw, f"ResourceScatterNd{op}")(ref=v.handle, indices=i, updates=x),
               X(1, 3), I(0, 5, 1, 1))


@module(X(2, 3))
def strided_slice_assign():
    def body(v, x):
        v[0][1:3, ::2].assign(x[:, :2])
        return {"y": v[0] + 0.0}

    return one_function([spec("x", 2, 3)], [start(4, 4)], body)


@module(X(2, 3))
def variable_shape():
    def body(v, x):
        v[0].assign(x)
        return {"shape": raw.VariableShape(input=v[0].handle, out_type=tf.int32), "there": raw.VarIsInitializedOp(resource=v[0].handle)}

    return one_function([spec("x", 2, 3)], [start(2, 3)], body)


@module(I(0, 5), X(2, 3))
def state_in_while_v2():
    def body(v, n, x):
        def step(i):
            v[0].assign_add(x)
            return (i + 1,)

        rounds = tf.while_loop(lambda i: i < n, step, (tf.constant(0),))[0]
        return {"rounds": rounds, "total": v[0] + 0.0}

    return one_function([spec("n", dtype=tf.int32), spec("x", 2, 3)], [start(2, 3)], body)


@module(Flag(), X(2, 3))
def state_in_if_v2():
    def body(v, p, x):
        y = tf.cond(p, lambda: v[0].assign_add(x), lambda: v[0].assign(x))
        return {"y": y, "total": v[0] + 0.0}

    return one_function([spec("p", dtype=tf.bool), spec("x", 2, 3)], [start(2, 3)], body)
