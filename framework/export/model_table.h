// The metadata part of a .tflite file: everything but the buffers' contents.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "export/buffers.h"
#include "export/tflite_writer.h"
#include "ir/graph.h"

namespace tflower::exporter {

// A finished flatbuffer whose Buffer tables wait for their contents.
struct ModelTable {
  std::vector<uint8_t> bytes;
  std::vector<uint64_t> data_fields;    // position of the field to patch for buffer i + 1: Buffer.data, or Buffer.offset
  std::vector<uint64_t> size_fields;    // large files: Buffer.size
  std::string min_runtime;
};

// `large`: buffers by offset and size instead of by reference.
Result<ModelTable> BuildModelTable(const ir::Model& model, const WriteOptions& options, BufferTable& buffers, bool large);

}  // namespace tflower::exporter
