// Writes checkpoint indexes, right and wrong ones, for tests.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sdk/checksum/crc32c.h"
#include "import/proto/checkpoint.pb.h"

namespace tflower::tf {

inline void AppendVarint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}
template <class T>
void AppendRaw(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

struct TableWriter {
  std::string file;
  char compression = 0;

  // Appends a block with its trailer; returns its handle.
  std::string Block(const std::string& contents) {
    std::string handle;
    AppendVarint(handle, file.size());
    AppendVarint(handle, contents.size());
    const std::string checked = contents + compression;
    file += checked;
    AppendRaw(file, MaskCrc(Crc32c(checked)));
    return handle;
  }
  // Entries without prefix compression, in the order given.
  static std::string Entries(const std::vector<std::pair<std::string, std::string>>& entries) {
    std::string block;
    for (const auto& [key, value] : entries) {
      AppendVarint(block, 0);
      AppendVarint(block, key.size());
      AppendVarint(block, value.size());
      block += key + value;
    }
    AppendRaw<uint32_t>(block, 0);  // one restart, at 0
    AppendRaw<uint32_t>(block, 1);
    return block;
  }
  // The whole file around one data block.
  std::string Finish(const std::string& data_block, const std::string& last_key = "\xff\xff") {
    const std::string data = Block(data_block);
    const std::string metaindex = Block(Entries({}));
    const std::string index = Block(Entries({{last_key, data}}));
    std::string footer = metaindex + index;
    footer.resize(40);
    file += footer;
    AppendRaw(file, uint64_t{0xdb4775248b80fb57});
    return file;
  }
};

// A float or other fixed-size entry; change its fields to make it wrong.
inline proto::BundleEntryProto Entry(const std::vector<int64_t>& dims, int64_t offset, const std::string& bytes) {
  proto::BundleEntryProto entry;
  entry.set_dtype(proto::DT_FLOAT);
  for (const int64_t dim : dims) entry.mutable_shape()->add_dim()->set_size(dim);
  entry.set_offset(offset);
  entry.set_size(static_cast<int64_t>(bytes.size()));
  entry.set_crc32c(MaskCrc(Crc32c(bytes)));
  return entry;
}

inline std::string IndexFile(const std::map<std::string, proto::BundleEntryProto>& entries, int num_shards = 1, int endianness = 0) {
  proto::BundleHeaderProto header;
  header.set_num_shards(num_shards);
  header.set_endianness(endianness);
  std::vector<std::pair<std::string, std::string>> list{{"", header.SerializeAsString()}};
  for (const auto& [key, entry] : entries) list.emplace_back(key, entry.SerializeAsString());
  return TableWriter().Finish(TableWriter::Entries(list));
}

}  // namespace tflower::tf
