// Write: lays the buffers out behind the metadata, patches the references, streams the file.
#include "export/tflite_writer.h"

#include <cstring>

#include "export/buffers.h"
#include "export/model_table.h"
#include "export/output_file.h"
#include "runtime/model/checksum.h"

namespace tflower::exporter {
namespace {

constexpr uint64_t kAlign = 16;  // force_align of Buffer.data
constexpr uint64_t kReach = uint64_t{1} << 31;  // how far a reference can point, and how large readers take a flatbuffer

template <class T>
void Patch(std::vector<uint8_t>& bytes, uint64_t at, T value) { std::memcpy(bytes.data() + at, &value, sizeof value); }

struct Layout {
  std::vector<uint64_t> positions;  // of the contents of buffer i + 1, from the start of the file
  uint64_t end = 0;
};

Layout LayOut(const ModelTable& table, const BufferTable& buffers) {
  Layout layout;
  uint64_t at = table.bytes.size();
  for (const ir::ConstantRef& c : buffers.constants()) {
    at = (at + sizeof(uint32_t) + kAlign - 1) / kAlign * kAlign;  // the vector's length stands right before its bytes
    layout.positions.push_back(at);
    at += c->size_bytes();
  }
  layout.end = at;
  return layout;
}

void PatchReferences(ModelTable& table, const BufferTable& buffers, const Layout& layout, bool large) {
  for (size_t i = 0; i < layout.positions.size(); ++i) {
    const uint64_t field = table.data_fields[i];
    if (field == 0) continue;  // no contents
    if (large) {
      Patch<uint64_t>(table.bytes, field, layout.positions[i]);
      Patch<uint64_t>(table.bytes, table.size_fields[i], buffers.constants()[i]->size_bytes());
    } else {
      Patch<uint32_t>(table.bytes, field, static_cast<uint32_t>(layout.positions[i] - sizeof(uint32_t) - field));
    }
  }
}

Status Stream(OutputFile& file, const ModelTable& table, const BufferTable& buffers, const Layout& layout) {
  TFLOWER_CHECK(file.Write(std::as_bytes(std::span(table.bytes))));
  for (size_t i = 0; i < layout.positions.size(); ++i) {
    ir::Constant& c = *buffers.constants()[i];
    if (c.size_bytes() == 0) continue;
    TFLOWER_TRY(const std::span<const std::byte> bytes, c.Bytes());
    TFLOWER_CHECK(file.Zeros(layout.positions[i] - sizeof(uint32_t) - file.position()));
    const uint32_t length = static_cast<uint32_t>(bytes.size());
    TFLOWER_CHECK(file.Write(std::as_bytes(std::span(&length, 1))));
    TFLOWER_CHECK(file.Write(bytes));
    c.Release();
  }
  const uint32_t crc = file.crc32c();
  return file.WriteAt(runtime::kCrcAt, std::as_bytes(std::span(&crc, 1)));
}

}  // namespace

Result<WriteStats> Write(const ir::Model& model, const WriteOptions& options, const std::string& path) {
  TFLOWER_TRY(OutputFile file, OutputFile::Create(path));  // before any work: a path that cannot be written fails at once
  BufferTable buffers;
  TFLOWER_TRY(ModelTable table, BuildModelTable(model, options, buffers, false));
  Layout layout = LayOut(table, buffers);
  const bool large = layout.end >= kReach;
  if (large) {
    BufferTable again;
    TFLOWER_TRY(table, BuildModelTable(model, options, again, true));
    buffers = std::move(again);
    layout = LayOut(table, buffers);
  }
  PatchReferences(table, buffers, layout, large);
  runtime::PrepareChecksum(layout.end, std::as_writable_bytes(std::span(table.bytes)).subspan<runtime::kChecksumAt, runtime::kChecksumBytes>());
  TFLOWER_CHECK(Stream(file, table, buffers, layout));
  TFLOWER_CHECK(file.Commit());
  return WriteStats{layout.end, buffers.constants().size(), table.min_runtime};
}

}  // namespace tflower::exporter
