// MetaGraphView: the parts of one MetaGraphDef of a SavedModel, as bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "import/file_bytes.h"
#include "tflower/status.h"

namespace tflower::tf {

struct MetaGraphView {
  std::vector<std::string_view> tags;
  std::string_view tensorflow_version;
  std::string_view op_list;       // OpList
  std::string_view graph_def, saver_def, object_graph;
  std::vector<std::string_view> collections, signatures, assets;  // map entries; AssetFileDef
};

// The meta graph of a serialized SavedModel whose tag set is `tags` ("serve", or "serve,gpu").
// kMalformed; kUnknownFormat (schema version); kNotFound: the message lists the tag sets that there are.
Result<MetaGraphView> ChooseMetaGraph(const FileBytes& file, const std::string& tags);

}  // namespace tflower::tf
