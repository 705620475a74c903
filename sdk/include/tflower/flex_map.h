// FlexMap: the options of custom operators, as TFLite's converters write them: a FlexBuffer map from attribute names to scalars, strings and
// lists of them. FlexMapWriter gives the same bytes as the FlexBuffers library; FlexMap reads any map, and trusts none of its bytes.
//
//   FlexMapWriter options;
//   options.Int("blank_index", -1);                      // keys in ascending order
//   build.EmitCustom("acme.Foo", options.Finish(), ...)
//
//   const FlexMap options(op.custom_options());          // in a kernel
//   TFLOWER_TRY(const int64_t blank, options.Int("blank_index", -1));
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tflower/status.h"

namespace tflower {
namespace flex {

// Types of FlexBuffers that occur in options. A packed type is type << 2 | log2(bytes).
enum Type : uint8_t { kNull = 0, kInt = 1, kUInt = 2, kFloat = 3, kKey = 4, kString = 5, kIndirectInt = 6, kIndirectUInt = 7, kIndirectFloat = 8, kMap = 9, kVector = 10,
                      kVectorInt = 11, kVectorUInt = 12, kVectorFloat = 13, kVectorKey = 14, kVectorString = 15, kBool = 26, kVectorBool = 36 };

inline int WidthOf(uint64_t x) { return x <= 0xff ? 0 : x <= 0xffff ? 1 : x <= 0xffffffff ? 2 : 3; }
inline int SignedWidthOf(int64_t x) {
  const uint64_t u = static_cast<uint64_t>(x) << 1;
  return WidthOf(x >= 0 ? u : ~u);
}

}  // namespace flex

// Writes one map. Keys must come in ascending order, each once.
class FlexMapWriter {
 public:
  void Int(std::string_view key, int64_t x) { Add(key, {flex::kInt, flex::SignedWidthOf(x), static_cast<uint64_t>(x), 0}); }
  void Float(std::string_view key, float x) { Add(key, {flex::kFloat, 2, 0, x}); }
  void Bool(std::string_view key, bool x) { Add(key, {flex::kBool, 0, x ? 1u : 0u, 0}); }
  void String(std::string_view key, std::string_view x) {
    Key(key);
    values_.push_back(Put(x));
  }
  void Ints(std::string_view key, std::span<const int64_t> list) {
    std::vector<Value> items;
    for (int64_t x : list) items.push_back({flex::kInt, flex::SignedWidthOf(x), static_cast<uint64_t>(x), 0});
    List(key, flex::kVectorInt, items);
  }
  void Floats(std::string_view key, std::span<const float> list) {
    std::vector<Value> items;
    for (float x : list) items.push_back({flex::kFloat, 2, 0, x});
    List(key, flex::kVectorFloat, items);
  }
  void Strings(std::string_view key, std::span<const std::string_view> list) {
    Key(key);
    std::vector<Value> items;
    for (std::string_view x : list) items.push_back(Put(x));
    values_.push_back(PutVector(items, flex::kVectorString, nullptr));
  }

  // The map's bytes; the writer is used up.
  std::span<const std::byte> Finish() {
    Value keys = PutVector(keys_, flex::kVectorKey, nullptr);
    const Value map = PutVector(values_, flex::kMap, &keys);
    const int width = ElementWidth(map, bytes_.size(), 0);
    Align(width);
    PutElement(map, width);
    bytes_.push_back(static_cast<std::byte>(map.type << 2 | map.width));
    bytes_.push_back(static_cast<std::byte>(1 << width));
    return bytes_;
  }

 private:
  // number: of scalars, or where the contents of anything else begin. width: log2 of its bytes.
  struct Value {
    flex::Type type;
    int width;
    uint64_t number;
    double real;
    bool is_inline() const { return type <= flex::kFloat || type == flex::kBool; }
  };

  void Key(std::string_view key) {
    keys_.push_back({flex::kKey, 0, bytes_.size(), 0});
    PutText(key);
  }
  void Add(std::string_view key, Value value) {
    Key(key);
    values_.push_back(value);
  }
  void List(std::string_view key, flex::Type type, const std::vector<Value>& items) {
    Key(key);
    values_.push_back(PutVector(items, type, nullptr));
  }
  void PutText(std::string_view text) {
    for (char c : text) bytes_.push_back(static_cast<std::byte>(c));
    bytes_.push_back(std::byte{0});
  }
  Value Put(std::string_view text) {
    const int width = flex::WidthOf(text.size());
    Align(width);
    PutNumber(text.size(), width);
    const Value out{flex::kString, width, bytes_.size(), 0};
    PutText(text);
    return out;
  }
  // Bytes that the element needs at `index` of a vector that begins at `begin` bytes: an offset's size depends on where it stands.
  static int ElementWidth(const Value& v, size_t begin, size_t index) {
    if (v.is_inline()) return v.width;
    for (int width = 0; width < 3; ++width) {
      const size_t size = size_t{1} << width;
      const size_t at = (begin + size - 1) / size * size + index * size;
      if (flex::WidthOf(at - v.number) <= width) return width;
    }
    return 3;
  }
  Value PutVector(const std::vector<Value>& items, flex::Type type, const Value* keys) {
    const size_t prefix = keys != nullptr ? 3 : 1;  // length; a map also has its keys' offset and their width
    int width = flex::WidthOf(items.size());
    if (keys != nullptr) width = std::max(width, ElementWidth(*keys, bytes_.size(), 0));
    const size_t step = type == flex::kMap || type == flex::kVectorKey ? 2 : 1;  // the library has keys and values by turns on one stack
    for (size_t i = 0; i < items.size(); ++i) width = std::max(width, ElementWidth(items[i], bytes_.size(), i * step + prefix));
    Align(width);
    if (keys != nullptr) {
      PutNumber(bytes_.size() - keys->number, width);
      PutNumber(uint64_t{1} << keys->width, width);
    }
    PutNumber(items.size(), width);
    const Value out{type, width, bytes_.size(), 0};
    for (const Value& item : items) PutElement(item, width);
    if (type == flex::kMap)
      for (const Value& item : items) bytes_.push_back(static_cast<std::byte>(item.type << 2 | (item.is_inline() ? std::max(item.width, width) : item.width)));
    return out;
  }
  void PutElement(const Value& v, int width) {
    if (v.type == flex::kFloat) {
      if (width == 3) PutBytes(&v.real, 8);
      else if (const float narrow = static_cast<float>(v.real); true) PutBytes(&narrow, 4);
    } else {
      PutNumber(v.is_inline() ? v.number : bytes_.size() - v.number, width);
    }
  }
  void PutNumber(uint64_t x, int width) { PutBytes(&x, size_t{1} << width); }  // little-endian, as all that tflower runs on
  void PutBytes(const void* data, size_t size) {
    const auto* from = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), from, from + size);
  }
  void Align(int width) { bytes_.resize((bytes_.size() + (size_t{1} << width) - 1) >> width << width); }

  std::vector<std::byte> bytes_;
  std::vector<Value> keys_, values_;
};

// Reads a map. Absent keys give the fallback; values of another kind, and broken bytes, are errors. Views live as long as the bytes.
class FlexMap {
 public:
  explicit FlexMap(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  explicit FlexMap(std::span<const std::byte> bytes) : bytes_(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()) {}

  Result<int64_t> Int(std::string_view key, int64_t fallback) const { return Scalar<int64_t>(key, fallback); }
  Result<float> Float(std::string_view key, float fallback) const { return Scalar<float>(key, fallback); }
  Result<bool> Bool(std::string_view key, bool fallback) const { return Scalar<bool>(key, fallback); }
  Result<std::string> String(std::string_view key, std::string_view fallback) const {
    TFLOWER_TRY(const Item item, Find(key));
    if (item.type == flex::kNull) return std::string(fallback);
    if (item.type != flex::kString) return Wrong(key);
    return Text(item, key);
  }
  Result<std::vector<int64_t>> Ints(std::string_view key) const { return List<int64_t>(key); }
  Result<std::vector<float>> Floats(std::string_view key) const { return List<float>(key); }

  // All keys, in their order. kMalformed.
  Result<std::vector<std::string>> Keys() const {
    TFLOWER_TRY(const Map map, Root());
    std::vector<std::string> out;
    for (uint64_t i = 0; i < map.size; ++i) {
      TFLOWER_TRY(const std::string_view key, KeyAt(map, i));
      out.emplace_back(key);
    }
    return out;
  }

 private:
  struct Item {
    uint8_t type = flex::kNull;
    int width = 0;          // log2 of the contents' unit
    uint64_t at = 0;        // where an inline value stands, or where an offset leads
    uint64_t parent = 1;    // bytes of an inline value
  };
  struct Map {
    uint64_t at = 0, size = 0, width = 1, keys = 0, key_width = 1;
  };

  static Error Broken() { return Error(Code::kMalformed, "the options are no FlexBuffer map").What("custom_options"); }
  static Error Wrong(std::string_view key) { return Error(Code::kUnsupportedAttribute, "is of another kind than the operator wants").What("option '" + std::string(key) + "'"); }

  Result<uint64_t> Number(uint64_t at, uint64_t width) const {
    if (at > bytes_.size() || width > bytes_.size() - at) return Broken();
    uint64_t x = 0;
    std::memcpy(&x, bytes_.data() + at, width);
    return x;
  }
  // Where the offset that stands at `at` leads: backwards.
  Result<uint64_t> Target(uint64_t at, uint64_t width) const {
    TFLOWER_TRY(const uint64_t back, Number(at, width));
    if (back > at) return Broken();
    return at - back;
  }
  Result<uint64_t> SizeBefore(uint64_t at, uint64_t width) const {
    if (at < width) return Broken();
    TFLOWER_TRY(const uint64_t size, Number(at - width, width));
    if (size > (bytes_.size() - at) / width) return Broken();
    return size;
  }
  Result<Map> Root() const {
    if (bytes_.empty()) return Map{};
    if (bytes_.size() < 3) return Broken();
    const uint64_t width = bytes_.back(), packed = bytes_[bytes_.size() - 2];
    if ((width != 1 && width != 2 && width != 4 && width != 8) || bytes_.size() - 2 < width || packed >> 2 != flex::kMap) return Broken();
    Map map;
    map.width = uint64_t{1} << (packed & 3);
    TFLOWER_TRY(map.at, Target(bytes_.size() - 2 - width, width));
    TFLOWER_TRY(map.size, SizeBefore(map.at, map.width));
    if (map.at < 3 * map.width || map.size > bytes_.size() - map.at - map.size * map.width) return Broken();
    TFLOWER_TRY(map.keys, Target(map.at - 3 * map.width, map.width));
    TFLOWER_TRY(map.key_width, Number(map.at - 2 * map.width, map.width));
    if (map.key_width != 1 && map.key_width != 2 && map.key_width != 4 && map.key_width != 8) return Broken();
    TFLOWER_TRY(const uint64_t keys, SizeBefore(map.keys, map.key_width));
    if (keys != map.size) return Broken();
    return map;
  }
  Result<std::string_view> KeyAt(const Map& map, uint64_t i) const {
    TFLOWER_TRY(const uint64_t at, Target(map.keys + i * map.key_width, map.key_width));
    const void* end = std::memchr(bytes_.data() + at, 0, bytes_.size() - at);
    if (end == nullptr) return Broken();
    const char* text = reinterpret_cast<const char*>(bytes_.data() + at);
    return std::string_view(text, static_cast<size_t>(static_cast<const char*>(end) - text));
  }
  Result<Item> ItemAt(uint64_t at, uint64_t parent, uint8_t packed) const {
    Item item{static_cast<uint8_t>(packed >> 2), packed & 3, at, parent};
    const bool is_inline = item.type <= flex::kFloat || item.type == flex::kBool;
    if (!is_inline) {
      TFLOWER_TRY(item.at, Target(at, parent));
    }
    return item;
  }
  Result<Item> Find(std::string_view key) const {
    TFLOWER_TRY(const Map map, Root());
    for (uint64_t i = 0; i < map.size; ++i) {
      TFLOWER_TRY(const std::string_view name, KeyAt(map, i));
      if (name == key) return ItemAt(map.at + i * map.width, map.width, bytes_[map.at + map.size * map.width + i]);
    }
    return Item{};
  }
  // The scalar at `at`, as it is.
  template <class T> Result<T> Read(uint8_t type, uint64_t at, uint64_t width, std::string_view key) const {
    TFLOWER_TRY(const uint64_t raw, Number(at, width));
    switch (type) {
      case flex::kInt: case flex::kIndirectInt: {
        const int shift = static_cast<int>(64 - 8 * width);
        return static_cast<T>(static_cast<int64_t>(raw << shift) >> shift);
      }
      case flex::kUInt: case flex::kIndirectUInt: return static_cast<T>(raw);
      case flex::kBool: return static_cast<T>(raw != 0);
      case flex::kFloat: case flex::kIndirectFloat: {
        if (!std::is_floating_point_v<T> || width < 4) return Wrong(key);
        double wide = 0;
        float narrow = 0;
        if (width == 8) std::memcpy(&wide, &raw, 8);
        else std::memcpy(&narrow, &raw, 4);
        return static_cast<T>(width == 8 ? wide : narrow);
      }
      default: return Wrong(key);
    }
  }
  template <class T> Result<T> Scalar(std::string_view key, T fallback) const {
    TFLOWER_TRY(const Item item, Find(key));
    if (item.type == flex::kNull) return fallback;
    const bool indirect = item.type >= flex::kIndirectInt && item.type <= flex::kIndirectFloat;
    return Read<T>(item.type, item.at, indirect ? uint64_t{1} << item.width : item.parent, key);
  }
  Result<std::string> Text(const Item& item, std::string_view key) const {
    TFLOWER_TRY(const uint64_t size, SizeBefore(item.at, uint64_t{1} << item.width));
    if (size > bytes_.size() - item.at) return Wrong(key);
    return std::string(reinterpret_cast<const char*>(bytes_.data() + item.at), size);
  }
  template <class T> Result<std::vector<T>> List(std::string_view key) const {
    TFLOWER_TRY(const Item item, Find(key));
    std::vector<T> out;
    if (item.type == flex::kNull) return out;
    const uint64_t width = uint64_t{1} << item.width;
    const bool typed = item.type >= flex::kVectorInt && item.type <= flex::kVectorFloat;
    if (!typed && item.type != flex::kVector && item.type != flex::kVectorBool) return Wrong(key);
    TFLOWER_TRY(const uint64_t size, SizeBefore(item.at, width));
    const uint64_t types = item.at + size * width;
    if (!typed && item.type == flex::kVector && size > bytes_.size() - types) return Broken();
    for (uint64_t i = 0; i < size; ++i) {
      uint8_t type = flex::kBool;
      if (typed) type = static_cast<uint8_t>(item.type - flex::kVectorInt + flex::kInt);
      else if (item.type == flex::kVector) type = static_cast<uint8_t>(bytes_[types + i] >> 2);
      if (type > flex::kFloat && type != flex::kBool) return Wrong(key);
      TFLOWER_TRY(const T x, Read<T>(type, item.at + i * width, width, key));
      out.push_back(x);
    }
    return out;
  }

  std::span<const uint8_t> bytes_;
};

}  // namespace tflower
