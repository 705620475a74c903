// ReadTable: reads a LevelDB-style sorted string table, the container of a checkpoint's index.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "import/file_bytes.h"
#include "tflower/status.h"

namespace tflower::tf {

// Calls `entry(key, value)` for every entry in key order; the value is a view into the file, the key lives for the call. A
// Status error from `entry` stops the walk and is returned. Every block's CRC32C is checked before it is read.
// kMalformed with the byte offset: truncated, checksum mismatch, broken entry, keys not strictly ascending, keys that expand
// beyond reason; kUnknownFormat: compressed blocks (TensorFlow writes none).
using TableEntry = std::function<Status(const std::string& key, std::string_view value)>;
Status ReadTable(const FileBytes& file, const TableEntry& entry);

}  // namespace tflower::tf
