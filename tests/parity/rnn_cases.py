"""Cases of rnn_kernels.py: random operators of each form."""

import dataclasses

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from support import one_op

ACTIVATION = schema.ActivationFunctionType
VARIABLE = one_op.VARIABLE


@dataclasses.dataclass
class Case:
    content: bytes
    inputs: list      # (shape, dtype) of each
    text: str         # what it is, for messages
    results: int = 1
    hybrid: bool = False
    steps: int = 0    # that integers may differ by
    threads: int = 1


def inputs(rng, spec, count):
    shape, dtype = spec
    if dtype == "float32":
        array = rng.normal(0, 1, (count, *shape)).astype(dtype)
        array[rng.random(count) < 0.1] = 0  # all zero
        return array
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, (count, *shape), endpoint=True).astype(dtype)


def pick(rng, *choices):
    return choices[rng.integers(len(choices))]


def maybe(rng):
    return bool(rng.integers(2))


def options(kind, **members):
    made = getattr(schema, kind + "OptionsT")()
    for name, value in members.items():
        setattr(made, name, value)
    return made


class Operands:
    """Collects operands with their quantisation."""

    def __init__(self, rng, weights="float32"):
        self.rng, self.weights, self.list, self.quantization = rng, weights, [], {}

    def add(self, array, constant=True, quant=None):
        if quant is not None:
            self.quantization[len(self.list)] = quant
        self.list.append(None if array is None else (array, constant))

    def matrix(self, *shape, wanted=True, kind=None):
        """Weights: floats, or int8 with a scale."""
        if not wanted:
            return self.add(None)
        kind = kind or self.weights
        values = self.rng.normal(0, 0.5, shape) / np.sqrt(max(1, shape[-1]) if len(shape) > 1 else 1)
        if kind == "float32":
            return self.add(values.astype("float32"))
        scale = float(np.float32(max(np.abs(values).max(initial=0), 1e-3) / 127))
        return self.add(np.clip(np.round(values / scale), -127, 127).astype("int8").astype(kind), quant=([scale], [0], 0))

    def vector(self, n, wanted=True):
        self.add(self.rng.normal(0, 0.5, n).astype("float32") if wanted else None)

    def state(self, *shape, dtype="float32", quant=None):
        self.add(np.zeros(shape, dtype), VARIABLE, quant)


def sizes(rng):
    """batch, time, inputs, cells"""
    return int(rng.integers(1, 5)), int(rng.integers(1, 6)), int(rng.integers(1, 20)), int(rng.integers(1, 40))


@dataclasses.dataclass
class Lstm:
    """One direction's features."""
    batch: int
    inputs: int
    cells: int
    outputs: int
    cifg: bool
    peephole: bool
    projection: bool
    projection_bias: bool
    norm: bool
    diagonal: bool = False
    aux: int = 0

    def operands(self, to):
        gates = [not self.cifg, True, True, True]
        for wanted in gates:
            to.matrix(self.cells, self.inputs, wanted=wanted)
        for wanted in gates:
            if self.diagonal:
                to.matrix(self.cells, wanted=wanted, kind="float32")
            else:
                to.matrix(self.cells, self.outputs, wanted=wanted)
        for wanted in (not self.cifg, True, True):
            to.matrix(self.cells, wanted=wanted and self.peephole)
        for wanted in gates:
            to.vector(self.cells, wanted=wanted)
        to.matrix(self.outputs, self.cells, wanted=self.projection)
        to.vector(self.outputs, wanted=self.projection_bias)

    def states(self, to):
        to.state(self.batch, self.outputs)
        to.state(self.batch, self.cells)

    def norms(self, to):
        for wanted in (not self.cifg, True, True, True):
            to.vector(self.cells, wanted=wanted and self.norm)

    def aux_weights(self, to):
        for wanted in (not self.cifg, True, True, True):
            to.matrix(self.cells, self.aux, wanted=wanted and self.aux != 0)


def random_lstm(rng, batch, inputs_, cells, norm=True, diagonal=False):
    projection = maybe(rng)
    outputs = int(rng.integers(1, cells + 1)) if projection else cells  # LiteRT goes beyond its scratch memory with more outputs than cells
    return Lstm(batch, inputs_, cells, outputs, maybe(rng), maybe(rng), projection, projection and maybe(rng), norm and maybe(rng), diagonal and not projection and maybe(rng))


def clips(rng):
    return {"cellClip": pick(rng, 0.0, 0.0, 0.7), "projClip": pick(rng, 0.0, 0.0, 0.4)}


def activation(rng, *more):
    """LSTM: without NONE, with which LiteRT leaves in its gates what was there before."""
    return pick(rng, *[ACTIVATION.TANH] * 3, ACTIVATION.RELU, ACTIVATION.RELU6, ACTIVATION.RELU_N1_TO_1, *more)


def built(name, made, to, results, inputs_, text, version=1, **more):
    content = one_op.build(name, made, to.list, results if len(results) > 1 else results[0], version, to.quantization)
    return Case(content, inputs_, text, results=len(results), hybrid=to.weights != "float32", **more)


def sequence_lstm(rng, weights="float32", asymmetric=False):
    batch, time, n, cells = sizes(rng)
    cell = random_lstm(rng, batch, n, cells, diagonal=True)
    time_major = maybe(rng)
    made = options("UnidirectionalSequenceLSTM", fusedActivationFunction=activation(rng), timeMajor=time_major, asymmetricQuantizeInputs=asymmetric,
                   diagonalRecurrentTensors=cell.diagonal, **clips(rng))
    shape = (time, batch, n) if time_major else (batch, time, n)
    to = Operands(rng, weights)
    to.add(np.zeros(shape, "float32"), False)
    cell.operands(to), cell.states(to)
    if cell.norm or maybe(rng):
        cell.norms(to)
    return built("UNIDIRECTIONAL_SEQUENCE_LSTM", made, to, [np.zeros((*shape[:2], cell.outputs), "float32")], [(shape, "float32")],
                 f"{cell} time {time} time_major {time_major}", 4, threads=int(rng.integers(1, 3)))


def lstm(rng, weights="float32", asymmetric=False):
    batch, _, n, cells = sizes(rng)
    cell = random_lstm(rng, batch, n, cells)
    made = options("LSTM", fusedActivationFunction=activation(rng), kernelType=schema.LSTMKernelType.FULL, asymmetricQuantizeInputs=asymmetric, **clips(rng))
    to = Operands(rng, weights)
    to.add(np.zeros((batch, n), "float32"), False)
    cell.operands(to), cell.states(to)
    if cell.norm or maybe(rng):
        cell.norms(to)
    return built("LSTM", made, to, [np.zeros((batch, cell.outputs), "float32")], [((batch, n), "float32")], f"{cell}", 4)


def bidirectional_lstm(rng, weights="float32", asymmetric=False):
    batch, time, n, cells = sizes(rng)
    time_major, merge, aux = maybe(rng), maybe(rng), pick(rng, "none", "input", "weights")
    forwards = random_lstm(rng, batch, n, cells, norm=False)
    backwards = dataclasses.replace(forwards, cifg=maybe(rng), peephole=maybe(rng))  # LiteRT checks both directions by the sizes of the first
    if merge and not time_major:
        batch = forwards.batch = backwards.batch = 1  # LiteRT goes beyond its states with more
    forwards.aux = backwards.aux = int(rng.integers(1, n + 1)) if aux == "weights" else 0
    made = options("BidirectionalSequenceLSTM", fusedActivationFunction=activation(rng), timeMajor=time_major, mergeOutputs=merge, asymmetricQuantizeInputs=asymmetric, **clips(rng))
    shape = (time, batch, n) if time_major else (batch, time, n)
    aux_shape = (*shape[:2], forwards.aux or n)
    to = Operands(rng, weights)
    to.add(np.zeros(shape, "float32"), False)
    forwards.operands(to), backwards.operands(to), forwards.states(to), backwards.states(to)
    to.add(None if aux == "none" else np.zeros(aux_shape, "float32"), False)
    forwards.aux_weights(to), backwards.aux_weights(to)
    widths = [forwards.outputs + backwards.outputs] if merge else [forwards.outputs, backwards.outputs]
    feeds = [(shape, "float32")] + ([] if aux == "none" else [(aux_shape, "float32")])
    return built("BIDIRECTIONAL_SEQUENCE_LSTM", made, to, [np.zeros((*shape[:2], w), "float32") for w in widths], feeds,
                 f"{forwards} {backwards} time {time} time_major {time_major} merge {merge} aux {aux}", 3, threads=int(rng.integers(1, 3)))


def rnn_operands(to, batch, inputs_, units):
    to.matrix(units, inputs_), to.matrix(units, units), to.vector(units), to.state(batch, units)


def rnn(rng, weights="float32", asymmetric=False):
    batch, _, n, units = sizes(rng)
    made = options("RNN", fusedActivationFunction=activation(rng, ACTIVATION.NONE), asymmetricQuantizeInputs=asymmetric)
    to = Operands(rng, weights)
    to.add(np.zeros((batch, n), "float32"), False)
    rnn_operands(to, batch, n, units)
    return built("RNN", made, to, [np.zeros((batch, units), "float32")], [((batch, n), "float32")], f"batch {batch} inputs {n} units {units}", 3)


def sequence_rnn(rng, weights="float32", asymmetric=False):
    batch, time, n, units = sizes(rng)
    time_major = maybe(rng)
    made = options("SequenceRNN", fusedActivationFunction=activation(rng, ACTIVATION.NONE), timeMajor=time_major, asymmetricQuantizeInputs=asymmetric)
    shape = (time, batch, n) if time_major else (batch, time, n)
    to = Operands(rng, weights)
    to.add(np.zeros(shape, "float32"), False)
    rnn_operands(to, batch, n, units)
    return built("UNIDIRECTIONAL_SEQUENCE_RNN", made, to, [np.zeros((*shape[:2], units), "float32")], [(shape, "float32")],
                 f"batch {batch} time {time} inputs {n} units {units} time_major {time_major}", 3)


def bidirectional_rnn(rng, weights="float32", asymmetric=False):
    batch, time, n, units = sizes(rng)
    time_major, merge, aux = maybe(rng), maybe(rng), pick(rng, "none", "input", "weights")
    if aux == "input" and not time_major:
        aux = "none"  # LiteRT takes the input for both directions there
    backwards = int(rng.integers(1, 40))
    if weights != "float32" and merge and time_major:
        batch = 1  # LiteRT reads zero points that are not there with more
    if weights != "float32" and time_major:
        time = 1  # LiteRT runs over the sequence once for each of its steps
    made = options("BidirectionalSequenceRNN", fusedActivationFunction=activation(rng, ACTIVATION.NONE), timeMajor=time_major, mergeOutputs=merge, asymmetricQuantizeInputs=asymmetric)
    shape = (time, batch, n) if time_major else (batch, time, n)
    to = Operands(rng, weights)
    to.add(np.zeros(shape, "float32"), False)
    rnn_operands(to, batch, n, units), rnn_operands(to, batch, n, backwards)
    to.add(None if aux == "none" else np.zeros(shape, "float32"), False)  # as wide as the input: LiteRT takes it for that
    to.matrix(units, n, wanted=aux == "weights"), to.matrix(backwards, n, wanted=aux == "weights")
    widths = [units + backwards] if merge else [units, backwards]
    return built("BIDIRECTIONAL_SEQUENCE_RNN", made, to, [np.zeros((*shape[:2], w), "float32") for w in widths], [(shape, "float32")] * (1 if aux == "none" else 2),
                 f"batch {batch} time {time} inputs {n} units {units}, {backwards} time_major {time_major} merge {merge} aux {aux}", 3)


def int8_matrix(rng, to, *shape, wanted=True, dtype="int8"):
    """Weights of an integer operator; returns nothing where absent."""
    if not wanted:
        return to.add(None)
    values = rng.normal(0, 0.5, shape) / np.sqrt(max(1, shape[-1]) if len(shape) > 1 else 1)
    most = 127 if dtype == "int8" else 32767
    scale = float(np.float32(max(np.abs(values).max(initial=0), 1e-3) / most))
    return to.add(np.clip(np.round(values / scale), -most, most).astype(dtype), quant=([scale], [0], 0))


def int32_bias(rng, to, n, wanted, scale):
    to.add(np.round(rng.normal(0, 0.5, n) / scale).astype("int32") if wanted else None, quant=([scale], [0], 0) if wanted else None)


def integer_lstm(rng, sequence):
    batch, time, n, cells = sizes(rng)
    cell = random_lstm(rng, batch, n, cells)
    cell.peephole &= not cell.projection  # LiteRT applies peephole weights to as many cells as there are outputs
    time_major = maybe(rng)
    made = options("UnidirectionalSequenceLSTM", timeMajor=time_major) if sequence else options("LSTM", kernelType=schema.LSTMKernelType.FULL)
    made.fusedActivationFunction = ACTIVATION.TANH
    for name, value in clips(rng).items():
        setattr(made, name, value)
    shape = ((time, batch, n) if time_major else (batch, time, n)) if sequence else (batch, n)
    gates = [not cell.cifg, True, True, True]
    state = ([float(np.float32(rng.uniform(0.5, 1.5) / 127))], [int(rng.integers(-20, 20))], 0)
    before = [float(np.float32(rng.uniform(0.5, 2) / 4096)) for _ in gates]
    hidden = ([float(np.float32(rng.uniform(0.7, 1.2) / 127))], [int(rng.integers(-10, 10))], 0)
    to = Operands(rng)
    x = ([float(np.float32(rng.uniform(1, 3) / 127))], [int(rng.integers(-20, 20))], 0)
    to.add(np.zeros(shape, "int8"), False, x)
    for wanted in gates:
        int8_matrix(rng, to, cells, n, wanted=wanted)
    for wanted in gates:
        int8_matrix(rng, to, cells, cell.outputs, wanted=wanted)
    for wanted in (not cell.cifg, True, True):
        int8_matrix(rng, to, cells, wanted=wanted and cell.peephole, dtype="int16")
    weights = [to.quantization[i][0][0] if to.list[i] else 1 for i in range(1, 5)]
    norms = [float(np.float32(rng.uniform(0.5, 1.5) / 32767)) for _ in gates]
    for g, wanted in enumerate(gates):
        int32_bias(rng, to, cells, wanted, norms[g] / 1024 if cell.norm else weights[g] * x[0][0])
    int8_matrix(rng, to, cell.outputs, cells, wanted=cell.projection)
    int32_bias(rng, to, cell.outputs, cell.projection_bias, to.quantization[16][0][0] * hidden[0][0] if cell.projection else 1)
    to.state(batch, cell.outputs, dtype="int8", quant=state)
    to.state(batch, cells, dtype="int16", quant=([2.0 ** -int(rng.integers(9, 16))], [0], 0))
    if cell.norm or maybe(rng):
        for g, wanted in enumerate(gates):
            present = wanted and cell.norm
            to.add(rng.integers(-32767, 32767, cells).astype("int16") if present else None, quant=([norms[g]], [0], 0) if present else None)
    to.quantization[len(to.list)] = state
    intermediates = [(np.zeros((), "int16"), ([before[g]], [0], 0)) for g in range(4)] + [(np.zeros((), "int8"), hidden)]
    result = np.zeros((*shape[:-1], cell.outputs), "int8")
    content = one_op.build("UNIDIRECTIONAL_SEQUENCE_LSTM" if sequence else "LSTM", made, to.list, result, 1, to.quantization, intermediates=intermediates)
    return Case(content, [(shape, "int8")], f"{cell} time {time} time_major {time_major}", threads=int(rng.integers(1, 3)))


def byte_gate_lstm(rng):
    """Sums of int8. Without recurrent weights of the output gate, whose scale LiteRT reads elsewhere."""
    batch, _, n, cells = sizes(rng)
    outputs = int(rng.integers(1, cells + 1))
    made = options("LSTM", kernelType=schema.LSTMKernelType.FULL, fusedActivationFunction=ACTIVATION.TANH, **clips(rng))
    small = lambda low, high: float(np.float32(rng.uniform(low, high) / 127))
    zero = lambda: int(rng.integers(-20, 20))
    state = ([small(0.5, 1.5)], [zero()], 0)
    to = Operands(rng)
    to.add(np.zeros((batch, n), "int8"), False, ([small(1, 3)], [zero()], 0))
    to.add(None)
    for _ in range(3):
        int8_matrix(rng, to, cells, n)
    to.add(None)
    for _ in range(2):
        int8_matrix(rng, to, cells, outputs)
    to.add(np.zeros((cells, outputs), "int8"), quant=([0.01], [0], 0))
    for _ in range(4):
        to.add(None)
    norms = [float(np.float32(rng.uniform(0.5, 1.5) / 32767)) for _ in range(3)]
    for norm in norms:
        int32_bias(rng, to, cells, True, norm / 1024)
    int8_matrix(rng, to, outputs, cells)
    int32_bias(rng, to, outputs, True, to.quantization[16][0][0] * 2.0 ** -15)
    to.state(batch, outputs, dtype="int8", quant=state)
    to.state(batch, cells, dtype="int16", quant=([2.0 ** -15], [0], 0))
    to.add(None)
    for norm in norms:
        to.add(rng.integers(-32767, 32767, cells).astype("int16"), quant=([norm], [0], 0))
    to.quantization[len(to.list)] = state
    intermediates = [(np.zeros((), "int16" if i % 3 == 0 else "int8"), ([small(0.5, 2) if i % 3 else 2.0 ** -12], [zero() if i % 3 else 0], 0)) for i in range(12)]
    content = one_op.build("LSTM", made, to.list, np.zeros((batch, outputs), "int8"), 1, to.quantization, intermediates=intermediates)
    return Case(content, [((batch, n), "int8")], f"batch {batch} inputs {n} cells {cells} outputs {outputs}")


def basic_lstm(rng, stored="float32"):
    batch, _, n, units = sizes(rng)
    made = options("LSTM", fusedActivationFunction=ACTIVATION.TANH, kernelType=schema.LSTMKernelType.BASIC)
    to = Operands(rng)
    real = stored == "float32"
    cell_type, gates_type = ("float32", "float32") if real else ("int16", "int16")
    activations, cells = ([2.0 ** -7], [128], 0), ([2.0 ** -11], [0], 0)
    to.add(np.zeros((batch, n), stored), False, None if real else activations)
    to.state(batch, units, dtype=stored, quant=None if real else activations)
    if real:
        to.matrix(4 * units, n + units), to.vector(4 * units)
    else:
        scale = float(np.float32(rng.uniform(0.5, 2) / 128 / np.sqrt(n + units)))
        to.add(rng.integers(0, 256, (4 * units, n + units)).astype("uint8"), quant=([scale], [int(rng.integers(100, 156))], 0))
        to.add(rng.integers(-3000, 3000, 4 * units).astype("int32"), quant=([scale / 128], [0], 0))
    to.state(batch, units, dtype=cell_type, quant=None if real else cells)
    results = [np.zeros((batch, units), stored), np.zeros((batch, units), cell_type), np.zeros((batch, n + units), stored), np.zeros((batch, 4 * units), gates_type)]
    if not real:
        to.quantization |= {5: activations, 6: cells, 7: activations, 8: ([2.0 ** -12], [0], 0)}
    return built("LSTM", made, to, results, [((batch, n), stored)], f"basic batch {batch} inputs {n} units {units}", 2)


def svdf(rng, weights="float32", asymmetric=False):
    batch, _, n, units = sizes(rng)
    rank, memory = int(rng.integers(1, 4)), int(rng.integers(1, 20))
    made = options("SVDF", rank=rank, fusedActivationFunction=activation(rng, ACTIVATION.NONE), asymmetricQuantizeInputs=asymmetric)
    to = Operands(rng, weights)
    to.add(np.zeros((batch, n), "float32"), False)
    to.matrix(units * rank, n), to.matrix(units * rank, memory), to.vector(units, wanted=maybe(rng))
    to.state(batch, memory * units * rank)
    return built("SVDF", made, to, [np.zeros((batch, units), "float32")], [((batch, n), "float32")], f"batch {batch} inputs {n} units {units} rank {rank} memory {memory}", 4)


def integer_svdf(rng):
    batch, _, n, units = sizes(rng)
    rank, memory = int(rng.integers(1, 4)), int(rng.integers(1, 20))
    made = options("SVDF", rank=rank, fusedActivationFunction=ACTIVATION.RELU)
    to = Operands(rng)
    to.add(np.zeros((batch, n), "int8"), False, ([0.02], [int(rng.integers(-20, 20))], 0))
    int8_matrix(rng, to, units * rank, n), int8_matrix(rng, to, units * rank, memory, dtype="int16")
    int32_bias(rng, to, units, maybe(rng), 1e-3)
    to.state(batch, memory * units * rank, dtype="int16", quant=([2.0 ** -11], [0], 0))
    to.quantization[5] = ([0.01], [int(rng.integers(-20, 20))], 0)
    content = one_op.build("SVDF", made, to.list, np.zeros((batch, units), "int8"), 3, to.quantization)
    return Case(content, [((batch, n), "int8")], f"batch {batch} inputs {n} units {units} rank {rank} memory {memory}")


FLOAT_FORMS = {"lstm": lstm, "sequence_lstm": sequence_lstm, "bidirectional_lstm": bidirectional_lstm, "rnn": rnn, "sequence_rnn": sequence_rnn,
               "bidirectional_rnn": bidirectional_rnn, "svdf": svdf}
FORMS = {f"{name}/float": form for name, form in FLOAT_FORMS.items()}
HYBRID = {"int8": ("int8", False), "uint8": ("uint8", False), "asymmetric": ("int8", True)}
FORMS |= {f"{name}/{kind}": (lambda rng, form=form, how=how: form(rng, *how)) for name, form in FLOAT_FORMS.items() for kind, how in HYBRID.items()}
FORMS |= {"basic_lstm/float": basic_lstm, "basic_lstm/uint8": lambda rng: basic_lstm(rng, "uint8"), "svdf/integer": integer_svdf, "lstm/byte_gates": byte_gate_lstm}
FORMS |= {"lstm/integer": lambda rng: integer_lstm(rng, False), "sequence_lstm/integer": lambda rng: integer_lstm(rng, True)}
