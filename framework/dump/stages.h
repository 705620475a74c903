// Stages: the graphs between the stages of a conversion, as files in a folder.
#pragma once

#include <string>

#include "import/tf_graph.h"
#include "ir/graph.h"
#include "tflower/status.h"

namespace tflower::dump {

class Stages {
 public:
  // "" = nothing is written.
  explicit Stages(std::string folder) : folder_(std::move(folder)) {}

  // STAGE.txt of a source graph; makes the folder.
  Status Imported(const char* stage, const tf::Graph& graph) const;
  // STAGE.tflite and STAGE.txt of a target graph.
  Status Target(const char* stage, const ir::Model& model, const tf::Graph& source) const;
  // STAGE.txt of a .tflite file.
  Status Exported(const char* stage, const std::string& tflite) const;

 private:
  std::string Path(const std::string& name) const;
  std::string folder_;
};

}  // namespace tflower::dump
