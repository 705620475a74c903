"""Reads what the tests ask of a .tflite file: operators, tensors, signatures; with the schema that LiteRT ships."""

import dataclasses

from ai_edge_litert import schema_py_generated as schema

OP_NAMES = {value: name for name, value in vars(schema.BuiltinOperator).items() if name.isupper()}
TYPE_NAMES = {value: name for name, value in vars(schema.TensorType).items() if name.isupper()}


@dataclasses.dataclass(frozen=True)
class Tensor:
    name: str
    dtype: str
    shape: tuple            # as stored: unknown dimensions are 1
    shape_signature: tuple  # unknown dimensions are -1; equal to `shape` when the file has none


@dataclasses.dataclass(frozen=True)
class Operator:
    op: str
    version: int
    custom_code: str
    inputs: tuple
    outputs: tuple


@dataclasses.dataclass(frozen=True)
class Subgraph:
    tensors: tuple
    inputs: tuple
    outputs: tuple
    operators: tuple


@dataclasses.dataclass(frozen=True)
class Signature:
    subgraph: int
    inputs: dict   # input name -> tensor index
    outputs: dict


@dataclasses.dataclass(frozen=True)
class Model:
    subgraphs: tuple
    signatures: dict

    def op_counts(self):
        """{operator name: count} over all subgraphs."""
        counts = {}
        for subgraph in self.subgraphs:
            for operator in subgraph.operators:
                counts[operator.op] = counts.get(operator.op, 0) + 1
        return counts

    def op_total(self):
        return sum(len(subgraph.operators) for subgraph in self.subgraphs)


def _text(value):
    return value.decode() if value else ""


def _all(length, at):
    return tuple(at(i) for i in range(length()))


def _ints(length, at):
    return tuple(int(at(i)) for i in range(length()))


def _tensor(t):
    shape = _ints(t.ShapeLength, t.Shape)
    signature = _ints(t.ShapeSignatureLength, t.ShapeSignature)
    return Tensor(_text(t.Name()), TYPE_NAMES[t.Type()], shape, signature or shape)


def _operator(o, codes):
    name, version, custom = codes[o.OpcodeIndex()]
    return Operator(name, version, custom, _ints(o.InputsLength, o.Inputs), _ints(o.OutputsLength, o.Outputs))


def _code(code):
    value = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    return OP_NAMES[value], code.Version(), _text(code.CustomCode())


def _subgraph(s, codes):
    return Subgraph(tuple(map(_tensor, _all(s.TensorsLength, s.Tensors))), _ints(s.InputsLength, s.Inputs),
                    _ints(s.OutputsLength, s.Outputs),
                    tuple(_operator(o, codes) for o in _all(s.OperatorsLength, s.Operators)))


def _signature(s):
    inputs = {_text(m.Name()): m.TensorIndex() for m in _all(s.InputsLength, s.Inputs)}
    outputs = {_text(m.Name()): m.TensorIndex() for m in _all(s.OutputsLength, s.Outputs)}
    return Signature(s.SubgraphIndex(), inputs, outputs)


def read(path):
    with open(path, "rb") as file:
        model = schema.Model.GetRootAs(file.read(), 0)
    codes = [_code(c) for c in _all(model.OperatorCodesLength, model.OperatorCodes)]
    signatures = {_text(s.SignatureKey()): _signature(s) for s in _all(model.SignatureDefsLength, model.SignatureDefs)}
    return Model(tuple(_subgraph(s, codes) for s in _all(model.SubgraphsLength, model.Subgraphs)), signatures)
