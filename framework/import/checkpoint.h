// Checkpoint: a TensorBundle: an index file and data shards, mapped; entries found by key, data checked when asked for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "import/dtype.h"
#include "import/file_bytes.h"
#include "tflower/status.h"

namespace tflower::tf {

// One range per dimension; length -1 = the whole dimension.
struct Extent {
  int64_t start = 0;
  int64_t length = -1;
};
using Slice = std::vector<Extent>;

struct CheckpointEntry {
  std::string key;
  DataType dtype = DataType::kInvalid;
  std::vector<int64_t> dims;  // each >= 0
  int32_t shard = 0;
  uint64_t offset = 0, size = 0;  // in the shard; offset + size does not overflow
  uint32_t crc = 0;               // unmasked
  std::vector<Slice> slices;      // not empty: stored in pieces, each under SliceKey(key, slice); no data of its own
};

class Checkpoint {
 public:
  // `prefix`: "DIR/variables/variables". Reads and checks the index; shards are mapped at first use.
  // kUnreadable; kMalformed: damage, entries that overlap; kUnknownFormat: big-endian, or the V1 format.
  static Result<Checkpoint> Open(const std::string& prefix);

  const CheckpointEntry* Find(std::string_view key) const;
  // The stored bytes (not of a sliced entry), bounds checked. kMalformed naming tensor and shard; kUnreadable.
  Result<std::string_view> Bytes(const CheckpointEntry& entry);
  // Compares the checksum, the first time. kMalformed naming tensor and shard.
  Status Verify(const CheckpointEntry& entry);
  // Verify of every entry.
  Status VerifyAll();
  // The elements of a string entry, row-major.
  Result<std::vector<std::string_view>> Strings(const CheckpointEntry& entry);
  // The file that holds the entry's data, for messages.
  std::string ShardPath(const CheckpointEntry& entry) const;
  const FileBytes& index() const { return index_; }

  // An Error about `entry`'s data.
  Error Malformed(const CheckpointEntry& entry, std::string message, SourceLocation where = SourceLocation::current()) const;

 private:
  explicit Checkpoint(FileBytes index) : index_(std::move(index)) {}
  Status ReadIndex();
  Status ReadHeader(std::string_view value);
  Status ReadEntry(const std::string& key, std::string_view value);
  Status CheckOverlap() const;

  FileBytes index_;
  std::string prefix_;
  int32_t num_shards_ = 0;
  std::vector<CheckpointEntry> entries_;  // ascending by key
  std::vector<bool> verified_;            // per entry
  std::map<int32_t, FileBytes> shards_;
};

// The key under which the piece `slice` of the tensor `name` is stored: OrderedCode of 0, name, rank, starts and lengths.
std::string SliceKey(std::string_view name, const Slice& slice);

}  // namespace tflower::tf
