"""Runs a .tflite file in stock LiteRT (default delegate: XNNPACK)."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def plain_name(tensor_name):
    """A tensor's name without ":0" and without what a serving signature puts in front."""
    name = tensor_name.rpartition(":")[0] or tensor_name
    return name.removeprefix("serving_default_")


class Runner:
    """One interpreter. `run` resizes the inputs to the arrays it is given, as users do for an unknown batch."""

    def __init__(self, path, num_threads=1):
        self.interpreter = Interpreter(model_path=path, num_threads=num_threads)
        self.signatures = list(self.interpreter.get_signature_list())

    def run(self, feed, signature="serving_default"):
        """{input name: array} -> {output name: array}; names are the signature's, else the tensors'."""
        if len(self.signatures) > 1:
            return self.interpreter.get_signature_runner(signature)(**feed)
        inputs, outputs = self._names(signature)
        for name, array in feed.items():
            self.interpreter.resize_tensor_input(inputs[name], array.shape)
        self.interpreter.allocate_tensors()
        for name, array in feed.items():
            self.interpreter.set_tensor(inputs[name], array)
        self.interpreter.invoke()
        return {name: np.array(self.interpreter.get_tensor(index)) for name, index in outputs.items()}

    def _names(self, signature):
        if self.signatures:
            both = self.interpreter._get_full_signature_list()[signature]
            return both["inputs"], both["outputs"]
        index = lambda details: {plain_name(d["name"]): d["index"] for d in details}
        return index(self.interpreter.get_input_details()), index(self.interpreter.get_output_details())


def run_all(path, feeds, num_threads=1):
    """Outputs for a list of (signature, feed), all from one interpreter."""
    runner = Runner(path, num_threads)
    return [runner.run(feed, signature) for signature, feed in feeds]
