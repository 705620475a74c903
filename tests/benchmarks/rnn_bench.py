#!/usr/bin/env python3
"""Latency of float LSTM and GRU layers: tflower's runtime against stock LiteRT on the same file, and ONNX Runtime on the same weights, in alternating processes.

    rnn_bench.py [PATTERN...] [--threads 1 2] [--rounds 5] [--runs 50] [--form float|hybrid] [--ort-python PYTHON]

PYTHON: an interpreter with onnx and onnxruntime, which are not among the packages of the tests; without it that column is left out. Each figure is
the minimum over all samples. hybrid: int8 weights of LSTM layers; ONNX Runtime still computes in float. GRU layers are converted from Keras: LiteRT runs
the loop of builtin operators, tflower runs tflower.Gru (`--gru-loop`: the same loop).
"""

import argparse
import fnmatch
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from support import one_op, tflower_cli  # noqa: E402
from ai_edge_litert import schema_py_generated as schema  # noqa: E402

FOLDER = os.path.dirname(os.path.abspath(__file__))
# name: (time steps, input features, units of each layer, both directions)
MODELS = {"lstm128": (100, 64, [128], False), "lstm256x2": (64, 128, [256, 256], False), "bilstm128": (64, 64, [128], True),
          "lstm512": (32, 64, [512], False), "gru128": (100, 64, [128], False), "gru256x2": (64, 128, [256, 256], False)}
RNG = np.random.default_rng(1)


def weights_of(inputs, units, gates=4):
    """Gates i, f, c, o, or z, r, h: input weights, recurrent weights, biases; of the latter also biases of what recurrent weights give."""
    draw = lambda *shape: RNG.normal(0, 0.5 / np.sqrt(shape[-1]), shape).astype("float32")
    return draw(gates, units, inputs), draw(gates, units, units), draw(gates, units), *([draw(gates, units)] if gates == 3 else [])


class File:
    """A .tflite file of a chain of operators, each with one result."""

    def __init__(self, hybrid):
        self.hybrid = hybrid
        self.model, self.graph = schema.ModelT(), schema.SubGraphT()
        self.model.version, self.model.subgraphs, self.model.buffers, self.model.operatorCodes = 3, [self.graph], [schema.BufferT()], []
        self.graph.tensors, self.graph.operators = [], []

    def tensor(self, shape, data=None, variable=False, weights=False):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.buffer, tensor.isVariable = f"t{len(self.graph.tensors)}", list(shape), 0, variable
        tensor.type = schema.TensorType.FLOAT32
        if weights and self.hybrid:
            scale = float(np.abs(data).max() / 127)
            data, tensor.type = np.round(data / scale).astype("int8"), schema.TensorType.INT8
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = [scale], [0]
        if data is not None:
            tensor.buffer = len(self.model.buffers)
            self.model.buffers.append(schema.BufferT())
            self.model.buffers[-1].data = np.frombuffer(data.tobytes(), "uint8")
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def direction(self, w, r, b):
        gates = [self.tensor(m.shape, m, weights=True) for matrices in (w, r) for m in matrices]
        return [*gates, -1, -1, -1, *[self.tensor(v.shape, v) for v in b], -1, -1]

    def states(self, units):
        return [self.tensor([1, units], variable=True) for _ in range(2)]

    def operator(self, name, options, inputs, shape):
        code, operator = schema.OperatorCodeT(), schema.OperatorT()
        code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
        code.version = 3
        operator.opcodeIndex, operator.inputs, operator.outputs = len(self.model.operatorCodes), inputs, [self.tensor(shape)]
        operator.builtinOptions, operator.builtinOptionsType = options, getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))
        options.fusedActivationFunction = schema.ActivationFunctionType.TANH
        self.model.operatorCodes.append(code)
        self.graph.operators.append(operator)
        return operator.outputs[0]

    def content(self, first, last):
        self.graph.inputs, self.graph.outputs = [first], [last]
        return one_op.packed(self.model)


def tflite_of(name, layers, hybrid):
    time, inputs, units, both = MODELS[name]
    file = File(hybrid)
    first = x = file.tensor([1, time, inputs])
    for n, directions in zip(units, layers):
        gates = [i for d in directions for i in file.direction(*d)]
        if both:
            options = schema.BidirectionalSequenceLSTMOptionsT()
            options.mergeOutputs, options.timeMajor = True, False
            x = file.operator("BIDIRECTIONAL_SEQUENCE_LSTM", options, [x, *gates, *file.states(n), *file.states(n), *[-1] * 9], [1, time, 2 * n])
        else:
            x = file.operator("UNIDIRECTIONAL_SEQUENCE_LSTM", schema.UnidirectionalSequenceLSTMOptionsT(), [x, *gates, *file.states(n), *[-1] * 4], [1, time, n])
    return file.content(first, x)


def gru_files(name, layers, folder):
    """Two files of one Keras model: in builtin operators, and with tflower.Gru."""
    import keras  # noqa: PLC0415: seconds that the other models need not wait for
    time, inputs, units, _ = MODELS[name]
    model = keras.Sequential([keras.Input((time, inputs), batch_size=1, name="t0"), *[keras.layers.GRU(n, return_sequences=True) for n in units]])
    columns = lambda array: array.reshape(-1, array.shape[-1]).T  # [gate, unit, n] -> [n, gates and units]
    for layer, [(w, r, b, c)] in zip(model.layers, layers):
        layer.set_weights([columns(w), columns(r), np.stack([b.ravel(), c.ravel()])])
    model.export(f"{folder}/{name}", verbose=False)
    paths = [f"{folder}/{name}.{kind}.tflite" for kind in ("builtin", "custom")]
    for path, options in zip(paths, ([], ["--rnn", "custom", "--allow-custom-ops"])):
        result = tflower_cli.call("convert", f"{folder}/{name}", "-o", path, "--batch", "1", *options)
        if result.error():
            raise RuntimeError(result.error())
    return paths


def output(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with exit code {done.returncode}: {done.stderr.strip()[-800:]}")
    return json.loads(done.stdout.strip().splitlines()[-1] if "--json" not in command else done.stdout)


def measure(name, threads, arguments, folder):
    time, inputs, units, both = MODELS[name]
    sizes = [inputs, *[n * (2 if both else 1) for n in units[:-1]]]
    is_gru = name.startswith("gru")
    layers = [[weights_of(size, n, 3 if is_gru else 4) for _ in range(2 if both else 1)] for size, n in zip(sizes, units)]
    paths = [os.path.join(folder, f"{name}.{end}") for end in ("tflite", "in.npz", "weights.npz")]
    files = gru_files(name, layers, folder) if is_gru else [paths[0], paths[0]]
    if not is_gru:
        with open(paths[0], "wb") as file:
            file.write(tflite_of(name, layers, arguments.form == "hybrid"))
    np.savez(paths[1], t0=RNG.normal(0, 1, (1, time, inputs)).astype("float32"))
    np.savez(paths[2], **{f"{part}{i}": np.stack([d[k] for d in layer]) for i, layer in enumerate(layers) for k, part in enumerate("wrbc"[:len(layer[0])])})
    counts = [str(threads), str(arguments.runs), "10"]
    sides = {"tflower": [tflower_cli.binary(), "bench", files[0 if arguments.gru_loop else 1], "--threads", counts[0], "--runs", counts[1], "--warmup", counts[2], "--inputs", paths[1], "--json"],
             "litert": [sys.executable, f"{FOLDER}/litert_worker.py", files[0], *counts, paths[1]]}
    if arguments.ort_python:
        sides["ort"] = [arguments.ort_python, f"{FOLDER}/ort_rnn_worker.py", paths[2], paths[1], *counts]
    best = dict.fromkeys(sides, float("inf"))
    for _ in range(arguments.rounds):
        for side, command in sides.items():
            best[side] = min(best[side], output(command)["latency_ms"]["min"])
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", default=["*"])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--form", choices=["float", "hybrid"], default="float")
    parser.add_argument("--gru-loop", action="store_true")
    parser.add_argument("--ort-python")
    arguments = parser.parse_args()
    print(f"{'model':12} thr {'tflower ms':>11} {'LiteRT ms':>10} {'ratio':>6} {'ONNX RT ms':>11} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for name in (n for n in MODELS if any(fnmatch.fnmatch(n, p) for p in arguments.patterns)):
            for threads in arguments.threads:
                best = measure(name, threads, arguments, folder)
                ours, ort = best["tflower"], best.get("ort")
                right = f"{ort:11.3f} {ort / ours:6.2f}" if ort else ""
                print(f"{name:12} {threads:3} {ours:11.3f} {best['litert']:10.3f} {best['litert'] / ours:6.2f} {right}", flush=True)


if __name__ == "__main__":
    main()
