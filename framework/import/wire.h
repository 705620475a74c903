// Wire: reads protobuf's wire format in place, without copying and without trusting a single length.
//
//   Wire wire(bytes);
//   while (wire.Next()) switch (wire.tag()) {
//     case Wire::Len(1): name = wire.Bytes(); break;
//     case Wire::Varint(3): count = wire.Uint(); break;
//     default: wire.Skip();
//   }
//   if (!wire.ok()) ...   // wire.position() is where the bytes broke the rules
//
// Each case must read its field exactly once. A known field in another wire type falls to Skip(), as in protobuf. Groups count
// as damage: no TensorFlow message has them. Does not recurse. Source: protobuf.dev/programming-guides/encoding.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tflower::tf {

class Wire {
 public:
  explicit Wire(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  static constexpr uint32_t Varint(uint32_t field) { return field << 3; }
  static constexpr uint32_t Fixed64(uint32_t field) { return field << 3 | 1; }
  static constexpr uint32_t Len(uint32_t field) { return field << 3 | 2; }
  static constexpr uint32_t Fixed32(uint32_t field) { return field << 3 | 5; }

  // Reads the next tag; false at the end and on damage.
  bool Next() {
    if (!ok_ || at_ == end_) return false;
    const uint64_t tag = Uint();
    if (!ok_ || tag >> 32 || tag >> 3 == 0) return Fail();
    tag_ = static_cast<uint32_t>(tag);
    return true;
  }
  uint32_t tag() const { return tag_; }

  uint64_t Uint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*at_++);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    Fail();
    return 0;
  }
  int64_t Int() { return static_cast<int64_t>(Uint()); }
  bool Bool() { return Uint() != 0; }
  uint32_t Word() { return Fixed<uint32_t>(); }
  uint64_t Quad() { return Fixed<uint64_t>(); }
  float Float() { return Fixed<float>(); }
  double Double() { return Fixed<double>(); }

  std::string_view Bytes() {
    const uint64_t size = Uint();
    if (!ok_ || size > static_cast<uint64_t>(end_ - at_)) return Fail(), std::string_view();
    const std::string_view bytes(at_, static_cast<size_t>(size));
    at_ += size;
    return bytes;
  }

  void Skip() {
    switch (tag_ & 7) {
      case 0: Uint(); break;
      case 1: Quad(); break;
      case 2: Bytes(); break;
      case 5: Word(); break;
      default: Fail();
    }
  }

  // True while there is more to read: for packed lists, which have no tags.
  bool more() const { return ok_ && at_ != end_; }
  bool ok() const { return ok_; }
  const char* position() const { return at_; }

 private:
  template <class T>
  T Fixed() {
    T value{};
    if (static_cast<size_t>(end_ - at_) < sizeof(T)) return Fail(), value;
    std::memcpy(&value, at_, sizeof(T));  // little-endian, as every machine that we support
    at_ += sizeof(T);
    return value;
  }
  bool Fail() { return ok_ = false; }

  const char* at_;
  const char* end_;
  uint32_t tag_ = 0;
  bool ok_ = true;
};

}  // namespace tflower::tf
