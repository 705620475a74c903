"""NaN, infinities, zeros with signs, the largest and smallest numbers. Named OPERATOR/specials."""

import numpy as np

from . import elementwise, layers, movers, of, reductions
from .random_parts import Case

POOL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.5, 3e38, -3e38, 1e-30, 1e-40, 1e10, -7.5)
MAKERS = {**{name: elementwise.unary for name in elementwise.UNARY if "float32" in elementwise.UNARY[name][0]}, **{name: elementwise.comparison for name in elementwise.COMPARING},
          **{name: elementwise.arithmetic for name in ("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "ATAN2")}, "LEAKY_RELU": elementwise.leaky_relu,
          "PRELU": elementwise.prelu, **{name: reductions.reduction for name in ("SUM", "MEAN", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD")}, "SOFTMAX": reductions.normalised,
          "MAX_POOL_2D": layers.pool, "AVERAGE_POOL_2D": layers.pool, "SELECT_V2": elementwise.select_v2, "GATHER": movers.gather, "CAST": elementwise.cast}


@of(*(f"{name}/specials" for name in MAKERS))
def specials(r, op):
    """The maker's case, whose float32 operands get other values."""
    name = op.split("/")[0]
    for _ in range(50):
        case = MAKERS[name](r, name)
        if case.operands[0][0].dtype == "float32" and (name != "CAST" or case.outputs[0] in ("float16", "float64", "bool")):  # numbers beyond an integer type's range are undefined
            break
    take = lambda array: r.rng.choice(POOL, array.shape).astype("float32") if array.dtype == "float32" else array
    return Case([(take(array), constant) for array, constant in case.operands], case.outputs, case.options)
