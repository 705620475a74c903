#include "import/meta_graph.h"

#include <set>

#include "import/wire.h"

namespace tflower::tf {
namespace {

Status ReadMetaInfo(const FileBytes& file, std::string_view bytes, MetaGraphView& view) {
  Wire wire(bytes);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Len(2): view.op_list = wire.Bytes(); break;
      case Wire::Len(4): view.tags.push_back(wire.Bytes()); break;
      case Wire::Len(5): view.tensorflow_version = wire.Bytes(); break;
      default: wire.Skip();
    }
  if (!wire.ok()) return file.Malformed(wire.position(), "the meta graph's info is broken");
  return Ok();
}

// A singular field that stands twice would have to be merged; no writer does that.
Status SetOnce(const FileBytes& file, std::string_view bytes, std::string_view& field) {
  if (field.data()) return file.Malformed(bytes.data(), "a part of the meta graph stands twice");
  field = bytes;
  return Ok();
}

Result<MetaGraphView> ReadMetaGraph(const FileBytes& file, std::string_view bytes) {
  MetaGraphView view;
  Wire wire(bytes);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Len(1): TFLOWER_CHECK(ReadMetaInfo(file, wire.Bytes(), view)); break;
      case Wire::Len(2): TFLOWER_CHECK(SetOnce(file, wire.Bytes(), view.graph_def)); break;
      case Wire::Len(3): TFLOWER_CHECK(SetOnce(file, wire.Bytes(), view.saver_def)); break;
      case Wire::Len(4): view.collections.push_back(wire.Bytes()); break;
      case Wire::Len(5): view.signatures.push_back(wire.Bytes()); break;
      case Wire::Len(6): view.assets.push_back(wire.Bytes()); break;
      case Wire::Len(7): TFLOWER_CHECK(SetOnce(file, wire.Bytes(), view.object_graph)); break;
      default: wire.Skip();
    }
  if (!wire.ok()) return file.Malformed(wire.position(), "the meta graph is broken");
  return view;
}

std::set<std::string_view> SplitTags(std::string_view tags) {
  std::set<std::string_view> set;
  while (!tags.empty()) {
    const size_t end = std::min(tags.find(','), tags.size());
    if (end > 0) set.insert(tags.substr(0, end));
    tags.remove_prefix(std::min(end + 1, tags.size()));
  }
  return set;
}

std::string Join(const std::vector<std::string_view>& tags) {
  std::string text;
  for (const std::string_view tag : tags) text += (text.empty() ? "" : ",") + std::string(tag);
  return text.empty() ? "(no tags)" : text;
}

}  // namespace

Result<MetaGraphView> ChooseMetaGraph(const FileBytes& file, const std::string& tags) {
  const std::set<std::string_view> wanted = SplitTags(tags);
  std::string available;
  Wire wire(file.bytes());
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Varint(1):
        if (const uint64_t version = wire.Uint(); wire.ok() && version != 1)
          return Error(Code::kUnknownFormat, "a SavedModel of schema version " + std::to_string(version)).File(file.path());
        break;
      case Wire::Len(2): {
        TFLOWER_TRY(MetaGraphView view, ReadMetaGraph(file, wire.Bytes()));
        if (wire.ok() && std::set(view.tags.begin(), view.tags.end()) == wanted) return view;
        available += (available.empty() ? "" : " | ") + Join(view.tags);
        break;
      }
      default: wire.Skip();
    }
  if (!wire.ok()) return file.Malformed(wire.position(), "the SavedModel is broken");
  if (available.empty()) return file.Malformed(file.bytes().data(), "not a SavedModel: there is no meta graph in it");
  return Error(Code::kNotFound, "no meta graph has the tags '" + tags + "'").File(file.path()).Hint("--tags takes one of: " + available);
}

}  // namespace tflower::tf
