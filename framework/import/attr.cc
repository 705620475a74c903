#include "import/attr.h"

#include <string>

#include "import/wire.h"

namespace tflower::tf {
namespace {

// Field numbers of AttrValue; inside AttrValue.ListValue the same numbers serve, except func = 9.
enum Field : uint32_t {
  kListField = 1,
  kStringField = 2,
  kIntField = 3,
  kFloatField = 4,
  kBoolField = 5,
  kTypeField = 6,
  kShapeField = 7,
  kTensorField = 8,
  kListFuncField = 9,
  kPlaceholderField = 9,
  kFuncField = 10,
};

Error Broken(const Attr& attr) {
  return Error(Code::kMalformed, "the attribute's bytes break the wire format").What(attr.name);
}

Error WrongKind(const Attr& attr, std::string_view wanted) {
  return Error(Code::kInvalidGraph, "the attribute is not " + std::string(wanted)).What(attr.name);
}

// Reads the one member of AttrValue whose tag is `tag`; the last one wins, as in protobuf.
template <class T, class Read>
Result<T> One(const Attr& attr, uint32_t tag, std::string_view wanted, Read read) {
  Wire wire(attr.value);
  T value{};
  bool found = false;
  while (wire.Next()) {
    if (wire.tag() >> 3 <= kFuncField) found = wire.tag() == tag;  // another member replaces it
    if (wire.tag() == tag) value = read(wire);
    else wire.Skip();
  }
  if (!wire.ok()) return Broken(attr);
  if (!found) return WrongKind(attr, wanted);
  return value;
}

// The bytes of AttrValue.list.
Result<std::string_view> ListOf(const Attr& attr) {
  return One<std::string_view>(attr, Wire::Len(kListField), "a list", [](Wire& w) { return w.Bytes(); });
}

// Calls read(wire) for every value of the list, packed or not. A member of another kind is an error.
template <class Read>
Status EachNumber(const Attr& attr, uint32_t field, uint32_t tag, std::string_view wanted, Read read) {
  TFLOWER_TRY(const std::string_view list, ListOf(attr));
  Wire wire(list);
  while (wire.Next()) {
    if (wire.tag() == tag) {
      read(wire);
    } else if (wire.tag() == Wire::Len(field)) {
      Wire packed(wire.Bytes());
      while (packed.more()) read(packed);
      if (!packed.ok()) return Broken(attr);
    } else {
      return WrongKind(attr, wanted);
    }
  }
  if (!wire.ok()) return Broken(attr);
  return Ok();
}

// Calls read(bytes) for every length-delimited value of the list; read returns a Status.
template <class Read>
Status EachMessage(const Attr& attr, uint32_t field, std::string_view wanted, Read read) {
  TFLOWER_TRY(const std::string_view list, ListOf(attr));
  Wire wire(list);
  while (wire.Next()) {
    if (wire.tag() != Wire::Len(field)) return WrongKind(attr, wanted);
    const std::string_view bytes = wire.Bytes();
    if (wire.ok()) TFLOWER_CHECK(read(bytes));
  }
  if (!wire.ok()) return Broken(attr);
  return Ok();
}

template <class T>
Result<T> Named(Result<T> result, const Attr& attr) {
  if (!result.ok() && result.error().what.empty()) result.error().what = attr.name;
  return result;
}

Result<FuncRef> DecodeFunc(std::string_view bytes, const Attr& attr) {
  FuncRef func;
  Wire wire(bytes);
  while (wire.Next()) {
    if (wire.tag() == Wire::Len(1)) {
      func.name = wire.Bytes();
    } else if (wire.tag() == Wire::Len(2)) {
      Wire entry(wire.Bytes());
      Attr bound;
      while (entry.Next()) {
        if (entry.tag() == Wire::Len(1)) bound.name = entry.Bytes();
        else if (entry.tag() == Wire::Len(2)) bound.value = entry.Bytes();
        else entry.Skip();
      }
      if (!entry.ok()) return Broken(attr);
      func.attrs.push_back(bound);
    } else {
      wire.Skip();
    }
  }
  if (!wire.ok()) return Broken(attr);
  return func;
}

}  // namespace

AttrKind KindOf(const Attr& attr) {
  AttrKind kind = AttrKind::kNone;
  Wire wire(attr.value);
  while (wire.Next()) {
    switch (wire.tag()) {
      case Wire::Len(kListField): kind = AttrKind::kList; break;
      case Wire::Len(kStringField): kind = AttrKind::kString; break;
      case Wire::Varint(kIntField): kind = AttrKind::kInt; break;
      case Wire::Fixed32(kFloatField): kind = AttrKind::kFloat; break;
      case Wire::Varint(kBoolField): kind = AttrKind::kBool; break;
      case Wire::Varint(kTypeField): kind = AttrKind::kType; break;
      case Wire::Len(kShapeField): kind = AttrKind::kShape; break;
      case Wire::Len(kTensorField): kind = AttrKind::kTensor; break;
      case Wire::Len(kPlaceholderField): kind = AttrKind::kPlaceholder; break;
      case Wire::Len(kFuncField): kind = AttrKind::kFunc; break;
      default: break;
    }
    wire.Skip();
  }
  return wire.ok() ? kind : AttrKind::kNone;
}

Result<int64_t> AttrInt(const Attr& attr) {
  return One<int64_t>(attr, Wire::Varint(kIntField), "an integer", [](Wire& w) { return w.Int(); });
}
Result<float> AttrFloat(const Attr& attr) {
  return One<float>(attr, Wire::Fixed32(kFloatField), "a float", [](Wire& w) { return w.Float(); });
}
Result<bool> AttrBool(const Attr& attr) {
  return One<bool>(attr, Wire::Varint(kBoolField), "a bool", [](Wire& w) { return w.Bool(); });
}
Result<std::string_view> AttrString(const Attr& attr) {
  return One<std::string_view>(attr, Wire::Len(kStringField), "a string", [](Wire& w) { return w.Bytes(); });
}
Result<DataType> AttrType(const Attr& attr) {
  return One<DataType>(attr, Wire::Varint(kTypeField), "a dtype", [](Wire& w) { return ToDataType(w.Uint()); });
}
Result<PartialShape> AttrShape(const Attr& attr) {
  TFLOWER_TRY(const std::string_view bytes, One<std::string_view>(attr, Wire::Len(kShapeField), "a shape",
                                                                  [](Wire& w) { return w.Bytes(); }));
  return Named(DecodeShape(bytes), attr);
}
Result<TensorData> AttrTensor(const Attr& attr, uint64_t limit_bytes) {
  TFLOWER_TRY(const std::string_view bytes, One<std::string_view>(attr, Wire::Len(kTensorField), "a tensor",
                                                                  [](Wire& w) { return w.Bytes(); }));
  return Named(DecodeTensor(bytes, limit_bytes), attr);
}
Result<FuncRef> AttrFunc(const Attr& attr) {
  TFLOWER_TRY(const std::string_view bytes, One<std::string_view>(attr, Wire::Len(kFuncField), "a function",
                                                                  [](Wire& w) { return w.Bytes(); }));
  return DecodeFunc(bytes, attr);
}

Result<std::vector<int64_t>> AttrInts(const Attr& attr) {
  std::vector<int64_t> values;
  TFLOWER_CHECK(EachNumber(attr, kIntField, Wire::Varint(kIntField), "a list of integers",
                           [&](Wire& w) { values.push_back(w.Int()); }));
  return values;
}
Result<std::vector<float>> AttrFloats(const Attr& attr) {
  std::vector<float> values;
  TFLOWER_CHECK(EachNumber(attr, kFloatField, Wire::Fixed32(kFloatField), "a list of floats",
                           [&](Wire& w) { values.push_back(w.Float()); }));
  return values;
}
Result<std::vector<bool>> AttrBools(const Attr& attr) {
  std::vector<bool> values;
  TFLOWER_CHECK(EachNumber(attr, kBoolField, Wire::Varint(kBoolField), "a list of bools",
                           [&](Wire& w) { values.push_back(w.Bool()); }));
  return values;
}
Result<std::vector<DataType>> AttrTypes(const Attr& attr) {
  std::vector<DataType> values;
  TFLOWER_CHECK(EachNumber(attr, kTypeField, Wire::Varint(kTypeField), "a list of dtypes",
                           [&](Wire& w) { values.push_back(ToDataType(w.Uint())); }));
  return values;
}
Result<std::vector<std::string_view>> AttrStrings(const Attr& attr) {
  std::vector<std::string_view> values;
  TFLOWER_CHECK(EachMessage(attr, kStringField, "a list of strings", [&](std::string_view bytes) -> Status {
    values.push_back(bytes);
    return Ok();
  }));
  return values;
}
Result<std::vector<PartialShape>> AttrShapes(const Attr& attr) {
  std::vector<PartialShape> values;
  TFLOWER_CHECK(EachMessage(attr, kShapeField, "a list of shapes", [&](std::string_view bytes) -> Status {
    TFLOWER_TRY(PartialShape shape, Named(DecodeShape(bytes), attr));
    values.push_back(std::move(shape));
    return Ok();
  }));
  return values;
}
Result<std::vector<FuncRef>> AttrFuncs(const Attr& attr) {
  std::vector<FuncRef> values;
  TFLOWER_CHECK(EachMessage(attr, kListFuncField, "a list of functions", [&](std::string_view bytes) -> Status {
    TFLOWER_TRY(FuncRef func, DecodeFunc(bytes, attr));
    values.push_back(std::move(func));
    return Ok();
  }));
  return values;
}

void EachFunctionName(const Attr& attr, const std::function<void(std::string_view)>& visit) {
  const auto name_of = [&](std::string_view func) {
    if (auto decoded = DecodeFunc(func, attr); decoded.ok()) visit(decoded.value().name);
  };
  Wire wire(attr.value);
  while (wire.Next()) {
    if (wire.tag() == Wire::Len(kFuncField)) {
      name_of(wire.Bytes());
    } else if (wire.tag() == Wire::Len(kListField)) {
      Wire list(wire.Bytes());
      while (list.Next()) {
        if (list.tag() != Wire::Len(kListFuncField)) break;  // the list holds something else
        name_of(list.Bytes());
      }
    } else {
      wire.Skip();
    }
  }
}

Result<PartialShape> DecodeShape(std::string_view proto) {
  std::vector<int64_t> dims;
  bool unknown_rank = false;
  Wire wire(proto);
  while (wire.Next()) {
    if (wire.tag() == Wire::Len(2)) {
      Wire dim(wire.Bytes());
      int64_t size = 0;
      while (dim.Next()) {
        if (dim.tag() == Wire::Varint(1)) size = dim.Int();
        else dim.Skip();
      }
      if (!dim.ok()) return Error(Code::kMalformed, "the shape's bytes break the wire format");
      if (size < -1) return Error(Code::kInvalidGraph, "shape has the dimension " + std::to_string(size));
      dims.push_back(size);
    } else if (wire.tag() == Wire::Varint(3)) {
      unknown_rank = wire.Bool();
    } else {
      wire.Skip();
    }
  }
  if (!wire.ok()) return Error(Code::kMalformed, "the shape's bytes break the wire format");
  if (unknown_rank) return PartialShape();
  return PartialShape(std::move(dims));
}

}  // namespace tflower::tf
