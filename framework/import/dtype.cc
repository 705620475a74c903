#include "import/dtype.h"

#include <iterator>

namespace tflower::tf {
namespace {

struct Row {
  DataType type;
  std::string_view name;
  uint8_t size;  // bytes of one stored element, 0 = not fixed
  int8_t tfl;    // TFLite TensorType, -1 = none
};

// Indexed by the number of the type.
constexpr Row kRows[] = {
    {DataType::kInvalid, "invalid", 0, -1},
    {DataType::kFloat, "float", 4, 0},
    {DataType::kDouble, "double", 8, 10},
    {DataType::kInt32, "int32", 4, 2},
    {DataType::kUint8, "uint8", 1, 3},
    {DataType::kInt16, "int16", 2, 7},
    {DataType::kInt8, "int8", 1, 9},
    {DataType::kString, "string", 0, 5},
    {DataType::kComplex64, "complex64", 8, 8},
    {DataType::kInt64, "int64", 8, 4},
    {DataType::kBool, "bool", 1, 6},
    {DataType::kQint8, "qint8", 1, -1},
    {DataType::kQuint8, "quint8", 1, -1},
    {DataType::kQint32, "qint32", 4, -1},
    {DataType::kBfloat16, "bfloat16", 2, 18},
    {DataType::kQint16, "qint16", 2, -1},
    {DataType::kQuint16, "quint16", 2, -1},
    {DataType::kUint16, "uint16", 2, 16},
    {DataType::kComplex128, "complex128", 16, 11},
    {DataType::kHalf, "half", 2, 1},
    {DataType::kResource, "resource", 0, 13},
    {DataType::kVariant, "variant", 0, 14},
    {DataType::kUint32, "uint32", 4, 15},
    {DataType::kUint64, "uint64", 8, 12},
    {DataType::kFloat8E5m2, "float8_e5m2", 1, 22},
    {DataType::kFloat8E4m3fn, "float8_e4m3fn", 1, 21},
    {DataType::kFloat8E4m3fnuz, "float8_e4m3fnuz", 1, -1},
    {DataType::kFloat8E4m3b11fnuz, "float8_e4m3b11fnuz", 1, -1},
    {DataType::kFloat8E5m2fnuz, "float8_e5m2fnuz", 1, -1},
    {DataType::kInt4, "int4", 1, 17},
    {DataType::kUint4, "uint4", 1, 20},
    {DataType::kInt2, "int2", 1, 19},
    {DataType::kUint2, "uint2", 1, -1},
};

constexpr bool RowsAreInOrder() {
  int number = 0;
  for (const Row& row : kRows)
    if (static_cast<int>(row.type) != number++) return false;
  return true;
}
static_assert(RowsAreInOrder());

const Row& RowOf(DataType type) {
  const auto number = static_cast<size_t>(type);
  return number < std::size(kRows) ? kRows[number] : kRows[0];
}

}  // namespace

DataType ToDataType(uint64_t stored) {
  constexpr uint64_t kRefOffset = 100;
  if (stored > kRefOffset) stored -= kRefOffset;
  return stored < std::size(kRows) ? static_cast<DataType>(stored) : DataType::kInvalid;
}

std::string_view DataTypeName(DataType type) { return RowOf(type).name; }
size_t ElementSize(DataType type) { return RowOf(type).size; }
int ToTflType(DataType type) { return RowOf(type).tfl; }

}  // namespace tflower::tf
