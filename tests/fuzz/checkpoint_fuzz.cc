// Checkpoints. The first byte's lowest bit: 0 = the rest is an index file; 1 = two bytes with the size of a table block, the block,
// and a data shard. A sound table is written around the block, so that its entries are read, whatever their checksums would be.
#include <algorithm>

#include "fuzz.h"
#include "import/checkpoint.h"
#include "import/slices.h"
#include "import/sstable.h"
#include "tests/unit/import/files.h"
#include "tests/unit/import/table_writer.h"

namespace {

using namespace tflower;
using namespace tflower::fuzz;

struct Files {
  std::string index, shard;
};

Files Split(std::string_view bytes) {
  if ((bytes[0] & 1) == 0 || bytes.size() < 3) return {std::string(bytes.substr(1)), ""};
  const size_t wanted = static_cast<uint8_t>(bytes[1]) | static_cast<size_t>(static_cast<uint8_t>(bytes[2])) << 8;
  bytes.remove_prefix(3);
  const size_t size = std::min(wanted, bytes.size());
  return {tf::TableWriter().Finish(std::string(bytes.substr(0, size))), std::string(bytes.substr(size))};
}

void ReadEntry(tf::Checkpoint& checkpoint, const tf::CheckpointEntry& entry) {
  (void)Good(checkpoint.Verify(entry));
  if (entry.dtype == tf::DataType::kString) (void)Good(checkpoint.Strings(entry));
  tf::Box whole{std::vector<int64_t>(entry.dims.size(), 0), entry.dims};
  const auto stored = tf::FindStored(checkpoint, entry, whole);
  if (Good(stored)) (void)Good(tf::ReadStored(checkpoint, stored.value()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const tf::TempFolder folder;
  if (size == 0) return 0;
  const Files files = Split(Text(data, size));
  tf::WriteFile(folder.Path("c.index"), files.index);
  tf::WriteFile(folder.Path("c.data-00000-of-00001"), files.shard);
  auto checkpoint = tf::Checkpoint::Open(folder.Path("c"));
  if (!Good(checkpoint)) return 0;
  std::vector<std::string> keys;
  (void)Good(tf::ReadTable(checkpoint.value().index(), [&](const std::string& key, std::string_view) { keys.push_back(key); return Ok(); }));
  for (const std::string& key : keys)
    if (const tf::CheckpointEntry* entry = checkpoint.value().Find(key)) ReadEntry(checkpoint.value(), *entry);
  (void)Good(checkpoint.value().VerifyAll());
  return 0;
}
