"""What models that train on the device need: optimisers' steps, gradients of layers; cells of recurrent layers that are one op."""

import inspect

import tensorflow as tf

from .table import B, I, U, W, X, case

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

SMALL = [
    case("format_permute", lambda x: [raw.DataFormatVecPermute(x=x, src_format="NHWC", dst_format="NCHW"), raw.DataFormatVecPermute(x=x[1:3])], I(0, 9, 4)),
    case("format_map", lambda x: raw.DataFormatDimMap(x=x, src_format="NHWC", dst_format="NCHW"), I(-4, 4, 6)),
    case("concat_offset", lambda x: list(raw.ConcatOffset(concat_dim=1, shape=[x, [2, 5, 2], [2, 1, 2]])), I(2, 3, 3)),
    case("inplace_add", lambda x, i, v: raw.InplaceAdd(x=x + 1, i=i, v=v), X(5, 3), I(0, 5, 1), X(1, 3)),
    case("inplace_update", lambda x, i, v: raw.InplaceUpdate(x=x + 1, i=i, v=v), X(5, 3), I(0, 5, 1), X(1, 3)),
    case("tridiagonal_matmul", lambda u, m, l, x: raw.TridiagonalMatMul(superdiag=u, maindiag=m, subdiag=l, rhs=x), X(B, 1, 4), X(B, 1, 4), X(B, 1, 4), X(B, 4, 3)),
    case("print_v2", lambda x: printed(x), X(B, 3)),
]


def printed(x):
    tf.print("x is", x)
    return x * 2


CASES = [*OPTIMIZERS, *CELLS, *SMALL]
