"""TFLiteConverter, the peer: runs it with its defaults and keeps what it wrote beside the model."""

import functools
import gc
import json
import os
import sys
import time


@functools.cache
def _leave_modules_out_of_collections():
    """TFLiteConverter collects garbage at each conversion: a third of a second of walking through TensorFlow's modules, which stay anyway."""
    gc.collect()
    gc.freeze()


def convert(source, destination, graph=None):
    """Converts a SavedModel folder, or a GraphDef with graph = {"inputs", "outputs"}, with TFLiteConverter's defaults."""
    import tensorflow as tf

    if graph:
        converter = tf.compat.v1.lite.TFLiteConverter.from_frozen_graph(source, graph["inputs"], graph["outputs"])
    else:
        converter = tf.lite.TFLiteConverter.from_saved_model(source)
    _leave_modules_out_of_collections()
    data = converter.convert()
    with open(destination + ".part", "wb") as file:
        file.write(data)
    os.replace(destination + ".part", destination)


def _write_note(name, out, note):
    with open(f"{out}/{name}.tfl.txt", "w") as file:
        file.write(note + "\n")


def convert_zoo_model(name, out):
    """Writes out/NAME.tfl.tflite, and out/NAME.tfl.txt with the seconds it took or the error, which may be that it crashed."""
    _write_note(name, out, "error the converter crashed")
    with open(f"{out}/{name}.json") as file:
        about = json.load(file)
    start = time.monotonic()
    try:
        convert(f"{out}/{about['source']}", f"{out}/{name}.tfl.tflite", about["graph"])
        note = f"ok {time.monotonic() - start:.2f} s"
    except Exception as error:  # the converter's errors have no common type
        note = f"error {type(error).__name__}: {str(error)[:2000]}"
    _write_note(name, out, note)


def main():
    graph = json.loads(sys.argv[3]) if len(sys.argv) > 3 else None
    convert(sys.argv[1], sys.argv[2], graph)


if __name__ == "__main__":
    main()
