#include "import/canonical.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "import/wire.h"

namespace tflower::tf {
namespace {

// The messages under SavedModel that hold maps, at any depth.
enum Message : uint8_t {
  kLeaf,  // no maps in it
  kSavedModel, kMetaGraph, kMetaInfo, kOpList, kOpDef, kAttrDef, kAttrValue, kAttrList, kNameAttrList, kGraphDef, kNodeDef, kLibrary,
  kFunctionDef, kArgAttrs, kDebugInfo, kSignatureDef, kTensorInfo, kCompositeTensor, kTypeSpec, kStructured, kStructuredList, kDict,
  kNamedTuple, kPair, kAsset, kObjectGraph, kObject, kFunction, kBareFunction, kFunctionSpec, kConcreteFunction,
  kMessages
};

struct Row {
  Message message;
  uint32_t field;
  Message child;
  bool is_map = false;
};

// Source: descriptors of tensorflow/core/protobuf/saved_model.proto and what it imports, TensorFlow 2.21.
constexpr Row kRows[] = {
    {kSavedModel, 2, kMetaGraph},
    {kMetaGraph, 1, kMetaInfo}, {kMetaGraph, 2, kGraphDef}, {kMetaGraph, 4, kLeaf, true}, {kMetaGraph, 5, kSignatureDef, true},
    {kMetaGraph, 6, kAsset}, {kMetaGraph, 7, kObjectGraph},
    {kMetaInfo, 2, kOpList}, {kMetaInfo, 8, kLeaf, true},
    {kOpList, 1, kOpDef}, {kOpDef, 4, kAttrDef}, {kAttrDef, 3, kAttrValue}, {kAttrDef, 7, kAttrValue},
    {kAttrValue, 1, kAttrList}, {kAttrValue, 10, kNameAttrList}, {kAttrList, 9, kNameAttrList}, {kNameAttrList, 2, kAttrValue, true},
    {kGraphDef, 1, kNodeDef}, {kGraphDef, 2, kLibrary}, {kGraphDef, 5, kDebugInfo}, {kNodeDef, 5, kAttrValue, true},
    {kLibrary, 1, kFunctionDef},
    {kFunctionDef, 1, kOpDef}, {kFunctionDef, 3, kNodeDef}, {kFunctionDef, 4, kLeaf, true}, {kFunctionDef, 5, kAttrValue, true},
    {kFunctionDef, 6, kLeaf, true}, {kFunctionDef, 7, kArgAttrs, true}, {kFunctionDef, 8, kLeaf, true}, {kArgAttrs, 1, kAttrValue, true},
    {kDebugInfo, 2, kLeaf, true}, {kDebugInfo, 4, kLeaf, true}, {kDebugInfo, 5, kLeaf, true}, {kDebugInfo, 6, kLeaf, true},
    {kSignatureDef, 1, kTensorInfo, true}, {kSignatureDef, 2, kTensorInfo, true}, {kSignatureDef, 4, kLeaf, true},
    {kTensorInfo, 5, kCompositeTensor}, {kCompositeTensor, 1, kTypeSpec}, {kCompositeTensor, 2, kTensorInfo}, {kTypeSpec, 2, kStructured},
    {kStructured, 34, kTypeSpec}, {kStructured, 51, kStructuredList}, {kStructured, 52, kStructuredList}, {kStructured, 53, kDict},
    {kStructured, 54, kNamedTuple}, {kStructuredList, 1, kStructured}, {kDict, 1, kStructured, true}, {kNamedTuple, 2, kPair},
    {kPair, 2, kStructured},
    {kAsset, 1, kTensorInfo},
    {kObjectGraph, 1, kObject}, {kObjectGraph, 2, kConcreteFunction, true}, {kObject, 6, kFunction}, {kObject, 8, kBareFunction},
    {kObject, 11, kLeaf, true}, {kFunction, 2, kFunctionSpec}, {kBareFunction, 4, kFunctionSpec}, {kFunctionSpec, 1, kStructured},
    {kFunctionSpec, 5, kStructured}, {kConcreteFunction, 3, kStructured}, {kConcreteFunction, 4, kStructured},
};

constexpr uint32_t kFields = 64;
using Index = std::array<std::array<uint8_t, kFields>, kMessages>;

// kIndex[message][field] is 1 + the row's number, or 0.
constexpr Index MakeIndex() {
  Index index{};
  uint8_t number = 0;
  for (const Row& row : kRows) index[row.message][row.field] = ++number;
  return index;
}
constexpr Index kIndex = MakeIndex();

const Row* FindRow(Message message, uint32_t tag) {
  const uint32_t field = tag >> 3;
  if (field >= kFields || (tag & 7) != 2) return nullptr;
  const uint8_t number = kIndex[message][field];
  return number ? &kRows[number - 1] : nullptr;
}

struct Entry {
  std::string_view key;  // of a text map
  uint64_t number = 0;   // of a map with numbers as keys
  std::string_view bytes;
};

bool Before(const Entry& a, const Entry& b) {
  const int order = a.key.compare(b.key);
  return order != 0 ? order < 0 : a.number < b.number;
}

constexpr int kMaxDepth = 100;  // as in protobuf

// Works in place: `bytes` are views into a string that we may change.
class Sorter {
 public:
  bool Sort(std::string_view bytes, Message message, int depth) {
    if (depth > kMaxDepth) return false;
    const size_t base = entries_.size();  // from here: consecutive entries of one map
    uint32_t run_tag = 0;
    Wire wire(bytes);
    const char* start = wire.position();
    for (; wire.Next(); start = wire.position()) {
      const Row* row = FindRow(message, wire.tag());
      if (wire.tag() != run_tag) Place(base);
      if (!row) {
        wire.Skip();
        continue;
      }
      const std::string_view body = wire.Bytes();
      if (!wire.ok()) break;
      if (!row->is_map) {
        if (!Sort(body, row->child, depth + 1)) return false;
        continue;
      }
      run_tag = wire.tag();
      Entry entry;
      if (!ReadEntry(body, row->child, depth, entry)) return false;
      entry.bytes = {start, static_cast<size_t>(wire.position() - start)};
      entries_.push_back(entry);
    }
    Place(base);
    return wire.ok();
  }

 private:
  bool ReadEntry(std::string_view body, Message child, int depth, Entry& entry) {
    Wire wire(body);
    while (wire.Next()) switch (wire.tag()) {
        case Wire::Varint(1): entry.number = wire.Uint(); break;
        case Wire::Fixed64(1): entry.number = wire.Quad(); break;
        case Wire::Len(1): entry.key = wire.Bytes(); break;
        case Wire::Len(2): {
          const std::string_view value = wire.Bytes();
          if (wire.ok() && child != kLeaf && !Sort(value, child, depth + 1)) return false;
          break;
        }
        default: wire.Skip();
      }
    return wire.ok();
  }

  // Writes the run's entries back in order, and drops them.
  void Place(size_t base) {
    const auto begin = entries_.begin() + static_cast<ptrdiff_t>(base), end = entries_.end();
    if (!std::is_sorted(begin, end, Before)) {
      auto* out = const_cast<char*>(begin->bytes.data());
      std::stable_sort(begin, end, Before);
      scratch_.clear();
      for (auto entry = begin; entry != end; ++entry) scratch_ += entry->bytes;
      std::copy(scratch_.begin(), scratch_.end(), out);
    }
    entries_.resize(base);
  }

  std::vector<Entry> entries_;  // a stack: one run per level
  std::string scratch_;
};

}  // namespace

bool SortMaps(std::string& saved_model) { return Sorter().Sort(saved_model, kSavedModel, 0); }

}  // namespace tflower::tf
