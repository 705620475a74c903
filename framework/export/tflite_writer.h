// Write: the target graph as a .tflite file. Metadata first, then the buffers behind it, streamed one after the other from their sources.
//
// An ordinary flatbuffer for every reader: each Buffer's data field points forward to a vector laid out behind the metadata, 16-byte
// aligned. Past 2 GiB, which such a field cannot reach, buffers use the format's offset and size members instead.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "tflower/status.h"

namespace tflower::exporter {

struct MetadataEntry {
  std::string name;
  std::string bytes;
};

struct WriteOptions {
  std::string description = "tflower";
  std::vector<MetadataEntry> metadata;  // in addition to min_runtime_version
};

struct WriteStats {
  uint64_t file_bytes = 0;
  uint64_t buffers = 0;
  std::string min_runtime;  // first LiteRT/TFLite release that has every operator version; empty = any
};

// Appears at `path` whole or not at all. Errors: kUnreadable (cannot write), kMalformed (a checkpoint tensor that turns out to be damaged),
// kLimit (out of memory while evaluating weights), kInternal.
Result<WriteStats> Write(const ir::Model& model, const WriteOptions& options, const std::string& path);

}  // namespace tflower::exporter
