// ParseMessage: a generated protobuf message from bytes of a file. Internal: includes protobuf.
#pragma once

#include <climits>
#include <string>
#include <string_view>

#include "import/file_bytes.h"
#include "tflower/status.h"

namespace tflower::tf {

// kMalformed at the start of `bytes` (which lie in `file`); `what` names the message: "a signature".
template <class Message>
Result<Message> ParseMessage(const FileBytes& file, std::string_view bytes, std::string_view what) {
  Message message;
  if (bytes.size() > INT_MAX || !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return file.Malformed(bytes.data(), std::string(what) + " is broken");
  return message;
}

}  // namespace tflower::tf
