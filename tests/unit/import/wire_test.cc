#include "import/wire.h"

#include <doctest/doctest.h>

#include <string>

namespace tflower::tf {

TEST_CASE("wire: reads every wire type and skips unknown fields") {
  const std::string bytes("\x08\x96\x01"                                  // 1: 150
                          "\x7a\x02zz"                                    // 15: unknown
                          "\x12\x03" "abc"                                // 2: "abc"
                          "\x1d\x00\x00\x80\x3f"                          // 3: 1.0f
                          "\x21\x01\x00\x00\x00\x00\x00\x00\x00", 26);      // 4: 1
  Wire wire(bytes);
  uint64_t number = 0, quad = 0;
  std::string_view text;
  float real = 0;
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Varint(1): number = wire.Uint(); break;
      case Wire::Len(2): text = wire.Bytes(); break;
      case Wire::Fixed32(3): real = wire.Float(); break;
      case Wire::Fixed64(4): quad = wire.Quad(); break;
      default: wire.Skip();
    }
  CHECK(wire.ok());
  CHECK(number == 150);
  CHECK(text == "abc");
  CHECK(real == 1.0f);
  CHECK(quad == 1);
}

TEST_CASE("wire: damage ends the walk, at its place") {
  const auto damaged = [](std::string_view bytes) {
    Wire wire(bytes);
    while (wire.Next()) wire.Skip();
    CHECK(wire.position() <= bytes.data() + bytes.size());
    return !wire.ok();
  };
  CHECK(damaged(std::string_view("\x00", 1)));                              // field 0
  CHECK(damaged("\x08"));                                                   // tag without value
  CHECK(damaged("\x08\x80"));                                               // unfinished varint
  CHECK(damaged("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));       // varint of 11 bytes
  CHECK(damaged("\x12\x05" "abc"));                                         // longer than what is left
  CHECK(damaged("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));           // length 2^64 - 1
  CHECK(damaged("\x1d\x00\x00"));                                           // half a fixed32
  CHECK(damaged("\x21\x00\x00\x00\x00"));                                   // half a fixed64
  CHECK(damaged("\x0b\x0c"));                                               // a group
  CHECK(damaged("\x0f"));                                                   // wire type 7
  CHECK_FALSE(damaged(""));
}

}  // namespace tflower::tf
