#!/usr/bin/env python3
"""Tests of the judges themselves: what the parity suites call equal, a crash, an error, a cost. Needs no tflower and no TensorFlow."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import numpy as np  # noqa: E402

from support import accuracy, generator, isolated, tflower_cli  # noqa: E402


def floats(*values):
    return np.array(values, "float32")


class Accuracy(unittest.TestCase):
    reference = floats(-1, 0, 3)  # range 4, so 4e-4 is allowed

    def test_within_the_tolerance(self):
        self.assertIsNone(accuracy.difference(self.reference, floats(-1, 0.0003, 3)))

    def test_beyond_the_tolerance(self):
        self.assertIn("largest difference", accuracy.difference(self.reference, floats(-1, 0.0005, 3)))

    def test_nan_is_never_near(self):
        self.assertIn("NaN", accuracy.difference(self.reference, floats(-1, np.nan, 3)))

    def test_infinity_must_be_the_references(self):
        self.assertIsNone(accuracy.difference(floats(np.inf, 1), floats(np.inf, 1)))
        self.assertIn("infinity", accuracy.difference(floats(np.inf, 1), floats(-np.inf, 1)))

    def test_shape_and_type(self):
        self.assertIn("shape", accuracy.difference(self.reference, self.reference[None]))
        self.assertIn("type", accuracy.difference(self.reference, self.reference.astype("float64")))

    def test_complex_numbers_are_compared_by_their_parts(self):
        self.assertIsNone(accuracy.difference(np.array([1 + 2j, 3]), np.array([1 + 2.0001j, 3])))
        self.assertIn("largest difference", accuracy.difference(np.array([1 + 2j, 3]), np.array([1 + 2.01j, 3])))

    def test_integers_are_exact(self):
        self.assertIn("1 of 2", accuracy.difference(np.array([1, 2]), np.array([1, 3])))

    def test_one_element_is_judged_by_its_size(self):
        self.assertIsNone(accuracy.difference(floats(2), floats(2.0001)))
        self.assertIsNotNone(accuracy.difference(floats(2), floats(2.001)))

    def test_missing_and_unexpected_outputs(self):
        text = accuracy.all_differences({"a": floats(1)}, {"b": floats(1)})
        self.assertIn("a: missing", text)
        self.assertIn("b: unexpected", text)


class Isolated(unittest.TestCase):
    def test_result(self):
        self.assertEqual(isolated.call(lambda a: a + 1, 2), 3)

    def test_exception_crash_and_endless_loop(self):
        with self.assertRaisesRegex(isolated.Failed, "ZeroDivisionError"):
            isolated.call(lambda: 1 / 0)
        with self.assertRaisesRegex(isolated.Failed, "SIGABRT.*last words"):
            isolated.call(lambda: (os.write(2, b"last words\n"), os.abort()))
        with self.assertRaisesRegex(isolated.Failed, "no answer"):
            isolated.call(lambda: __import__("time").sleep(60), timeout_s=0.2)


class Measured(unittest.TestCase):
    def test_code_output_and_time(self):
        result = tflower_cli.measured(["/bin/sh", "-c", "echo data; echo log >&2; exit 3"])
        self.assertEqual((result.code, result.stdout, result.last_line()), (3, "data\n", "log"))
        self.assertLess(result.seconds, 5)

    def test_memory_is_the_commands_own(self):
        ballast = np.ones(20_000_000)  # 160 MB in this process
        small = tflower_cli.measured(["/bin/true"]).peak_rss_kb
        large = tflower_cli.measured([sys.executable, "-S", "-c", "x = b'1' * 100_000_000"]).peak_rss_kb
        self.assertLess(small, 40_000, f"with {ballast.nbytes} bytes in the caller")
        self.assertGreater(large, 95_000)

    def test_time_limit(self):
        self.assertEqual(tflower_cli.measured(["/bin/sleep", "30"], timeout_s=0.2).code, -9)


class Generator(unittest.TestCase):
    def complaints(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "make.py")
            with open(path, "w") as file:
                file.write(text)
            return generator.run(path, folder)[1]

    def test_a_script_that_cannot_be_imported(self):
        self.assertRegex(self.complaints("import no_such_table")[0], "make.py ended with exit code 1: .*no_such_table")

    def test_complaints_and_success(self):
        self.assertEqual(self.complaints("import sys; print('case a: bad'); sys.exit(1)"), ["case a: bad"])
        self.assertEqual(self.complaints("pass"), [])

    def test_a_crash(self):
        self.assertIn("exit code -6", self.complaints("import os; os.abort()")[0])

    def test_patterns_that_choose_nothing(self):
        self.assertEqual(generator.unmatched(["a*", "x*"], ["ab", "b"]), ["no case is called x*"])


if __name__ == "__main__":
    unittest.main()
