"""Times LSTM and GRU layers in ONNX Runtime and prints one JSON object like `tflower bench --json`: the third side of rnn_bench.py.

    ort_rnn_worker.py WEIGHTS.npz INPUTS.npz THREADS RUNS WARMUP      # needs onnx and onnxruntime
"""

import json
import sys
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# By the number of gates: operator, its order of ours (i, f, c, o as ONNX's i, o, f, c; z, r, h are its own), attributes.
KINDS = {4: ("LSTM", [0, 3, 1, 2], {}), 3: ("GRU", [0, 1, 2], {"linear_before_reset": 1})}


def model_of(weights, shape):
    """x: [1, time, features] -> [time, 1, units], layer by layer."""
    nodes, constants, x = [helper.make_node("Transpose", ["x"], ["x0"], perm=[1, 0, 2])], [], "x0"
    for i in range(sum(name[0] == "w" for name in weights)):
        kind, order, attributes = KINDS[weights[f"w{i}"].shape[1]]
        w, r, b = (weights[f"{part}{i}"][:, order] for part in "wrb")
        recurrent = weights[f"c{i}"][:, order] if f"c{i}" in weights else np.zeros_like(b)  # biases of R h
        directions, gates, units, _ = w.shape
        parts = {"w": w.reshape(directions, gates * units, -1), "r": r.reshape(directions, gates * units, units),
                 "b": np.concatenate([b.reshape(directions, -1), recurrent.reshape(directions, -1)], 1)}
        constants += [numpy_helper.from_array(array, f"{name}{i}") for name, array in parts.items()]
        nodes.append(helper.make_node(kind, [x, f"w{i}", f"r{i}", f"b{i}"], [f"y{i}"], hidden_size=units, direction="bidirectional" if directions == 2 else "forward", **attributes))
        nodes.append(helper.make_node("Transpose", [f"y{i}"], [f"t{i}"], perm=[0, 2, 1, 3]))  # [time, 1, directions, units]
        constants.append(numpy_helper.from_array(np.array([0, 1, directions * units], "int64"), f"shape{i}"))
        nodes.append(helper.make_node("Reshape", [f"t{i}", f"shape{i}"], [f"x{i + 1}"]))
        x = f"x{i + 1}"
    graph = helper.make_graph(nodes, "lstm", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)], [helper.make_tensor_value_info(x, TensorProto.FLOAT, None)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model.SerializeToString()


def main():
    weights, feed = np.load(sys.argv[1]), np.load(sys.argv[2])
    threads, runs, warmup = map(int, sys.argv[3:6])
    x = feed["t0"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(model_of(dict(weights), x.shape), options, providers=["CPUExecutionProvider"])
    samples = []
    for i in range(warmup + runs):
        start = time.perf_counter()
        session.run(None, {"x": x})
        if i >= warmup:
            samples.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({"latency_ms": {"min": min(samples), "median": float(np.median(samples))}, "onnxruntime": onnxruntime.__version__, "onnx": onnx.__version__}))


if __name__ == "__main__":
    main()
