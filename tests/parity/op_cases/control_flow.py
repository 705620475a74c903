"""Branches and loops of tf.function: If, Case, While, in each other, with constants, captured values and changing shapes."""

import tensorflow as tf

from .table import B, I, S, W, X, case


def loop(n, body, *init):
    """body(i, *state) -> state, n times; n may be a tensor."""
    return tf.while_loop(lambda i, *s: i < n, lambda i, *s: (i + 1, *body(i, *s)), [tf.constant(0), *init])[1:]


def positive(x):
    return tf.reduce_sum(x) > 0


def fibonacci(n):
    return tf.while_loop(lambda i, a, b: i < n[0], lambda i, a, b: (i + 1, b, a + b), [0, 0, 1])[1]


def collatz(n):
    """Steps until 1, a branch inside of a loop."""
    def body(k, steps):
        return tf.cond(k % 2 == 0, lambda: k // 2, lambda: 3 * k + 1), steps + 1
    return tf.while_loop(lambda k, _: k > 1, body, [n[0], 0])[1]


def nested_loops(x, n):
    def outer(i, acc):
        return loop(i + 1, lambda j, a: (a * 0.5 + x * tf.cast(j, tf.float32),), acc)
    return loop(n[0], outer, x)[0]


def newton(x):
    """Until all rows have converged: a condition on data."""
    start = tf.ones_like(x)
    def body(y, i):
        return (y + (x * x + 1) / y) / 2, i + 1
    return tf.while_loop(lambda y, i: tf.logical_and(tf.reduce_max(tf.abs(y * y - x * x - 1)) > 1e-3, i < 20), body, [start, 0])[0]


def growing(x):
    """The second dimension grows in every round."""
    return tf.while_loop(lambda i, y: i < tf.cast(tf.reduce_max(x), tf.int32) + 3, lambda i, y: (i + 1, tf.concat([y, x[:, :1]], 1)), [0, x],
                         shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, None])])[1]


def swapped(x, n):
    a, b = loop(n[0], lambda i, p, q: (q, p), x, x * 2)
    return [a, b]


def same_twice(x, n):
    a, b = loop(n[0], lambda i, p, q: (p + 1, p + 1), x, x)
    return [a, b]


def growing_twice(x, n):
    def body(i, p, q):
        y = tf.concat([p, q[:, :1] + 1], 1)
        return i + 1, y, y
    shape = tf.TensorShape([None, None])
    return list(tf.while_loop(lambda i, p, q: i < n[0], body, [0, x, x * 2], shape_invariants=[tf.TensorShape([]), shape, shape])[1:])


def decoder(x, n):
    """Two caches that grow together, as keys and values of attention do."""
    def body(i, keys, values, y):
        keys, values = tf.concat([keys, y[:, None] * 0.5], 1), tf.concat([values, y[:, None]], 1)
        weights = tf.nn.softmax(tf.matmul(y[:, None], keys, transpose_b=True))
        return i + 1, keys, values, tf.matmul(weights, values)[:, 0]
    cache = tf.TensorShape([None, None, 4])
    return tf.while_loop(lambda i, *_: i < n[0], body, [0, x[:, None], x[:, None] + 1, x],
                         shape_invariants=[tf.TensorShape([]), cache, cache, tf.TensorShape([None, 4])])[3]


def constant_result(x, n):
    a, b = loop(n[0], lambda i, p, q: (p * 2, tf.fill([3], 7.0)), x, tf.zeros([3]))
    return [a, b]


def switch(x, k):
    return tf.switch_case(k[0], [lambda: x, lambda: x * 2, lambda: tf.nn.relu(x) - 1])


def switch_beyond(x, k):
    return tf.switch_case(k[0], {0: lambda: x, 1: lambda: x + 3}, default=lambda: -x)


def dense_in_loop(x, n):
    """Weights are captured; the product with them does not depend on the round."""
    w, b = W(5, 5), W(5)
    return loop(n[0], lambda i, s: (tf.tanh(s @ w + x @ w + b),), tf.zeros_like(x))[0]


def early_exit(x):
    """A Python-level break, as autograph writes it."""
    total, i, done = tf.constant(0.0), 0, False
    total, _, _ = tf.while_loop(lambda t, k, d: tf.logical_and(k < 8, tf.logical_not(d)),
                                lambda t, k, d: (t + tf.reduce_sum(x), k + 1, t > 5.0), [total, i, done])
    return total


CASES = [
    case("cond_strings_passed", lambda x, s, t: tf.cond(positive(x), lambda: (s, t), lambda: (t, s)), X(3), S(2), S(2)),
    case("cond_strings_constant", lambda x: tf.cond(positive(x), lambda: tf.constant(["yes", "y"]), lambda: tf.constant(["no", "n"])), X(3)),
    case("cond_strings_mixed", lambda x, s: tf.cond(positive(x), lambda: (s, 1.0), lambda: (tf.constant(["no", "n"]), 2.0)), X(3), S(2)),
    case("while_random", lambda x: tf.while_loop(lambda t, x: t < 3, lambda t, x: (t + 1, x + tf.random.stateless_uniform([4], [1, 2])), [0, x])[1], X(B, 4)),
    case("while_strings", lambda n, s: loop(n[0], lambda i, a: (tf.constant(["no", "n"]),), s), I(1, 4, 1), S(2)),
    case("cond", lambda x: tf.cond(positive(x), lambda: x * 2, lambda: x - 1), X(B, 4)),
    case("cond_pass", lambda x, y: tf.cond(positive(x), lambda: x, lambda: y), X(B, 4), X(B, 4)),
    case("cond_constants", lambda x: tf.cond(positive(x), lambda: tf.constant([1.0, 2.0]), lambda: tf.constant([3.0, 4.0])) + x[:, :2], X(B, 4)),
    case("cond_several", lambda x: list(tf.cond(positive(x), lambda: (x, x, tf.shape(x)[0]), lambda: (x + 1, x * x, tf.constant(9)))), X(B, 4)),
    case("cond_shapes", lambda x: tf.cond(positive(x), lambda: x[:, :2], lambda: x[:, :3]), X(B, 4)),
    case("cond_number", lambda x, n: tf.raw_ops.If(cond=n[0], input=[x], Tout=[tf.float32], then_branch=tf.function(lambda v: v + 1).get_concrete_function(tf.TensorSpec([2, 3])),
                                                   else_branch=tf.function(lambda v: v * 3).get_concrete_function(tf.TensorSpec([2, 3])))[0], X(2, 3), I(0, 2, 1)),
    case("cond_nested", lambda x: tf.cond(positive(x), lambda: tf.cond(positive(x[:, 1:]), lambda: x, lambda: -x), lambda: x * 3), X(B, 4)),
    case("cond_known", lambda x: tf.cond(tf.constant(4) > 3, lambda: x + 1, lambda: tf.linalg.expm(x)), X(B, 3, 3)),
    case("cond_bool", lambda x, k: tf.cond(k[0] > 1, lambda: x > 0, lambda: x < 0), X(B, 4), I(0, 4, 1)),
    case("switch", switch, X(B, 4), I(0, 4, 1)), case("switch_beyond", switch_beyond, X(B, 4), I(-1, 5, 1)),
    case("while_count", fibonacci, I(0, 12, 1)), case("while_branch", collatz, I(1, 9, 1)),
    case("while_nested", nested_loops, X(B, 3), I(0, 4, 1)), case("while_data", newton, X(B, 3)),
    case("while_growing", growing, X(B, 3)), case("while_swapped", swapped, X(B, 3), I(0, 5, 1)),
    case("while_decoder", decoder, X(B, 4), I(1, 5, 1)),
    case("while_growing_twice", growing_twice, X(B, 3), I(0, 5, 1)), case("while_same_twice", same_twice, X(B, 3), I(0, 5, 1)), case("while_constant", constant_result, X(B, 3), I(0, 3, 1)),
    case("while_dense", dense_in_loop, X(B, 5), I(0, 5, 1)), case("while_exit", early_exit, X(B, 3)),
    case("while_unrolled", lambda x: loop(4, lambda i, s: (s * 0.5 + tf.cast(i, tf.float32),), x)[0], X(B, 3)),
    case("while_never", lambda x: loop(0, lambda i, s: (s + 1,), x)[0], X(B, 3)),
    case("while_hundred", lambda x: loop(100, lambda i, s: (tf.sin(s) + x,), x)[0], X(B, 3)),
    case("while_bool", lambda x, n: tf.cast(loop(n[0], lambda i, s: (tf.logical_not(s),), x > 0)[0], tf.int32), X(B, 3), I(0, 5, 1)),
]
