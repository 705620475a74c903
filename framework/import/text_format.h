// Text protobufs (.pbtxt) to their binary form.
#pragma once

#include "import/file_bytes.h"
#include "tflower/status.h"

namespace tflower::tf {

// The binary GraphDef or SavedModel of a text file. Fields that tflower does not know are skipped.
// kMalformed with line and column in the message.
Result<FileBytes> GraphDefFromText(const FileBytes& text);
Result<FileBytes> SavedModelFromText(const FileBytes& text);

}  // namespace tflower::tf
