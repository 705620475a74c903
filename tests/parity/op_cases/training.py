"""What models that train on the device need: optimisers' steps, gradients of layers; cells of recurrent layers that are one op."""

import inspect

import tensorflow as tf
from tensorflow.compiler.tf2xla.python import xla

from .table import B, I, P, U, W, X, case

raw = tf.raw_ops


def variables(*names_and_values):
    return lambda: [tf.Variable(v) for v in names_and_values]


START, ZEROS, ONES = [0.5, -1.0, 2.0], [0.0, 0.0, 0.0], [0.1, 0.2, 0.3]


def step(op, count, *numbers, **options):
    """One step of an optimiser, and its variables after it; the gradient comes last, or where `numbers` has None."""
    def run(state, g):
        names = [a for a in op_arguments(op) if a not in options and a != "name" and not a.startswith("use_") and a != "update_slots"]
        given = [v.handle for v in state[:count]] + [g if n is None else n for n in numbers]
        op(**dict(zip(names, given)), **options)
        return [tf.identity(v) for v in state[:count]]
    return run


def op_arguments(op):
    return inspect.signature(op).parameters


G = X(3)
THREE = variables(START, ZEROS, ONES)


def optimizer(name, run):
    return case(f"optimizer_{name}", run, G, state=THREE)


OPTIMIZERS = [
    optimizer("descent", step(raw.ResourceApplyGradientDescent, 1, 0.1, None)),
    *(optimizer(f"momentum{'_nesterov' if n else ''}", step(raw.ResourceApplyMomentum, 2, 0.1, None, 0.9, use_nesterov=n)) for n in (False, True)),
    *(optimizer(f"keras_momentum{'_nesterov' if n else ''}", step(raw.ResourceApplyKerasMomentum, 2, 0.1, None, 0.9, use_nesterov=n)) for n in (False, True)),
    *(optimizer(f"adam{'_nesterov' if n else ''}", step(raw.ResourceApplyAdam, 3, 0.81, 0.99, 0.1, 0.9, 0.99, 1e-7, None, use_nesterov=n)) for n in (False, True)),
    optimizer("adamax", step(raw.ResourceApplyAdaMax, 3, 0.81, 0.1, 0.9, 0.99, 1e-7, None)),
    optimizer("rms", step(raw.ResourceApplyRMSProp, 3, 0.1, 0.9, 0.5, 1e-3, None)),
    optimizer("adagrad", lambda state, g: step(raw.ResourceApplyAdagrad, 2, 0.1, None)([state[0], state[2]], g)),
    optimizer("adagrad_v2", lambda state, g: step(raw.ResourceApplyAdagradV2, 2, 0.1, 1e-3, None)([state[0], state[2]], g)),
    optimizer("adadelta", step(raw.ResourceApplyAdadelta, 3, 0.1, 0.9, 1e-3, None)),
]

LSTM = [X(B, 3), X(B, 4), U(B, 4)]
PEEPHOLES = dict(wci=W(4), wcf=W(4, seed=1), wco=W(4, seed=2))
LSTM_WEIGHTS = dict(w=W(7, 16), b=W(16), **PEEPHOLES)
CELLS = [
    case("lstm_block_cell", lambda x, c, h: list(raw.LSTMBlockCell(x=x, cs_prev=c, h_prev=h, forget_bias=0.5, **LSTM_WEIGHTS)), *LSTM),
    case("lstm_block_cell_peephole", lambda x, c, h: list(raw.LSTMBlockCell(x=x, cs_prev=c, h_prev=h, cell_clip=0.4, use_peephole=True, **LSTM_WEIGHTS)), *LSTM),
    case("lstm_block", lambda x, c, h: list(raw.BlockLSTM(seq_len_max=tf.constant(4, tf.int64), x=x, cs_prev=c, h_prev=h, **LSTM_WEIGHTS))[1::5], X(5, B, 3), *LSTM[1:]),
    case("lstm_block_v2", lambda x, c, h: raw.BlockLSTMV2(seq_len_max=tf.constant(5, tf.int64), x=x, cs_prev=c, h_prev=h, **LSTM_WEIGHTS).h, X(5, B, 3), *LSTM[1:]),
    case("gru_block_cell", lambda x, h: list(raw.GRUBlockCell(x=x, h_prev=h, w_ru=W(7, 8), w_c=W(7, 4), b_ru=W(8), b_c=W(4))), X(B, 3), U(B, 4)),
]

def gradients(fn):
    """Of the sum of fn's squares, by each argument."""
    return lambda x, *more: tf.gradients(tf.reduce_sum(fn(x, *more) ** 2), [x, *more])


IMAGE = X(2, 6, 7, 3)
GRADIENTS = [
    case("gradient_conv", lambda x, w: gradients(lambda x, w: tf.nn.relu(tf.nn.conv2d(x, w, 2, "SAME")))(x, w), IMAGE, X(3, 3, 3, 4)),
    case("gradient_conv_dilated", lambda x, w: gradients(lambda x, w: tf.nn.conv2d(x, w, 1, "VALID", dilations=2))(x, w)[1], X(B, 6, 7, 3), X(2, 3, 3, 4)),
    case("gradient_max_pool", lambda x: gradients(lambda x: tf.nn.max_pool2d(tf.nn.relu(x), 2, 2, "VALID"))(x), IMAGE),
    case("gradient_max_pool_overlap", lambda x: gradients(lambda x: tf.nn.max_pool2d(x, 3, 2, "SAME"))(x), X(B, 6, 7, 3)),
    case("gradient_avg_pool", lambda x: gradients(lambda x: tf.nn.avg_pool2d(x, 3, 2, "SAME"))(x), X(B, 6, 7, 3)),
    case("gradient_bias", lambda x, b: gradients(tf.nn.bias_add)(x, b), X(B, 6, 3), X(3)),
    case("gradient_norm", lambda x, g: tf.gradients(tf.reduce_sum(tf.compat.v1.nn.fused_batch_norm(x, g, g)[0] ** 3), [x, g]), IMAGE, P(3)),
    case("gradient_norm_inference", lambda x, g: tf.gradients(tf.reduce_sum(tf.compat.v1.nn.fused_batch_norm(x, g, g, g, g, is_training=False)[0] ** 2), [x, g]), IMAGE, P(3)),
    case("gradient_slice", lambda x: gradients(lambda x: x[:, 1:5:2, tf.newaxis, ..., 1] + x[:, 2:0:-1, tf.newaxis, ..., 0])(x), X(B, 6, 3, 2)),
    case("gradient_dense", lambda x, w: (lambda logits: tf.gradients(tf.nn.sparse_softmax_cross_entropy_with_logits([1, 0], logits), [x, w]))(x @ w), X(2, 4), X(4, 3)),
    case("gradient_mixed", lambda x: gradients(lambda x: tf.nn.softmax(tf.gather(x[:, 1:3], [0, 1], axis=1)) * tf.concat([x[:, :1], x[:, 2:3]], 1) + tf.tile(x[:, :1], [1, 2]))(x), X(B, 4)),
]

SMALL = [
    case("approx_max_k", lambda x: list(tf.math.approx_max_k(x, 3)), X(B, 9)),
    case("format_permute", lambda x: [raw.DataFormatVecPermute(x=x, src_format="NHWC", dst_format="NCHW"), raw.DataFormatVecPermute(x=x[1:3])], I(0, 9, 4)),
    case("format_map", lambda x: raw.DataFormatDimMap(x=x, src_format="NHWC", dst_format="NCHW"), I(-4, 4, 6)),
    case("concat_offset", lambda x: list(raw.ConcatOffset(concat_dim=1, shape=[x, [2, 5, 2], [2, 1, 2]])), I(2, 3, 3)),
    case("xla_dynamic_update", lambda x, u, i: compiled(xla.dynamic_update_slice)(x, u, i), X(5, 3), X(2, 2), I(-1, 6, 2)),
    case("xla_dynamic_slice", lambda x, i: compiled(lambda x, i: xla.dynamic_slice(x, i, [2, 2]))(x, i), X(5, 3), I(-1, 6, 2)),
    case("inplace_add", lambda x, i, v: raw.InplaceAdd(x=x + 1, i=i, v=v), X(5, 3), I(0, 5, 1), X(1, 3)),
    case("inplace_update", lambda x, i, v: raw.InplaceUpdate(x=x + 1, i=i, v=v), X(5, 3), I(0, 5, 1), X(1, 3)),
    case("tridiagonal_matmul", lambda u, m, l, x: raw.TridiagonalMatMul(superdiag=u, maindiag=m, subdiag=l, rhs=x), X(B, 1, 4), X(B, 1, 4), X(B, 1, 4), X(B, 4, 3)),
    case("print_v2", lambda x: printed(x), X(B, 3)),
]


def compiled(fn):
    return tf.function(fn, jit_compile=True, autograph=False)


def printed(x):
    tf.print("x is", x)
    return x * 2


CASES = [*OPTIMIZERS, *CELLS, *GRADIENTS, *SMALL]
