#!/usr/bin/env python3
"""A TF op that only a third party's plugin knows: converted as a custom operator, with and without the plugin, and run by the plugin's kernel.

    out_of_tree_run.py TFLOWER PLUGIN_MANIFEST FOLDER
"""

import pathlib
import struct
import subprocess
import sys
import zipfile

GRAPH = """
node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "shape" value { shape { dim { size: 2 } dim { size: 3 } } } } }
node { name: "y" op: "AcmeScale" input: "x" attr { key: "T" value { type: DT_FLOAT } } attr { key: "factor" value { f: 2.5 } }
  attr { key: "_output_types" value { list { type: DT_FLOAT } } } %s }
node { name: "z" op: "Neg" input: "y" attr { key: "T" value { type: DT_FLOAT } } }
"""
SHAPE = 'attr { key: "_output_shapes" value { list { shape { dim { size: 2 } dim { size: 3 } } } } }'


def write_npz(path, values):
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack("<6f", *values)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", array)


def read_npz(path):
    with zipfile.ZipFile(path) as archive:
        data = archive.read(archive.namelist()[0])
    return list(struct.unpack("<6f", data[-24:]))


def main():
    tflower, manifest, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    model, inputs, outputs = folder / "model.tflite", folder / "in.npz", folder / "out.npz"
    graph = folder / "graph.pbtxt"
    write_npz(inputs, [0, 1, 2, 3, 4, 5])

    def call(*arguments, code=0):
        done = subprocess.run([tflower, *map(str, arguments)], capture_output=True, text=True, check=False)
        assert done.returncode == code, (arguments, done.returncode, done.stderr)
        return done.stdout + done.stderr

    graph.write_text(GRAPH % "")
    assert "--allow-custom-ops" in call("convert", graph, "-o", model, code=1)
    assert "rank" in call("convert", graph, "-o", model, "--allow-custom-ops", code=1)  # Neg needs it, and nobody knows it
    call("convert", graph, "-o", model, "--allow-custom-ops", "--plugin", manifest)  # but the plugin's kernel
    call("run", model, "--inputs", inputs, "--outputs", outputs, "--plugin", manifest)
    assert read_npz(outputs) == [0, -2.5, -5, -7.5, -10, -12.5], read_npz(outputs)

    graph.write_text(GRAPH % SHAPE)
    call("convert", graph, "-o", model, "--ops", "builtins,custom")  # the model itself says it
    assert "AcmeScale" in call("run", model, "--inputs", inputs, "--outputs", outputs, code=1)
    call("run", model, "--inputs", inputs, "--outputs", outputs, "--plugin", manifest)
    assert read_npz(outputs) == [0, -2.5, -5, -7.5, -10, -12.5], read_npz(outputs)


if __name__ == "__main__":
    main()
