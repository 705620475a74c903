// Decoders of single messages: the first byte says whether the rest is an AttrValue, a TensorProto or a TensorShapeProto.
#include "fuzz.h"
#include "import/attr.h"
#include "import/tensor_proto.h"

namespace {

using namespace tflower;
using namespace tflower::fuzz;

constexpr uint64_t kLimitBytes = 1 << 20;

void ReadAttr(std::string_view bytes) {
  const tf::Attr attr{"a", bytes};
  (void)tf::KindOf(attr);
  (void)(Good(tf::AttrInt(attr)) || Good(tf::AttrFloat(attr)) || Good(tf::AttrBool(attr)) || Good(tf::AttrString(attr)));
  (void)(Good(tf::AttrType(attr)) || Good(tf::AttrShape(attr)) || Good(tf::AttrTensor(attr, kLimitBytes)) || Good(tf::AttrFunc(attr)));
  (void)Good(tf::AttrInts(attr));
  (void)Good(tf::AttrFloats(attr));
  (void)Good(tf::AttrBools(attr));
  (void)Good(tf::AttrStrings(attr));
  (void)Good(tf::AttrTypes(attr));
  (void)Good(tf::AttrShapes(attr));
  (void)Good(tf::AttrFuncs(attr));
  tf::EachFunctionName(attr, [](std::string_view) {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = Text(data + 1, size - 1);
  switch (data[0] % 3) {
    case 0: ReadAttr(bytes); break;
    case 1: (void)Good(tf::DecodeTensor(bytes, kLimitBytes)); break;
    default: (void)Good(tf::DecodeShape(bytes));
  }
  return 0;
}
