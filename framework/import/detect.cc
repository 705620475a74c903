#include "import/detect.h"

#include <algorithm>

#include "import/wire.h"

namespace tflower::tf {
namespace {

// Binary protobufs have control characters (tags, lengths) in their first bytes, text has none.
bool LooksLikeText(std::string_view bytes) {
  constexpr size_t kLookAt = 512;
  const std::string_view start = bytes.substr(0, kLookAt);
  return std::all_of(start.begin(), start.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || c == '\n' || c == '\r' || c == '\t';
  });
}

std::string_view FirstWord(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  for (;;) {
    const size_t start = text.find_first_not_of(kSpace);
    if (start == std::string_view::npos) return {};
    text.remove_prefix(start);
    if (text[0] != '#') break;
    text.remove_prefix(std::min(text.find('\n'), text.size()));
  }
  const size_t end = std::find_if(text.begin(), text.end(), [](char c) {
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
  }) - text.begin();
  return text.substr(0, end);
}

Format DetectText(std::string_view bytes) {
  const std::string_view word = FirstWord(bytes);
  if (word == "node" || word == "library" || word == "versions" || word == "version") return Format::kGraphDefText;
  if (word == "saved_model_schema_version" || word == "meta_graphs") return Format::kSavedModelText;
  return word == "HloModule" ? Format::kHlo : Format::kUnknown;
}

// HloProto and GraphDef both begin with a message in field 1. An HloModuleProto has numbers (ids) in its fields 5 and 6, where
// a NodeDef has messages.
bool IsHloModule(std::string_view first_message) {
  Wire wire(first_message);
  while (wire.Next()) {
    if (wire.tag() == Wire::Varint(5) || wire.tag() == Wire::Varint(6)) return true;
    wire.Skip();
  }
  return false;
}

Format DetectBinary(std::string_view bytes) {
  Wire wire(bytes);
  if (!wire.Next()) return Format::kUnknown;
  switch (wire.tag()) {
    case Wire::Varint(1): return Format::kSavedModelBinary;  // saved_model_schema_version
    case Wire::Len(1): return IsHloModule(wire.Bytes()) ? Format::kHlo : Format::kGraphDefBinary;
    case Wire::Len(2):
    case Wire::Varint(3):
    case Wire::Len(4): return Format::kGraphDefBinary;
    default: return Format::kUnknown;
  }
}

}  // namespace

Format DetectFormat(std::string_view bytes) {
  if (bytes.starts_with("\x89HDF\r\n\x1a\n")) return Format::kKerasHdf5;
  if (bytes.starts_with("PK\x03\x04")) return Format::kKerasZip;
  if (bytes.size() >= 8 && bytes.substr(4, 4) == "TFL3") return Format::kTflite;
  return LooksLikeText(bytes) ? DetectText(bytes) : DetectBinary(bytes);
}

}  // namespace tflower::tf
