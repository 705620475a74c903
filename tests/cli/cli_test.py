#!/usr/bin/env python3
"""CLI tests: exit codes, the error line, output files. Needs only Python's standard library, $TFLOWER and $TFLOWER_SAMPLES."""

import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import tempfile
import unittest
import zipfile

TFLOWER = os.environ["TFLOWER"]
SAMPLES = pathlib.Path(os.environ["TFLOWER_SAMPLES"])
SAMPLE = SAMPLES / "sample_mobilenet"
PLUGINS_LINKED_IN = os.environ.get("TFLOWER_STATIC_PLUGINS", "OFF") == "ON"

GRAPH = """
node {{ name: "x" op: "Placeholder" attr {{ key: "dtype" value {{ type: DT_FLOAT }} }}
  attr {{ key: "shape" value {{ shape {{ dim {{ size: 2 }} dim {{ size: 3 }} }} }} }} }}
{nodes}
"""


def node(name, op, *inputs, attrs='attr { key: "T" value { type: DT_FLOAT } }'):
    return f'node {{ name: "{name}" op: "{op}" ' + " ".join(f'input: "{i}"' for i in inputs) + f" {attrs} }}\n"


class Cli(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.dir)
        self.out = self.dir / "out.tflite"

    def run_tflower(self, *args, env=None):
        result = subprocess.run([TFLOWER, *map(str, args)], capture_output=True, text=True, timeout=60, errors="replace",
                                env={**os.environ, **(env or {})})
        self.assertGreaterEqual(result.returncode, 0, f"killed by a signal: {result.stderr}")
        return result

    def assert_error(self, result, code, *words):
        self.assertEqual(result.returncode, code, result.stderr)
        last = result.stderr.rstrip("\n").split("\n")[-1]
        self.assertTrue(last.startswith("error: "), result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def assert_no_output(self):
        self.assertEqual(list(self.dir.glob("out*")), [], "a failed conversion left a file")

    def graph(self, nodes):
        path = self.dir / "graph.pbtxt"
        path.write_text(GRAPH.format(nodes=nodes))
        return path

    # ---- usage

    def test_version_and_help(self):
        self.assertRegex(self.run_tflower("--version").stdout, r"^tflower \d+\.\d+\.\d+\n$")
        for command in ("convert", "run", "bench", "compare", "coverage", "inspect", "plugins", "resolve"):
            self.assertEqual(self.run_tflower(command, "--help").returncode, 0)

    def test_usage_errors(self):
        self.assert_error(self.run_tflower(), 2)
        self.assert_error(self.run_tflower("convert"), 2, "MODEL")
        self.assert_error(self.run_tflower("convert", SAMPLE, "-o", self.out, "--no-such-flag"), 2)
        self.assert_error(self.run_tflower("convert", SAMPLE, "-o", self.out, "--input-shape", "oops"), 2, "oops")
        self.assert_error(self.run_tflower("convert", SAMPLE, "-o", self.out, "--batch", "0"), 2)
        self.assert_error(self.run_tflower("convert", SAMPLE, "-o", self.out, "--rnn", "custom"), 2, "--allow-custom-ops")
        self.assert_no_output()

    # ---- the way from a model to a result

    def test_convert_run_inspect_bench(self):
        self.assertEqual(self.run_tflower("convert", SAMPLE, "-o", self.out).returncode, 0)
        inspected = json.loads(self.run_tflower("inspect", self.out, "--json").stdout)
        self.assertEqual(inspected["signatures"][0]["key"], "serving_default")
        self.assertTrue(all(op["provider"] == "tflower.kernels" for op in inspected["subgraphs"][0]["operators"]))
        result = self.dir / "result.npz"
        self.assertEqual(self.run_tflower("run", self.out, "--inputs", SAMPLES / "sample_input.npz", "--outputs", result).returncode, 0)
        self.assertTrue(result.exists())
        bench = json.loads(self.run_tflower("bench", self.out, "--runs", "3", "--json", "--profile-ops").stdout)
        self.assertEqual(len(bench["latency_ms"]["all"]), 3)
        self.assertEqual(sum(1 + op["op"].count(" + ") for op in bench["ops"]), len(inspected["subgraphs"][0]["operators"]))

    def test_same_bytes_twice(self):
        other = self.dir / "other.tflite"
        self.run_tflower("convert", SAMPLE, "-o", self.out)
        self.run_tflower("convert", SAMPLE, "-o", other)
        self.assertEqual(self.out.read_bytes(), other.read_bytes())

    def test_batch_and_input_shape(self):
        self.run_tflower("convert", SAMPLE, "-o", self.out, "--batch", "2")
        tensor = json.loads(self.run_tflower("inspect", self.out, "--json").stdout)["signatures"][0]["inputs"][0]
        self.assertEqual(tensor["shape"][0], 2)
        self.assertNotIn("shape_signature", tensor)

    # ---- models that cannot be converted

    def test_all_uncovered_ops_are_listed(self):
        path = self.graph(node("first", "NoSuchOp", "x") + node("second", "OtherOp", "first") + node("third", "NoSuchOp", "second"))
        result = self.run_tflower("convert", path, "-o", self.out)
        self.assert_error(result, 1, "NoSuchOp 'first'", "OtherOp 'second'", "NoSuchOp 'third'", "3 nodes", "help:")
        self.assert_no_output()

    def test_unknown_attribute_is_refused(self):
        path = self.graph(node("y", "Relu", "x", attrs='attr { key: "T" value { type: DT_FLOAT } } attr { key: "novel" value { i: 1 } }'))
        self.assert_error(self.run_tflower("convert", path, "-o", self.out), 1, "Relu 'y'", "novel")
        self.assert_no_output()

    def test_unknown_signature_and_tags(self):
        self.assert_error(self.run_tflower("convert", SAMPLE, "-o", self.out, "--signature", "nope"), 1, "nope", "serving_default")
        self.assert_error(self.run_tflower("convert", SAMPLE, "-o", self.out, "--tags", "train"), 1, "train", "serve")
        self.assert_no_output()

    def test_json_log(self):
        path = self.graph(node("bad", "NoSuchOp", "x"))
        result = self.run_tflower("convert", path, "-o", self.out, "--log-format", "json")
        lines = [json.loads(line) for line in result.stderr.splitlines()]
        self.assertEqual(lines[0]["op"], "NoSuchOp")
        self.assertEqual(lines[0]["node"], "bad")
        self.assertEqual(lines[-1]["level"], "error")

    # ---- custom operators

    def custom_graph(self):
        shape = "shape { dim { size: 2 } dim { size: 3 } }"
        attrs = (f'attr {{ key: "_output_types" value {{ list {{ type: DT_FLOAT }} }} }} attr {{ key: "_output_shapes" value {{ list {{ {shape} }} }} }}'
                 ' attr { key: "level" value { i: 7 } } attr { key: "hint" value { shape { dim { size: 4 } } } }')
        return self.graph(node("mine", "MyOp", "x", attrs=attrs) + node("y", "Neg", "mine"))

    def test_custom_operators_only_when_allowed(self):
        path = self.custom_graph()
        self.assert_error(self.run_tflower("convert", path, "-o", self.out), 1, "MyOp 'mine'", "--allow-custom-ops")
        self.assert_no_output()
        for flags in (["--allow-custom-ops"], ["--ops", "builtins,custom"]):
            result = self.run_tflower("convert", path, "-o", self.out, *flags)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("MyOp 'mine' becomes a custom operator", result.stderr)
            self.assertIn("hint not in", result.stderr)  # shapes have no form in the options
            ops = json.loads(self.run_tflower("inspect", self.out, "--json").stdout)["subgraphs"][0]["operators"]
            self.assertEqual([(o["op"], o.get("custom_code"), o["provider"]) for o in ops], [("CUSTOM", "MyOp", None), ("NEG", None, "tflower.kernels")])
            self.assertIn("level=7", self.run_tflower("inspect", self.out, "--graph").stdout)

    def test_kinds_of_operators(self):
        path = self.custom_graph()
        self.assert_error(self.run_tflower("convert", path, "-o", self.out, "--ops", "builtins,select"), 2, "select")
        self.assert_error(self.run_tflower("convert", path, "-o", self.out, "--ops", "all"), 2, "all")
        self.assert_error(self.run_tflower("convert", path, "-o", self.out, "--select-ops", "all"), 2, "select")
        own = self.graph(node("mine", "tflower.Erf", "x"))
        self.assert_error(self.run_tflower("convert", own, "-o", self.out, "--allow-custom-ops"), 1, "tflower.")
        self.assert_no_output()

    # ---- functions that say what they implement

    def lookup(self, result):
        """A graph that calls a function annotated as embedding_matmul, whose body returns this tensor."""
        type_of = 'attr { key: "T" value { type: DT_FLOAT } } '
        path = self.dir / "graph.pbtxt"
        path.write_text("""
library { function {
  signature { name: "lookup" input_arg { name: "table" type: DT_FLOAT } input_arg { name: "ids" type: DT_INT32 } output_arg { name: "y" type: DT_FLOAT } }
  node_def { name: "axis" op: "Const" attr { key: "dtype" value { type: DT_INT32 } } attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 0 } } } }
  node_def { name: "rows" op: "GatherV2" input: "table" input: "ids" input: "axis:output:0" attr { key: "Tparams" value { type: DT_FLOAT } }
    attr { key: "Tindices" value { type: DT_INT32 } } attr { key: "Taxis" value { type: DT_INT32 } } }
  node_def { name: "less" op: "Neg" input: "rows:output:0" """ + type_of + """ }
  ret { key: "y" value: \"""" + result + """\" }
  attr { key: "_implements" value { s: "embedding_matmul" } } } }
node { name: "ids" op: "Placeholder" attr { key: "dtype" value { type: DT_INT32 } } attr { key: "shape" value { shape { dim { size: 3 } } } } }
node { name: "table" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "value" value { tensor { dtype: DT_FLOAT
  tensor_shape { dim { size: 2 } dim { size: 2 } } float_val: 1 float_val: 2 float_val: 3 float_val: 4 } } } }
node { name: "call" op: "lookup" input: "table" input: "ids" }
""")
        return path

    def test_bodies_are_compared_with_what_names_say(self):
        result = self.run_tflower("convert", self.lookup("rows:output:0"), "-o", self.out)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("something else", result.stderr)
        wrong = self.lookup("less:y:0")
        result = self.run_tflower("convert", wrong, "-o", self.out, "--report", self.dir / "report.json")
        self.assertEqual(result.returncode, 0, result.stderr)
        told = json.loads((self.dir / "report.json").read_text())
        self.assertEqual(told["operators"], {"EMBEDDING_LOOKUP": 1})
        self.assertTrue(any("embedding_matmul" in note and "call" in note and "something else" in note for note in told["notes"]), told["notes"])
        result = self.run_tflower("convert", wrong, "-o", self.out, "--trust-implements")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("something else", result.stderr)

    # ---- reports

    def test_dump_graph_and_report(self):
        folder = self.dir / "dump"
        report = self.dir / "report"
        for ending in ("json", "md", "html"):
            result = self.run_tflower("convert", SAMPLE, "-o", self.out, "--dump-graph", folder, "--report", f"{report}.{ending}")
            self.assertEqual(result.returncode, 0, result.stderr)
        stages = sorted(p.name for p in folder.iterdir())
        self.assertEqual(stages, ["1_imported.txt", "2_lowered.tflite", "2_lowered.txt", "3_rewritten.tflite", "3_rewritten.txt", "4_exported.txt"])
        self.assertIn("Conv2D(", (folder / "1_imported.txt").read_text())
        self.assertIn("CONV_2D.", (folder / "4_exported.txt").read_text())
        self.assertLess(len((folder / "3_rewritten.txt").read_text().splitlines()), len((folder / "2_lowered.txt").read_text().splitlines()))
        told = json.loads((self.dir / "report.json").read_text())
        self.assertTrue(told["converted"])
        self.assertGreater(told["operators"]["CONV_2D"], 0)
        self.assertIn("CONV_2D", (self.dir / "report.md").read_text())
        self.assertTrue((self.dir / "report.html").read_text().startswith("<!DOCTYPE html>"))
        self.assert_error(self.run_tflower("convert", SAMPLE, "-o", self.out, "--report", "x.txt"), 2, "txt")

    def test_report_of_a_failure(self):
        path = self.graph(node("bad", "NoSuchOp", "x"))
        self.assert_error(self.run_tflower("convert", path, "-o", self.out, "--report", self.dir / "report.json"), 1)
        told = json.loads((self.dir / "report.json").read_text())
        self.assertFalse(told["converted"])
        self.assertEqual(told["failures"][0]["node"], "bad")

    def test_coverage_of_models(self):
        told = json.loads(self.run_tflower("coverage", SAMPLE, "--format", "json").stdout)["models"][0]
        ops = {o["op"]: o for o in told["ops"]}
        self.assertEqual(ops["Conv2D"]["state"], "builtin")
        self.assertEqual(ops["Conv2D"]["plugin"], "tflower.tf_ops")
        self.assertEqual(len(ops["Conv2D"]["nodes"]), ops["Conv2D"]["count"])
        self.assertEqual(told["counts"]["missing"], 0)
        bad = self.graph(node("bad", "NoSuchOp", "x") + node("py", "PyFunc", "bad"))
        result = self.run_tflower("coverage", bad, "--fail-on", "missing", "-o", self.dir / "c.html", "--format", "html")
        self.assert_error(result, 1, "NoSuchOp")
        self.assertIn("PyFunc", (self.dir / "c.html").read_text())
        self.assertIn("calls Python", (self.dir / "c.html").read_text())
        self.assertEqual(self.run_tflower("coverage", SAMPLE, "--fail-on", "missing,select").returncode, 0)
        self.run_tflower("convert", SAMPLE, "-o", self.out)
        told = json.loads(self.run_tflower("coverage", self.out, "--format", "json").stdout)["models"][0]
        self.assertEqual(told["counts"]["missing"], 0)
        self.assert_error(self.run_tflower("coverage"), 2, "--registry")
        self.assert_error(self.run_tflower("coverage", SAMPLE, "--fail-on", "oops"), 2, "oops")
        self.assert_error(self.run_tflower("coverage", SAMPLE, "--format", "pdf"), 2, "pdf")

    def test_coverage_of_everything(self):
        told = json.loads(self.run_tflower("coverage", "--registry", "--format", "json").stdout)
        ops = {o["op"]: o for o in told["ops"]}
        self.assertGreater(len(ops), 1400)
        self.assertEqual(ops["Conv2D"]["state"], "builtin")
        self.assertEqual(ops["PyFunc"]["state"], "missing")
        self.assertIn("calls Python", ops["PyFunc"]["note"])
        self.assertEqual(ops["TFLite_Detection_PostProcess"]["state"], "custom")
        operators = {o["op"]: o for o in told["operators"]}
        self.assertEqual(operators["CONV_2D"]["plugin"], "tflower.kernels")

    def test_supported_ops_are_documented(self):
        told = self.run_tflower("coverage", "--registry", "--format", "md").stdout
        written = (SAMPLES.parents[1] / "docs" / "supported_ops.md").read_text()
        self.assertEqual(told, written, "stale: tflower coverage --registry --format md -o docs/supported_ops.md")

    def test_compare(self):
        other, inputs = self.dir / "other.tflite", SAMPLES / "sample_input.npz"
        self.run_tflower("convert", SAMPLE, "-o", self.out)
        self.assertEqual(self.run_tflower("compare", self.out, self.out).returncode, 0)
        result = self.run_tflower("compare", self.out, SAMPLES / "sample_output.npz", "--inputs", inputs)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.run_tflower("convert", SAMPLE, "-o", other, "--dump-graph", self.dir / "dump")
        told = json.loads(self.run_tflower("compare", self.out, self.dir / "dump" / "2_lowered.tflite", "--inputs", inputs, "--json").stdout)
        self.assertTrue(told["ok"])
        self.assertGreater(len(told["layers"]), 3)
        self.assert_error(self.run_tflower("compare", self.out, SAMPLES / "sample_output.npz"), 2, "--inputs")
        self.assert_error(self.run_tflower("compare", self.out, inputs, "--inputs", inputs), 5, "cannot be compared")

    def test_compare_names_where_models_part(self):
        first = self.graph(node("a", "Exp", "x") + node("b", "Neg", "a") + node("c", "Square", "b"))
        self.assertEqual(self.run_tflower("convert", first, "-o", self.out).returncode, 0)
        second = self.graph(node("a", "Exp", "x") + node("b", "Sqrt", "a") + node("c", "Square", "b"))
        other = self.dir / "other.tflite"
        self.assertEqual(self.run_tflower("convert", second, "-o", other).returncode, 0)
        result = self.run_tflower("compare", self.out, other)
        self.assert_error(result, 5, "the models part at SQUARE 'c'", "output 'c")
        self.assertEqual(self.run_tflower("compare", self.out, other, "--tolerance", "1000").returncode, 0)

    # ---- inputs that are broken

    def test_missing_and_foreign_inputs(self):
        self.assert_error(self.run_tflower("convert", self.dir / "absent", "-o", self.out), 3, "absent")
        (self.dir / "noise.bin").write_bytes(random.Random(1).randbytes(4096))
        self.assert_error(self.run_tflower("convert", self.dir / "noise.bin", "-o", self.out), 3, "noise.bin")
        self.assert_error(self.run_tflower("run", self.dir / "noise.bin", "--inputs", "x.npz", "--outputs", "y.npz"), 3, "noise.bin")
        self.assert_no_output()

    def damaged_sample(self, file, change):
        copy = self.dir / "model"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(SAMPLE, copy)
        path = copy / file
        path.write_bytes(change(bytearray(path.read_bytes())))
        return copy

    def test_damaged_saved_model(self):
        rng = random.Random(2)
        for file in ("saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"):
            size = (SAMPLE / file).stat().st_size
            for cut in (0, 1, size // 2, size - 1):
                result = self.run_tflower("convert", self.damaged_sample(file, lambda b: b[:cut]), "-o", self.out)
                self.assert_error(result, 3)
                self.assert_no_output()
            for _ in range(12):
                def flip(data):
                    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
                    return data
                result = self.run_tflower("convert", self.damaged_sample(file, flip), "-o", self.out)
                self.assert_error(result, 3)  # TensorFlow's own checksums cover all three files
                self.assert_no_output()

    def test_damaged_tflite(self):
        self.run_tflower("convert", SAMPLE, "-o", self.out)
        whole = self.out.read_bytes()
        broken = self.dir / "broken.tflite"
        rng = random.Random(3)
        damaged = [whole[:cut] for cut in (0, 3, 8, 20, 100, len(whole) // 2, len(whole) - 17, len(whole) - 1)]
        for _ in range(40):
            flipped = bytearray(whole)
            flipped[rng.randrange(24, len(whole))] ^= 1 << rng.randrange(8)
            damaged.append(flipped)
        for data in damaged:
            broken.write_bytes(data)
            self.assert_error(self.run_tflower("run", broken, "--inputs", SAMPLES / "sample_input.npz", "--outputs", self.dir / "r.npz"), 3)
            self.assertFalse((self.dir / "r.npz").exists())
        for harmless in (whole + b"appended", whole[:8] + bytes(16) + whole[24:]):  # by a tool that appends; no checksum at all
            broken.write_bytes(harmless)
            self.assertEqual(self.run_tflower("run", broken, "--inputs", SAMPLES / "sample_input.npz", "--outputs", self.dir / "r.npz").returncode, 0)

    def test_output_listed_twice(self):
        header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 9), }".ljust(117) + "\n"
        with zipfile.ZipFile(self.dir / "in.npz", "w") as file:
            file.writestr("0.npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + bytes(72))
        model = SAMPLES.parent / "fuzz" / "corpus" / "tflite" / "output_listed_twice"
        result = self.run_tflower("run", model, "--inputs", self.dir / "in.npz", "--outputs", self.dir / "r.npz")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(zipfile.ZipFile(self.dir / "r.npz").namelist(), ["Identity.npy", "1.npy"])

    def test_bad_npz(self):
        self.run_tflower("convert", SAMPLE, "-o", self.out)
        bad = self.dir / "bad.npz"
        bad.write_bytes((SAMPLES / "sample_input.npz").read_bytes()[:-20])
        self.assert_error(self.run_tflower("run", self.out, "--inputs", bad, "--outputs", self.dir / "r.npz"), 3, "bad.npz")

    # ---- output files

    def test_output_that_cannot_be_written(self):
        self.assert_error(self.run_tflower("convert", SAMPLE, "-o", self.dir / "no" / "folder" / "out.tflite"), 3, "out.tflite")
        self.assertEqual(self.run_tflower("convert", SAMPLE, "-o", self.dir).returncode, 2)

    def test_old_output_survives_a_failure(self):
        self.out.write_text("old")
        self.run_tflower("convert", self.graph(node("bad", "NoSuchOp", "x")), "-o", self.out)
        self.assertEqual(self.out.read_text(), "old")

    # ---- plugins

    def test_no_plugins(self):
        empty = self.dir / "plugins"
        empty.mkdir()
        result = self.run_tflower("convert", SAMPLE, "-o", self.out, env={"TFLOWER_PLUGIN_PATH": str(empty)})
        if PLUGINS_LINKED_IN:
            self.assertEqual(result.returncode, 0, result.stderr)
            return
        self.assert_error(result, 1, "no plugin covers")
        self.assert_no_output()

    def test_plugin_that_is_broken(self):
        (self.dir / "x.tflower.json").write_text("{")
        self.assert_error(self.run_tflower("convert", SAMPLE, "-o", self.out, "--plugin", self.dir / "x.tflower.json"), 4, "x.tflower.json")
        self.assert_no_output()

    def test_resolve(self):
        result = self.run_tflower("resolve", "Conv2D", "--explain")
        self.assertEqual(result.returncode, 0)
        self.assertIn("tflower.tf_ops", result.stdout)
        self.assertEqual(self.run_tflower("resolve", "NoSuchOp").returncode, 1)


if __name__ == "__main__":
    unittest.main()
