// What a Graph owns. Internal.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "import/file_bytes.h"
#include "import/function_library.h"
#include "import/op_table.h"
#include "import/tf_graph.h"
#include "import/variables.h"

namespace tflower::tf {

struct Graph::Impl {
  Impl(std::string model_path, FileBytes model_file) : path(std::move(model_path)), file(std::move(model_file)), library(file, ops) {}

  std::string path;
  FileBytes file;
  bool saved_model = false;
  int producer = 0;
  std::string tensorflow_version;
  OpTable ops;
  Scope main;
  FunctionLibrary library;
  std::vector<Signature> signatures;
  std::map<std::string, std::string, std::less<>> assets;  // node name -> path
  std::string init_op;                                      // "" = none
  std::unique_ptr<VariableTable> variables;
};

}  // namespace tflower::tf
