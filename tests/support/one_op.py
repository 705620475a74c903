"""Makes .tflite files of one operator, and runs them in stock LiteRT: for questions about what an operator really does."""

import dataclasses

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

TYPES = {np.dtype(name): getattr(schema.TensorType, name.upper())
         for name in ("float32", "int64", "int32", "int16", "int8", "uint8", "bool", "float16", "float64", "uint16", "uint32", "uint64", "complex64")}
TYPES[np.dtype(object)] = schema.TensorType.STRING  # arrays of bytes
TYPES[np.dtype([("resource", "i4")])] = schema.TensorType.RESOURCE
# Types that numpy has not are structures of one field: small integers, an element a byte until they are written, and two bytes of a bfloat16.
SMALL = {"int4": ("i1", 4), "uint4": ("u1", 4), "int2": ("i1", 2)}
TYPES |= {np.dtype([(name, stored)]): getattr(schema.TensorType, name.upper()) for name, stored in (*((n, s) for n, (s, _) in SMALL.items()), ("bfloat16", "u2"))}
HANDLE = np.zeros([], [("resource", "i4")])  # as an operand: somebody's result
# With the default delegate (XNNPACK), the optimised kernels, the reference kernels.
RESOLVERS = (OpResolverType.AUTO, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES, OpResolverType.BUILTIN_REF)

VARIABLE = "variable"  # state of an operator, which it changes itself


def _tensor(name, array, buffer, quantization):
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(array.shape), TYPES[array.dtype], buffer
    if quantization is not None:
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale, tensor.quantization.zeroPoint, tensor.quantization.quantizedDimension = quantization
    return tensor


def _operator_code(op, version):
    code = schema.OperatorCodeT()
    code.builtinCode, code.deprecatedBuiltinCode, code.version = op, min(op, 127), version
    return code


def _operator(options, inputs, outputs):
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = inputs, outputs
    if options is None:
        return operator
    kind = type(options).__name__.removesuffix("T")
    if hasattr(schema.BuiltinOptions2, kind):
        operator.builtinOptions2, operator.builtinOptions2Type = options, getattr(schema.BuiltinOptions2, kind)
    else:
        operator.builtinOptions, operator.builtinOptionsType = options, getattr(schema.BuiltinOptions, kind)
    return operator


def _bytes(array):
    """As a constant: strings are their count, where each begins and the last ends, and their bytes."""
    if array.dtype.names and array.dtype.names[0] in SMALL:
        return _small(array.view("u1").reshape(-1), SMALL[array.dtype.names[0]][1])
    if array.dtype != object:
        return array.tobytes()
    texts = array.reshape(-1).tolist()
    ends = np.cumsum([4 * (len(texts) + 2)] + [len(t) for t in texts])
    return np.array([len(texts), *ends], "int32").tobytes() + b"".join(texts)


def _small(values, bits):
    """Packed, the first in the low bits."""
    each = 8 // bits
    values = np.append(values, np.zeros(-len(values) % each, "u1")).reshape(-1, each) & ((1 << bits) - 1)
    return sum(values[:, i] << (bits * i) for i in range(each)).astype("u1").tobytes()


def small(name, values):
    """An operand of int4, uint4 or int2."""
    return np.asarray(values).astype(SMALL[name][0]).view(np.dtype([(name, SMALL[name][0])]))


def _constant(array):
    buffer = schema.BufferT()
    buffer.data = list(_bytes(array))
    return buffer


@dataclasses.dataclass
class Body:
    """A subgraph that an operator calls: tensors [(array, is it constant)], inputs and outputs by number, steps [(operator, options, inputs, outputs)]."""
    tensors: list
    inputs: list
    outputs: list
    steps: list = dataclasses.field(default_factory=list)


def _add_body(model, body):
    graph = schema.SubGraphT()
    graph.tensors, graph.operators, graph.inputs, graph.outputs = [], [], body.inputs, body.outputs
    for i, (array, constant) in enumerate(body.tensors):
        if constant:
            model.buffers.append(_constant(array))
        graph.tensors.append(_tensor(f"body{len(model.subgraphs)}_{i}", array, len(model.buffers) - 1 if constant else 0, None))
    for name, options, inputs, outputs in body.steps:
        model.operatorCodes.append(_operator_code(getattr(schema.BuiltinOperator, name), 1))
        operator = _operator(options, 0, 0)
        operator.inputs, operator.outputs, operator.opcodeIndex = inputs, outputs, len(model.operatorCodes) - 1
        graph.operators.append(operator)
    model.subgraphs.append(graph)


def build(name, options, operands, output, version=1, quantization=None, custom=None, intermediates=(), bodies=(), sparsity=None):
    """The file's bytes. operands: [(array, is it constant)], VARIABLE instead of a bool for state, None for an absent operand; output: an array of
    the result's shape and type, or a list of them.

    custom: (code, options' bytes) of a CUSTOM operator. quantization: {tensor: (scales, zero points, axis)}, tensors counted over the operands and
    then the result. intermediates: [(array, quantization)]. bodies: what subgraphs 1, 2, ... are. sparsity: {operand: (SparsityParametersT, the
    values that are stored)}.
    """
    quantization = quantization or {}
    outputs = output if isinstance(output, list) else [output]
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.buffers = [schema.BufferT()]
    graph.tensors, graph.inputs, inputs = [], [], []
    for i, operand in enumerate(operands):
        inputs.append(len(graph.tensors) if operand is not None else -1)
        if operand is None:
            continue
        array, kind = operand
        variable, constant = kind == VARIABLE, bool(kind) and kind != VARIABLE
        if constant:
            model.buffers.append(_constant(sparsity[i][1] if sparsity and i in sparsity else array))
        elif not variable:
            graph.inputs.append(inputs[-1])
        graph.tensors.append(_tensor(f"operand{i}", array, len(model.buffers) - 1 if constant else 0, quantization.get(i)))
        graph.tensors[-1].isVariable = variable
    graph.outputs = list(range(len(graph.tensors), len(graph.tensors) + len(outputs)))
    for i, result in enumerate(outputs):
        graph.tensors.append(_tensor("result" if len(outputs) == 1 else f"result{i}", result, 0, quantization.get(len(operands) + i)))
    graph.operators = [_operator(options, inputs, graph.outputs)]
    for array, quant in intermediates:
        graph.operators[0].intermediates = [*(graph.operators[0].intermediates or []), len(graph.tensors)]
        graph.tensors.append(_tensor(f"intermediate{len(graph.tensors)}", array, 0, quant))
    model.version, model.subgraphs = 3, [graph]
    model.operatorCodes = [_operator_code(getattr(schema.BuiltinOperator, name), version)]
    if custom is not None:
        model.operatorCodes[0].customCode, graph.operators[0].customOptions = custom[0], list(custom[1])
    for i, (parameters, _) in (sparsity or {}).items():
        graph.tensors[i].sparsity = parameters
    for body in bodies:
        _add_body(model, body)
    return packed(model)


def packed(model):
    """The bytes of a file."""
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def run(name, options, operands, output, version=1, resolver=OpResolverType.AUTO):
    """What LiteRT computes; RuntimeError when it refuses the operator."""
    interpreter = Interpreter(model_content=build(name, options, operands, output, version), experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    arrays = [array for array, constant in operands if not constant]
    for details, array in zip(interpreter.get_input_details(), arrays):
        interpreter.set_tensor(details["index"], array)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
