// libFuzzer target for the model reader. The first byte says what the rest is: a GraphDef or SavedModel file, a checkpoint
// index, a TensorProto, or an AttrValue. Nothing may crash, hang, or take much memory, whatever the bytes.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "import/attr.h"
#include "import/canonical.h"
#include "import/file_bytes.h"
#include "import/load.h"
#include "import/sstable.h"
#include "import/tensor_proto.h"

namespace {

using namespace tflower;
using namespace tflower::tf;

// A file in memory, so that the real entry points can be used.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(::memfd_create("fuzz", 0)) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written <= 0) break;
      bytes.remove_prefix(static_cast<size_t>(written));
    }
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  std::string Path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

void ReadScope(const Scope& scope) {
  constexpr uint64_t kLimitBytes = 1 << 20;
  for (const Node& node : scope.nodes())
    for (const Attr& attr : node.attrs) {
      (void)AttrTensor(attr, kLimitBytes).ok();
      (void)AttrShape(attr).ok();
    }
}

void FuzzModel(std::string_view bytes) {
  const MemoryFile file(bytes);
  auto graph = LoadModel(file.Path());
  if (!graph.ok()) return;
  ReadScope(graph.value().main());
  for (const std::string_view name : graph.value().FunctionNames())
    if (auto function = graph.value().FindFunction(name); function.ok()) ReadScope(function.value()->body);
  for (const Node& node : graph.value().nodes()) (void)graph.value().FindVariable(node.name).ok();
}

void FuzzIndex(std::string_view bytes) {
  const MemoryFile file(bytes);
  auto mapped = FileBytes::Map(file.Path());
  if (mapped.ok()) (void)ReadTable(mapped.value(), [](const std::string&, std::string_view) { return Ok(); }).ok();
}

void FuzzAttr(std::string_view bytes) {
  const Attr attr{"a", bytes};
  (void)KindOf(attr);
  (void)AttrInts(attr).ok();
  (void)AttrFloats(attr).ok();
  (void)AttrBools(attr).ok();
  (void)AttrStrings(attr).ok();
  (void)AttrTypes(attr).ok();
  (void)AttrShapes(attr).ok();
  (void)AttrFuncs(attr).ok();
  (void)AttrFunc(attr).ok();
  EachFunctionName(attr, [](std::string_view) {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0: FuzzModel(bytes); break;
    case 1: FuzzIndex(bytes); break;
    case 2: (void)DecodeTensor(bytes, 1 << 20).ok(); break;
    case 3: FuzzAttr(bytes); break;
    default: {
      std::string copy(bytes);
      (void)SortMaps(copy);
    }
  }
  return 0;
}
