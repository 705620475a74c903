// Attributes of nodes and functions: kept as serialized AttrValue, decoded when somebody asks.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "import/dtype.h"
#include "import/tensor_data.h"
#include "import/tensor_proto.h"
#include "tflower/status.h"

namespace tflower::tf {

struct Attr {
  std::string_view name;
  std::string_view value;  // serialized AttrValue, a view into the model's bytes
};

// Which member of AttrValue's oneof is set. An empty list has no kind of its own: kList.
enum class AttrKind { kNone, kString, kInt, kFloat, kBool, kType, kShape, kTensor, kFunc, kPlaceholder, kList };
AttrKind KindOf(const Attr& attr);

// Each returns the value, or kInvalidGraph when the attribute is of another kind, or kMalformed when its bytes are broken;
// the error's `what` is the attribute's name. Views in results point into the model's bytes. Thread: any.
Result<int64_t> AttrInt(const Attr& attr);
Result<float> AttrFloat(const Attr& attr);
Result<bool> AttrBool(const Attr& attr);
Result<std::string_view> AttrString(const Attr& attr);
Result<DataType> AttrType(const Attr& attr);
Result<PartialShape> AttrShape(const Attr& attr);
Result<TensorData> AttrTensor(const Attr& attr, uint64_t limit_bytes = kDefaultTensorLimit);

// A NameAttrList: the function's name and the attributes bound at this use (nearly always none).
struct FuncRef {
  std::string_view name;
  std::vector<Attr> attrs;
};
Result<FuncRef> AttrFunc(const Attr& attr);

// Lists; an empty list is right for each of them.
Result<std::vector<int64_t>> AttrInts(const Attr& attr);
Result<std::vector<float>> AttrFloats(const Attr& attr);
Result<std::vector<bool>> AttrBools(const Attr& attr);
Result<std::vector<std::string_view>> AttrStrings(const Attr& attr);
Result<std::vector<DataType>> AttrTypes(const Attr& attr);
Result<std::vector<PartialShape>> AttrShapes(const Attr& attr);
Result<std::vector<FuncRef>> AttrFuncs(const Attr& attr);

// Calls visit(name) for each function that the attribute names, alone or in a list; for attributes of other kinds, none. Broken
// bytes end the walk.
void EachFunctionName(const Attr& attr, const std::function<void(std::string_view)>& visit);

// A serialized TensorShapeProto on its own: nullopt = unknown rank, -1 = unknown dimension; kMalformed, or kInvalidGraph for
// a dimension below -1.
Result<PartialShape> DecodeShape(std::string_view proto);

}  // namespace tflower::tf
