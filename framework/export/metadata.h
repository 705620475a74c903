// What a converted file says about itself: CONVERSION_METADATA as other tools read it, and our own provenance.
#pragma once

#include "export/tflite_writer.h"
#include "import/tf_graph.h"
#include "ir/graph.h"

namespace tflower::exporter {

// "tflower.provenance" is JSON: {"format": "1", "producer": ..., "plugins": [[id, version]...], "subgraphs": [[{"node": ..., "plugin": index,
// "rule": id}...]...]}, one entry an operator, in file order.
WriteOptions MetadataFor(const ir::Model& model, const tf::Graph& source, bool provenance);

}  // namespace tflower::exporter
