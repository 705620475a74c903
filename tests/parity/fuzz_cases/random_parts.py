"""What random cases are made of: shapes, values, options."""

import dataclasses

import numpy as np
from ai_edge_litert import schema_py_generated as schema

ACTIVATION = schema.ActivationFunctionType
FUSED = (ACTIVATION.NONE, ACTIVATION.NONE, ACTIVATION.RELU, ACTIVATION.RELU6, ACTIVATION.RELU_N1_TO_1)
PADDING = (schema.Padding.SAME, schema.Padding.VALID)
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32")


@dataclasses.dataclass
class Case:
    operands: list       # [(array, is it constant)]
    outputs: list        # types of the results
    options: object = None
    quantization: dict = dataclasses.field(default_factory=dict)  # as one_op.build takes it
    custom: tuple = None  # as one_op.build takes it
    bodies: tuple = ()
    sparsity: dict = None
    name: str = None      # the operator, where the maker's name says something else
    shapes: list = None   # of the results, where the file alone tells them

    def __str__(self):
        parts = [f"{a.dtype}{list(a.shape)}" + (f"={a.tolist()}" if a.dtype.kind in "iu" and a.size <= 8 else "") + ("c" if c else "") for a, c in self.operands]
        text = ", ".join(f"{k}={v}" for k, v in vars(self.options).items()) if self.options else ""
        return f"({', '.join(parts)}) -> {self.outputs} {text} {self.quantization or ''}".rstrip()


def options(kind, **members):
    made = getattr(schema, kind + "OptionsT")()
    for name, value in members.items():
        setattr(made, name, value)
    return made


class Random:
    def __init__(self, *seed):
        self.rng = np.random.default_rng(seed)

    def pick(self, choices):
        return choices[int(self.rng.integers(len(choices)))]

    def chance(self, p):
        return bool(self.rng.random() < p)

    def number(self, low, high):
        """low and high included"""
        return int(self.rng.integers(low, high, endpoint=True))

    def dim(self, empty=0.04, most=6):
        if self.chance(empty):
            return 0
        return 1 if self.chance(0.2) else self.number(1, most)

    def shape(self, low=0, high=4, empty=0.04, most=6):
        return [self.dim(empty, most) for _ in range(self.number(low, high))]

    def values(self, dtype, shape, low=-8, high=8):
        dtype = np.dtype(dtype)
        if dtype.kind == "O":
            return self.texts(shape)
        if dtype.kind == "b":
            return self.rng.random(shape) < 0.5
        if dtype.kind == "c":
            return (self.rng.normal(0, 3, shape) + 1j * self.rng.normal(0, 3, shape)).astype(dtype)
        if dtype.kind in "iu":
            low = max(low, 0) if dtype.kind == "u" else low
            return self.rng.integers(low, high, shape, endpoint=True).astype(dtype)
        drawn = self.rng.uniform(low, high, shape)
        return (np.round(drawn * 2) / 2 if self.chance(0.2) else drawn).astype(dtype)

    def texts(self, shape):
        """Strings of 0 to 5 bytes, without zeros at the end: arrays of .npz files cannot hold those."""
        made = np.empty(shape, object)
        for i in range(made.size):
            made.reshape(-1)[i] = bytes(self.rng.choice(list(b"abc \xc3\xa9"), self.number(0, 5)).astype("uint8"))
        return made

    def all_values(self, dtype, shape):
        """The whole range of an integer type."""
        info = np.iinfo(dtype)
        return self.rng.integers(info.min, info.max, shape, endpoint=True, dtype=dtype)

    def constant(self, p=0.5):
        return self.chance(p)

    def amounts(self, array, dtypes=("int32",), p=0.6):
        """An operand of sizes or indices: often a constant."""
        return np.array(array, self.pick(dtypes)), self.constant(p)

    def broadcast_to(self, shape):
        """A shape that broadcasts to `shape`."""
        out = [1 if self.chance(0.25) else d for d in shape]
        return out[self.number(0, len(out)):] if self.chance(0.3) else out

    def axis(self, rank):
        return self.number(-rank, rank - 1)
