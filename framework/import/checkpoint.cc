#include "import/checkpoint.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "import/checked.h"
#include "sdk/checksum/crc32c.h"
#include "import/message.h"
#include "import/proto/checkpoint.pb.h"
#include "import/sstable.h"
#include "import/wire.h"

namespace tflower::tf {
namespace {

std::string_view WordBytes(const uint32_t& word) { return {reinterpret_cast<const char*>(&word), sizeof word}; }

Slice ToSlice(const proto::TensorSliceProto& message) {
  Slice slice;
  for (const auto& extent : message.extent())
    slice.push_back({extent.start(), extent.has_length_case() == proto::TensorSliceProto::Extent::kLength ? extent.length() : -1});
  return slice;
}

// A stored string tensor: varint lengths; masked CRC of the lengths as little-endian words; all bytes.
struct StringTensor {
  std::vector<uint64_t> lengths;
  uint32_t stored_length_crc = 0;  // masked
  std::string_view contents;
};

std::optional<StringTensor> SplitStrings(std::string_view bytes, uint64_t count) {
  if (count > bytes.size()) return std::nullopt;  // each length takes a byte at least
  StringTensor tensor;
  Wire wire(bytes);
  uint64_t total = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t length = wire.Uint();
    if (!wire.ok() || length > bytes.size() - total) return std::nullopt;
    total += length;
    tensor.lengths.push_back(length);
  }
  tensor.stored_length_crc = wire.Word();
  if (!wire.ok()) return std::nullopt;
  tensor.contents = bytes.substr(static_cast<size_t>(wire.position() - bytes.data()));
  if (tensor.contents.size() != total) return std::nullopt;
  return tensor;
}

// The checksums run over the lengths as 32-bit words (64-bit where needed), not over their varints.
bool StringsMatch(const StringTensor& tensor, uint32_t crc) {
  uint32_t running = 0;
  for (const uint64_t length : tensor.lengths)
    running = Crc32c({reinterpret_cast<const char*>(&length), length >> 32 ? size_t{8} : size_t{4}}, running);
  if (MaskCrc(running) != tensor.stored_length_crc) return false;
  running = Crc32c(WordBytes(tensor.stored_length_crc), running);
  return Crc32c(tensor.contents, running) == crc;
}

}  // namespace

Result<Checkpoint> Checkpoint::Open(const std::string& prefix) {
  const std::string path = prefix + ".index";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored) && std::filesystem::is_regular_file(prefix, ignored))
    return Error(Code::kUnknownFormat, "a checkpoint of the old V1 format").File(prefix).Hint("save it again with TensorFlow 1.0 or newer");
  TFLOWER_TRY(FileBytes index, FileBytes::Map(path));
  Checkpoint checkpoint(std::move(index));
  checkpoint.prefix_ = prefix;
  TFLOWER_CHECK(checkpoint.ReadIndex());
  return checkpoint;
}

Status Checkpoint::ReadIndex() {
  TFLOWER_CHECK(ReadTable(index_, [&](const std::string& key, std::string_view value) {
    return key.empty() ? ReadHeader(value) : ReadEntry(key, value);
  }));
  if (num_shards_ == 0) return Error(Code::kMalformed, "the checkpoint index has no header").File(index_.path());
  verified_.resize(entries_.size());
  return CheckOverlap();
}

Status Checkpoint::ReadHeader(std::string_view value) {
  TFLOWER_TRY(const auto header, ParseMessage<proto::BundleHeaderProto>(index_, value, "the checkpoint's header"));
  if (header.endianness() != 0)
    return Error(Code::kUnknownFormat, "a big-endian checkpoint").File(index_.path()).Hint("save it again on a little-endian machine");
  if (header.num_shards() < 1) return index_.Malformed(value.data(), "the checkpoint has no shards");
  num_shards_ = header.num_shards();
  return Ok();
}

Status Checkpoint::ReadEntry(const std::string& key, std::string_view value) {
  const auto broken = [&](const std::string& why) { return index_.Malformed(value.data(), why).Node(key); };
  TFLOWER_TRY(const auto message, ParseMessage<proto::BundleEntryProto>(index_, value, "a checkpoint entry"));
  CheckpointEntry entry;
  entry.key = key;
  entry.dtype = ToDataType(static_cast<uint64_t>(message.dtype()));
  for (const auto& dim : message.shape().dim()) {
    if (dim.size() < 0) return broken("the stored tensor has a negative dimension");
    entry.dims.push_back(dim.size());
  }
  if (message.shape().unknown_rank() || !CheckedProduct(entry.dims)) return broken("the stored tensor's shape is not possible");
  if (message.shard_id() < 0 || message.shard_id() >= std::max(num_shards_, 1)) return broken("the stored tensor's shard does not exist");
  if (message.offset() < 0 || message.size() < 0) return broken("the stored tensor's offset or size is negative");
  entry.shard = message.shard_id();
  entry.offset = static_cast<uint64_t>(message.offset());
  entry.size = static_cast<uint64_t>(message.size());
  entry.crc = UnmaskCrc(message.crc32c());
  for (const auto& slice : message.slices()) entry.slices.push_back(ToSlice(slice));
  entries_.push_back(std::move(entry));
  return Ok();
}

// Two tensors never share bytes: whoever says so wants something, or is damaged. Also bounds what joining slices may allocate.
Status Checkpoint::CheckOverlap() const {
  std::vector<const CheckpointEntry*> by_place;
  for (const CheckpointEntry& entry : entries_)
    if (entry.size > 0 && entry.slices.empty()) by_place.push_back(&entry);
  std::sort(by_place.begin(), by_place.end(), [](const auto* a, const auto* b) {
    return std::pair(a->shard, a->offset) < std::pair(b->shard, b->offset);
  });
  for (size_t i = 1; i < by_place.size(); ++i) {
    const CheckpointEntry &before = *by_place[i - 1], &entry = *by_place[i];
    if (before.shard == entry.shard && entry.offset - before.offset < before.size)
      return Error(Code::kMalformed, "the stored tensor overlaps '" + before.key + "'").File(index_.path()).Node(entry.key);
  }
  return Ok();
}

const CheckpointEntry* Checkpoint::Find(std::string_view key) const {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), key,
                                      [](const CheckpointEntry& entry, std::string_view k) { return entry.key < k; });
  return found != entries_.end() && found->key == key ? &*found : nullptr;
}

std::string Checkpoint::ShardPath(const CheckpointEntry& entry) const {
  char suffix[48];
  std::snprintf(suffix, sizeof suffix, ".data-%05d-of-%05d", entry.shard, num_shards_);
  return prefix_ + suffix;
}

Error Checkpoint::Malformed(const CheckpointEntry& entry, std::string message, SourceLocation where) const {
  return Error(Code::kMalformed, std::move(message), where).File(ShardPath(entry)).At(entry.offset).Node(entry.key);
}

Result<std::string_view> Checkpoint::Bytes(const CheckpointEntry& entry) {
  auto shard = shards_.find(entry.shard);
  if (shard == shards_.end()) {
    TFLOWER_TRY(FileBytes file, FileBytes::Map(ShardPath(entry)));
    shard = shards_.emplace(entry.shard, std::move(file)).first;
  }
  const std::string_view bytes = shard->second.bytes();
  if (entry.offset > bytes.size() || entry.size > bytes.size() - entry.offset)
    return Malformed(entry, "the tensor's " + std::to_string(entry.size) + " bytes end beyond the file (" +
                                std::to_string(bytes.size()) + " bytes)");
  if (entry.dtype != DataType::kString) {
    const auto size = CheckedMul(*CheckedProduct(entry.dims), ElementSize(entry.dtype));
    if (!size || *size != entry.size)
      return Malformed(entry, "the tensor is stored in " + std::to_string(entry.size) + " bytes, which is not what its shape and type (" +
                                  std::string(DataTypeName(entry.dtype)) + ") need");
  }
  return bytes.substr(entry.offset, entry.size);
}

Status Checkpoint::Verify(const CheckpointEntry& entry) {
  const auto index = static_cast<size_t>(&entry - entries_.data());
  if (verified_[index]) return Ok();
  TFLOWER_TRY(const std::string_view bytes, Bytes(entry));
  bool match = false;
  if (entry.dtype == DataType::kString) {
    const auto strings = SplitStrings(bytes, *CheckedProduct(entry.dims));
    if (!strings) return Malformed(entry, "the string tensor's lengths do not fit its size");
    match = StringsMatch(*strings, entry.crc);
  } else {
    match = Crc32c(bytes) == entry.crc;
  }
  if (!match) return Malformed(entry, "checksum mismatch: the tensor's data is damaged");
  verified_[index] = true;
  return Ok();
}

Status Checkpoint::VerifyAll() {
  constexpr uint64_t kWorthwhile = 64 << 10;  // below that the system call costs more than the pages
  for (size_t i = 0; i < entries_.size(); ++i) {
    const CheckpointEntry& entry = entries_[i];
    if (!entry.slices.empty() || verified_[i]) continue;
    TFLOWER_CHECK(Verify(entry));
    if (entry.size < kWorthwhile) continue;
    TFLOWER_TRY(const std::string_view bytes, Bytes(entry));
    shards_.at(entry.shard).Forget(bytes);  // nobody else has read it
  }
  return Ok();
}

Result<std::vector<std::string_view>> Checkpoint::Strings(const CheckpointEntry& entry) {
  TFLOWER_TRY(const std::string_view bytes, Bytes(entry));
  const auto strings = SplitStrings(bytes, *CheckedProduct(entry.dims));
  if (entry.dtype != DataType::kString || !strings) return Malformed(entry, "the string tensor's lengths do not fit its size");
  std::vector<std::string_view> values;
  std::string_view rest = strings->contents;
  for (const uint64_t length : strings->lengths) {
    values.push_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return values;
}

}  // namespace tflower::tf
