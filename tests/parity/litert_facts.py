#!/usr/bin/env python3
"""What stock LiteRT does where the converter relies on it, or stays away from it: files of one operator, run in LiteRT.

A failure means that LiteRT changed, and that the decision named in the test can be made anew. The last line is "N passed, N failed".
"""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import numpy as np  # noqa: E402

from support import one_op  # noqa: E402
from support.one_op import RESOLVERS, schema  # noqa: E402

ACTIVATION = schema.ActivationFunctionType
RNG = np.random.default_rng(1)
IMAGE = RNG.normal(0, 2, (1, 4, 4, 3)).astype("float32")
FILTER = RNG.normal(0, 1, (5, 1, 1, 3)).astype("float32")
BIAS = RNG.normal(0, 1, 5).astype("float32")
WIDE = np.zeros((1, 4, 4, 5), "float32")


def options(kind, activation, **members):
    made = kind()
    made.fusedActivationFunction = activation
    for name, value in members.items():
        setattr(made, name, value)
    return made


WINDOW = {"strideH": 1, "strideW": 1, "padding": schema.Padding.VALID}
DILATION = {"dilationHFactor": 1, "dilationWFactor": 1}
# operator: options, operands, result, version
FUSING = {
    "CONV_2D": (schema.Conv2DOptionsT, {**WINDOW, **DILATION}, [(IMAGE, False), (FILTER, True), (BIAS, True)], WIDE, 1),
    "DEPTHWISE_CONV_2D": (schema.DepthwiseConv2DOptionsT, {**WINDOW, **DILATION, "depthMultiplier": 1},
                          [(IMAGE, False), (FILTER[:1], True), (BIAS[:3], True)], IMAGE, 1),
    "TRANSPOSE_CONV": (schema.TransposeConvOptionsT, WINDOW,
                       [(np.array(WIDE.shape, "int32"), True), (FILTER, True), (IMAGE, False), (BIAS, True)], WIDE, 4),
    "ADD": (schema.AddOptionsT, {}, [(IMAGE, False), (IMAGE, True)], IMAGE, 1),
    "MUL": (schema.MulOptionsT, {}, [(IMAGE, False), (IMAGE[:, ::-1].copy(), True)], IMAGE, 1),
    "AVERAGE_POOL_2D": (schema.Pool2DOptionsT, {**WINDOW, "filterHeight": 1, "filterWidth": 1}, [(IMAGE, False)], IMAGE, 1),
}
DENSE = (schema.FullyConnectedOptionsT, {}, [(IMAGE.reshape(16, 3), False), (FILTER.reshape(5, 3), True), (BIAS, True)], WIDE.reshape(16, 5), 1)


def computed(name, row, activation, resolver):
    kind, members, operands, output, version = row
    return one_op.run(name, options(kind, activation, **members), operands, output, version, resolver)


class FusedActivations(unittest.TestCase):
    """rules/activation.cc fuses RELU and its kin, not TANH (docs/architecture.md, "Decisions")."""

    def each(self, activation):
        """(label, result without activation, result with it)"""
        for name, row in FUSING.items():
            for resolver in RESOLVERS:
                yield f"{name} {resolver}", computed(name, row, ACTIVATION.NONE, resolver), computed(name, row, activation, resolver)

    def test_relu_is_computed(self):
        for label, plain, result in self.each(ACTIVATION.RELU):
            np.testing.assert_allclose(result, np.maximum(plain, 0), atol=1e-5, err_msg=label)

    def test_tanh_is_taken_and_not_computed(self):
        for label, plain, result in self.each(ACTIVATION.TANH):
            self.assertGreater(np.abs(result - np.tanh(plain)).max(), 0.5, label)
            np.testing.assert_allclose(result, plain, atol=1e-5, err_msg=label)

    def test_tanh_is_refused_by_fully_connected(self):
        for resolver in RESOLVERS:
            with self.assertRaisesRegex(RuntimeError, "activation"):
                computed("FULLY_CONNECTED", DENSE, ACTIVATION.TANH, resolver)


class L2Normalization(unittest.TestCase):
    """rules/l2_normalize.cc: the bound of the norm is 1e-6, and no activation is fused."""

    def normalized(self, x, activation=ACTIVATION.NONE, resolver=RESOLVERS[0]):
        return one_op.run("L2_NORMALIZATION", options(schema.L2NormOptionsT, activation), [(x, False)], x, 1, resolver)

    def test_bound(self):
        x = np.array([[3, -4], [0, 0], [1e-7, 0], [0.9e-6, 0], [1.1e-6, 0], [1e-20, 1e-20], [1e25, 1]], "float32")
        with np.errstate(over="ignore"):
            wanted = x / np.maximum(np.sqrt(np.square(x).sum(-1, keepdims=True)), np.float32(1e-6))
        for resolver in RESOLVERS:
            np.testing.assert_allclose(self.normalized(x, resolver=resolver), wanted, rtol=1e-6)

    def test_five_dimensions(self):
        x = RNG.normal(0, 1, (2, 1, 3, 1, 4)).astype("float32")
        np.testing.assert_allclose(self.normalized(x), x / np.linalg.norm(x, axis=-1, keepdims=True), rtol=1e-5)

    def test_activation_is_refused(self):
        with self.assertRaisesRegex(RuntimeError, "activation"):
            self.normalized(IMAGE, ACTIVATION.RELU)


class AddN(unittest.TestCase):
    """ops/special.cc emits ADD_N for float32 and int32."""

    def test_types(self):
        for dtype in ("float32", "int32"):
            x = np.arange(6).reshape(2, 3).astype(dtype)
            self.assertTrue(np.array_equal(one_op.run("ADD_N", schema.AddNOptionsT(), [(x, False)] * 3, x), 3 * x))


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    wrong = len(result.failures + result.errors)
    print(f"{result.testsRun - wrong} passed, {wrong} failed")
    sys.exit(1 if wrong or not result.testsRun else 0)
