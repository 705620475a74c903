#include "import/sstable.h"

#include <optional>

#include "sdk/checksum/crc32c.h"
#include "import/wire.h"

namespace tflower::tf {
namespace {

// File: data blocks, metaindex block, index block, footer. Source: LevelDB doc/table_format.md.
constexpr size_t kFooterSize = 48;       // two handles, padding, magic
constexpr size_t kTrailerSize = 5;       // behind each block: compression type, masked CRC32C of block and type
constexpr uint64_t kMagic = 0xdb4775248b80fb57u;
constexpr uint64_t kMaxKeyExpansion = 64;  // prefix-compressed keys may not expand the file by more than this

template <class T>
T Load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

struct Handle {
  uint64_t offset = 0, size = 0;
};

class Table {
 public:
  explicit Table(const FileBytes& file) : file_(file), key_budget_((uint64_t{1} << 20) + kMaxKeyExpansion * file.bytes().size()) {}

  Status Read(const TableEntry& entry) {
    const std::string_view bytes = file_.bytes();
    if (bytes.size() < kFooterSize) return file_.Malformed(bytes.end(), "too short for a checkpoint index");
    const char* footer = bytes.end() - kFooterSize;
    if (Load<uint64_t>(bytes.end() - 8) != kMagic)
      return file_.Malformed(bytes.end() - 8, "not a checkpoint index, or truncated: no table magic at the end");
    Wire handles(std::string_view(footer, kFooterSize - 8));
    const Handle metaindex_handle = ReadHandle(handles);
    const Handle index_handle = ReadHandle(handles);
    if (!handles.ok()) return file_.Malformed(footer, "the footer's block handles are broken");
    if (handles.position()[-1] == 0) return file_.Malformed(footer, "the footer's block handles are broken");  // not minimal
    for (const char* padding = handles.position(); padding != bytes.end() - 8; ++padding)
      if (*padding != 0) return file_.Malformed(padding, "the footer's padding is not zero");
    TFLOWER_CHECK(Block(metaindex_handle, footer));  // nothing in it for us, but damage is damage
    TFLOWER_TRY(const std::string_view index, Block(index_handle, footer));

    return Entries(index, index_key_, [&](const std::string& last_key, std::string_view value) -> Status {
      Wire wire(value);
      const Handle handle = ReadHandle(wire);
      if (!wire.ok()) return file_.Malformed(value.data(), "a block handle is broken");
      TFLOWER_TRY(const std::string_view block, Block(handle, value.data()));
      TFLOWER_CHECK(Entries(block, data_key_, entry));
      if (data_key_ && last_key < *data_key_)
        return file_.Malformed(block.data(), "a block holds keys beyond those that its index entry allows");
      return Ok();
    });
  }

 private:
  static Handle ReadHandle(Wire& wire) {
    const uint64_t offset = wire.Uint();
    return {offset, wire.Uint()};
  }

  // The checked contents of one block. `named_at`: where its handle stands, for the error.
  Result<std::string_view> Block(const Handle& handle, const char* named_at) const {
    const std::string_view bytes = file_.bytes();
    const size_t body = bytes.size() - kFooterSize;
    if (handle.offset > body || body - handle.offset < kTrailerSize || handle.size > body - handle.offset - kTrailerSize)
      return file_.Malformed(named_at, "a block handle points outside the file");
    const std::string_view block = bytes.substr(handle.offset, handle.size);
    const auto stored = Load<uint32_t>(block.end() + 1);
    if (Crc32c(std::string_view(block.data(), block.size() + 1)) != UnmaskCrc(stored))
      return file_.Malformed(block.data(), "checksum mismatch in an index block");
    if (const char compression = *block.end(); compression != 0)
      return Error(Code::kUnknownFormat, "a compressed checkpoint index (type " + std::to_string(compression) + ")")
          .File(file_.path()).At(handle.offset).Hint("load and save the checkpoint again with TensorFlow");
    return block;
  }

  // Walks a block's entries: varints shared, non_shared, value size; key suffix; value. Restart offsets and their count follow.
  Status Entries(std::string_view block, std::optional<std::string>& key, const TableEntry& entry) {
    if (block.size() < 4) return file_.Malformed(block.data(), "an index block has no restart count");
    const uint64_t restarts = Load<uint32_t>(block.end() - 4);
    if (restarts > (block.size() - 4) / 4) return file_.Malformed(block.end() - 4, "an index block's restart count is too large");
    std::string_view rest = block.substr(0, block.size() - 4 - 4 * restarts);
    std::string block_key;  // what `shared` refers to: the key before it in this block
    while (!rest.empty()) {
      const char* start = rest.data();
      Wire wire(rest);
      const uint64_t shared = wire.Uint(), suffix = wire.Uint(), value_size = wire.Uint();
      if (!wire.ok()) return file_.Malformed(start, "an index entry is broken");
      rest.remove_prefix(static_cast<size_t>(wire.position() - start));
      if (shared > block_key.size() || suffix > rest.size() || value_size > rest.size() - suffix)
        return file_.Malformed(start, "an index entry's sizes do not fit");
      if (shared + suffix > key_budget_) return file_.Malformed(start, "the keys expand beyond reason");
      key_budget_ -= shared + suffix;
      block_key.resize(shared);
      block_key.append(rest.substr(0, suffix));
      if (key && block_key <= *key) return file_.Malformed(start, "the keys are not in ascending order");
      key = block_key;
      const std::string_view value = rest.substr(suffix, value_size);
      rest.remove_prefix(suffix + value_size);
      TFLOWER_CHECK(entry(block_key, value));
    }
    return Ok();
  }

  const FileBytes& file_;
  uint64_t key_budget_;
  std::optional<std::string> index_key_, data_key_;  // the last key seen, across blocks
};

}  // namespace

Status ReadTable(const FileBytes& file, const TableEntry& entry) { return Table(file).Read(entry); }

}  // namespace tflower::tf
