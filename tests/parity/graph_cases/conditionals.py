"""TF1 conditionals: Switch and Merge, as tf.cond and tf.case make them without control flow v2, and by hand."""

import tensorflow as tf

from .table import Bits, Flag, I, X, graph

tf1 = tf.compat.v1
raw = tf.raw_ops


@graph(Flag(), X(2, 3))
def cond(p, x):
    return tf1.cond(p, lambda: x * 2.0 + 1.0, lambda: tf.exp(x))


@graph(Flag(), X(2, 3), X(2, 3))
def cond_several_outputs(p, x, y):
    return list(tf1.cond(p, lambda: (x + y, y, tf.constant(3)), lambda: (x - y, x, tf.constant(5))))


@graph(Flag(), X(2, 3))
def cond_identity(p, x):
    return tf1.cond(p, lambda: x, lambda: -x)


@graph(Flag(), X(2, 3), X(2, 3))
def cond_selects(p, x, y):
    return tf1.cond(p, lambda: x, lambda: y)


@graph(Bits(1), Bits(2), X(2, 3))
def cond_in_cond(p, q, x):
    y = x * 0.5
    inner = lambda: tf1.cond(q, lambda: x + y, lambda: x * y)
    return tf1.cond(p, lambda: inner() + 1.0, lambda: tf1.cond(q, lambda: y, inner))


@graph(Flag(), X(2, 3))
def cond_same_predicate_inside(p, x):
    return tf1.cond(p, lambda: tf1.cond(p, lambda: x + 1.0, lambda: x - 1.0), lambda: x * 3.0)


@graph(Flag(), X(2, 3))
def conds_in_a_row(p, x):
    for i in range(5):
        x = tf1.cond(p, lambda x=x: tf.tanh(x) * 3.0, lambda x=x: x * 0.5 + i)
    return x


@graph(Flag(), X(2, 3))
def conds_share_switches(p, x):
    """Two conditionals that an optimiser has merged as far as it could: one Switch, one computation in the branch."""
    off, on = raw.Switch(data=x, pred=p)
    shared = tf.exp(on)
    first = raw.Merge(inputs=[off, shared])[0]
    again_off, again_on = raw.Switch(data=first * 2.0, pred=p)
    second = raw.Merge(inputs=[again_off - 1.0, again_on + 1.0])[0]
    return [first, second]


@graph(Flag(), Flag(False), X(2, 3), steps=4)
def conds_independent(p, q, x):
    return [tf1.cond(p, lambda: x + 1.0, lambda: x), tf1.cond(q, lambda: x * 2.0, lambda: -x)]


@graph(I(-3, 3), X(4))
def case(n, x):
    return tf1.case([(n < -1, lambda: x), (n < 0, lambda: x * 2.0), (n < 2, lambda: x * 3.0)], default=lambda: x * 4.0)


@graph(I(-3, 3), X(4))
def case_exclusive(n, x):
    return tf1.case([(tf.less(n, -1), lambda: x), (tf.greater(n, 0), lambda: x * 2.0)], default=lambda: x * 4.0, exclusive=True)


@graph(I(-1, 4), X(4))
def switch_case(n, x):
    return tf1.switch_case(n, [lambda: x, lambda: x * 2.0, lambda: x * 3.0])


@graph(Bits(1), Bits(2), X(2, 3))
def merge_of_three(p, q, x):
    off, on = raw.Switch(data=x, pred=p)
    on_off, on_on = raw.Switch(data=on, pred=q)
    value, index = raw.Merge(inputs=[tf.exp(on_on), off * 3.0, on_off - 1.0])
    return [value, index]


@graph(Flag(), X(2, 3))
def merge_index(p, x):
    off, on = raw.Switch(data=x, pred=p)
    value, index = raw.Merge(inputs=[on + 1.0, off * 2.0])
    return [value, index]


@graph(Flag(), X(2, 3))
def switch_other_side_unused(p, x):
    off, on = raw.Switch(data=x, pred=p)
    _, other = raw.Switch(data=x + 1.0, pred=p)
    return raw.Merge(inputs=[tf.negative(off), on + other])[0]


@graph(X(2, 3))
def learning_phase(x):
    """Must fold away: the placeholder's default is false."""
    phase = tf1.placeholder_with_default(False, [], "learning_phase")
    return tf1.cond(phase, lambda: tf.nn.dropout(x, rate=0.5), lambda: x * 1.0)


@graph(X(2, 4, 4, 3))
def batch_norm_phase(x):
    phase = tf1.placeholder_with_default(False, [], "keras_learning_phase")
    mean, variance = tf.nn.moments(x, [0, 1, 2])
    m = tf1.cond(phase, lambda: mean, lambda: tf.constant([0.1, 0.2, 0.3]))
    v = tf1.cond(phase, lambda: variance, lambda: tf.constant([1.1, 1.2, 1.3]))
    return tf.nn.batch_normalization(x, m, v, tf.constant([0.5, 0.4, 0.3]), tf.constant([1.0, 2.0, 3.0]), 1e-3)


@graph(X(2, 3))
def asserted(x):
    """tf.Assert is a cond whose branches do nothing but that."""
    with tf.control_dependencies([tf1.Assert(tf.reduce_all(x < 100.0), [x]), tf1.assert_equal(tf.shape(x)[1], 3)]):
        return tf.identity(x * 2.0)


@graph(Flag(), X(None, 3))
def cond_unknown_batch(p, x):
    return tf1.cond(p, lambda: x + tf.reduce_sum(x, 1, keepdims=True), lambda: x)


@graph(Flag(), X(2, 3), refused=("exists only when", "'p' is true"))
def dead_output(p, x):
    return raw.Switch(data=x, pred=p)[1] + 1.0


@graph(Bits(1), Bits(2), X(2, 3), refused=("unrelated conditions",))
def unrelated_branches(p, q, x):
    a, b = raw.Switch(data=x, pred=p), raw.Switch(data=x, pred=q)
    both = a[1] + b[1]
    return raw.Merge(inputs=[a[0], both])[0]
