#include "import/detect.h"

#include <doctest/doctest.h>

#include <string>

#include "files.h"

namespace tflower::tf {

TEST_CASE("detect: formats by content") {
  CHECK(DetectFormat(ReadFile(Fixture("keras_export/saved_model.pb"))) == Format::kSavedModelBinary);
  CHECK(DetectFormat(ReadFile(Fixture("frozen.pb"))) == Format::kGraphDefBinary);
  CHECK(DetectFormat(ReadFile(Fixture("frozen.pbtxt"))) == Format::kGraphDefText);
  CHECK(DetectFormat("# a comment\n\n  versions { producer: 1 }") == Format::kGraphDefText);
  CHECK(DetectFormat("\nsaved_model_schema_version: 1") == Format::kSavedModelText);
  CHECK(DetectFormat("meta_graphs {") == Format::kSavedModelText);
  CHECK(DetectFormat("\x89HDF\r\n\x1a\n....") == Format::kKerasHdf5);
  CHECK(DetectFormat("PK\x03\x04....") == Format::kKerasZip);
  CHECK(DetectFormat(std::string_view("\x1c\0\0\0TFL3....", 12)) == Format::kTflite);
  CHECK(DetectFormat("HloModule m\n") == Format::kHlo);
  CHECK(DetectFormat(std::string_view("\x0a\x05\x0a\x01m\x28\x07", 7)) == Format::kHlo);  // hlo_module { name: "m" id: 7 }
}

TEST_CASE("detect: everything else is unknown") {
  for (const std::string_view bytes : {"", "hello", "# only a comment", "#", "{\"a\": 1}", "\xff\xff\xff\xff", "PK", "\x89HD"})
    CHECK_MESSAGE(DetectFormat(bytes) == Format::kUnknown, std::string(bytes));
  CHECK(DetectFormat(std::string_view("\0\0\0\0", 4)) == Format::kUnknown);
}

}  // namespace tflower::tf
