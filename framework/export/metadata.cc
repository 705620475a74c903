// MetadataFor: conversion metadata and provenance.
#include "export/metadata.h"

#include <map>

#include <conversion_metadata_generated.h>
#include <nlohmann/json.hpp>

#ifndef TFLOWER_VERSION
#error "the build defines TFLOWER_VERSION"
#endif

namespace tflower::exporter {
namespace {

std::string ConversionMetadata(const tf::Graph& source) {
  flatbuffers::FlatBufferBuilder b;
  const auto version = b.CreateString(source.tensorflow_version());
  const auto type = source.is_saved_model() ? metadata::ModelType::TF_SAVED_MODEL : metadata::ModelType::TF_GRAPH_DEF;
  const auto environment = metadata::CreateEnvironment(b, version, 2, type, 0);
  const auto options = metadata::CreateConversionOptions(b);
  b.Finish(metadata::CreateConversionMetadata(b, environment, options));
  return std::string(reinterpret_cast<const char*>(b.GetBufferPointer()), b.GetSize());
}

std::string Provenance(const ir::Model& model) {
  std::map<std::string_view, size_t> plugins;
  nlohmann::ordered_json names = nlohmann::ordered_json::array();
  nlohmann::ordered_json subgraphs = nlohmann::ordered_json::array();
  for (const auto& graph : model.subgraphs) {
    nlohmann::ordered_json operators = nlohmann::ordered_json::array();
    for (const ir::Operator* op : graph->Sorted()) {
      const auto [it, is_new] = plugins.try_emplace(op->plugin, names.size());
      if (is_new) names.push_back(std::string(op->plugin));
      nlohmann::ordered_json entry = {{"node", op->node}, {"plugin", it->second}};
      if (!op->rule.empty()) entry["rule"] = std::string(op->rule);
      operators.push_back(std::move(entry));
    }
    subgraphs.push_back(std::move(operators));
  }
  const nlohmann::ordered_json all = {{"format", "1"}, {"producer", "tflower " TFLOWER_VERSION}, {"plugins", names}, {"subgraphs", subgraphs}};
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

WriteOptions MetadataFor(const ir::Model& model, const tf::Graph& source, bool provenance) {
  WriteOptions options;
  options.description = "Converted by tflower " TFLOWER_VERSION;
  options.metadata.push_back({"CONVERSION_METADATA", ConversionMetadata(source)});
  if (provenance) options.metadata.push_back({"tflower.provenance", Provenance(model)});
  return options;
}

}  // namespace tflower::exporter
