"""Times one .tflite file in stock LiteRT with XNNPACK and prints one JSON object like `tflower bench --json`.

    litert_worker.py MODEL.tflite THREADS RUNS WARMUP INPUTS.npz
"""

import json
import resource
import sys
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def ready(path, threads, feed):
    """An interpreter with its inputs sized and set."""
    interpreter = Interpreter(model_path=path, num_threads=threads)
    signatures = interpreter._get_full_signature_list()
    if signatures:
        inputs = next(iter(signatures.values()))["inputs"]
    else:
        inputs = {d["name"].partition(":")[0]: d["index"] for d in interpreter.get_input_details()}
    for name, array in feed.items():
        if list(array.shape) != _shape(interpreter, inputs[name]):
            interpreter.resize_tensor_input(inputs[name], array.shape)
    interpreter.allocate_tensors()
    for name, array in feed.items():
        interpreter.set_tensor(inputs[name], array)
    return interpreter


def _shape(interpreter, index):
    return next(d["shape"].tolist() for d in interpreter.get_input_details() if d["index"] == index)


def timed(function):
    start = time.perf_counter()
    result = function()
    return result, (time.perf_counter() - start) * 1e3


def main():
    path, threads, runs, warmup, inputs = sys.argv[1:6]
    with np.load(inputs) as arrays:
        feed = dict(arrays)
    interpreter, load_ms = timed(lambda: ready(path, int(threads), feed))
    first_ms = timed(interpreter.invoke)[1]
    for _ in range(int(warmup)):
        interpreter.invoke()
    samples = [timed(interpreter.invoke)[1] for _ in range(int(runs))]
    latency = {"min": min(samples), "median": float(np.median(samples)), "p95": float(np.percentile(samples, 95)), "all": samples}
    print(json.dumps({"load_ms": load_ms, "first_ms": first_ms, "latency_ms": latency, "threads": int(threads),
                      "peak_rss_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


if __name__ == "__main__":
    main()
