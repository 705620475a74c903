// What tests of whole conversions share: graphs in text form, a folder to convert in, the operators of what comes out.
#pragma once

#include "convert.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/model/view.h"
#include "runtime/plan/kernel_source.h"
#include "tflower/runtime.h"

namespace tflower::convert_test {

namespace fs = std::filesystem;

inline const Registry& TestRegistry() {
  static const std::unique_ptr<Registry> registry = [] {
    RegistryOptions options;
#ifdef TFLOWER_TEST_PLUGINS
    options.search_path = {TFLOWER_TEST_PLUGINS};
#endif
    return std::move(Registry::Open(options).value());
  }();
  return *registry;
}

// ---- graphs in text form

inline std::string Placeholder(std::string name, std::vector<int64_t> dims) {
  std::string shape;
  for (int64_t d : dims) shape += "dim { size: " + std::to_string(d) + " } ";
  return "node { name: '" + name + "' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } attr { key: 'shape' value { shape { " + shape + "} } } }\n";
}
inline std::string Node(std::string name, std::string op, std::vector<std::string> inputs, std::string attrs = "") {
  std::string text = "node { name: '" + name + "' op: '" + op + "' ";
  for (const std::string& in : inputs) text += "input: '" + in + "' ";
  return text + "attr { key: 'T' value { type: DT_FLOAT } } " + attrs + "}\n";
}
inline std::string Dims(std::vector<int64_t> dims) {
  std::string text;
  for (int64_t d : dims) text += "dim { size: " + std::to_string(d) + " } ";
  return text;
}
inline std::string Floats(std::string name, std::vector<int64_t> dims, std::vector<float> values) {
  std::string text;
  for (float v : values) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.9g", static_cast<double>(v));
    text += "float_val: " + std::string(digits) + " ";
  }
  return "node { name: '" + name + "' op: 'Const' attr { key: 'dtype' value { type: DT_FLOAT } } attr { key: 'value' value { tensor { dtype: DT_FLOAT tensor_shape { " + Dims(dims) +
         "} " + text + "} } } }\n";
}
inline std::string Ints(std::string name, std::vector<int64_t> dims, std::vector<int> values) {
  std::string text;
  for (int v : values) text += "int_val: " + std::to_string(v) + " ";
  return "node { name: '" + name + "' op: 'Const' attr { key: 'dtype' value { type: DT_INT32 } } attr { key: 'value' value { tensor { dtype: DT_INT32 tensor_shape { " + Dims(dims) +
         "} " + text + "} } } }\n";
}
inline const std::string kSame = "attr { key: 'padding' value { s: 'SAME' } } ", kValid = "attr { key: 'padding' value { s: 'VALID' } } ";
inline std::string IntList(std::string name, std::vector<int> values) {
  std::string text;
  for (int v : values) text += "i: " + std::to_string(v) + " ";
  return "attr { key: '" + name + "' value { list { " + text + "} } } ";
}
inline const std::string kStride1 = IntList("strides", {1, 1, 1, 1});

struct Converted {
  Result<ConvertReport> report = Error();
  lower::LowerFailures failures;
  std::shared_ptr<const runtime::Model> model;

  std::map<std::string, int> Operators() const {
    std::map<std::string, int> count;
    for (const runtime::OperatorView& op : model->view().subgraphs()[0].operators) ++count[std::string(op.name)];
    return count;
  }
  // Runs the model on x (any batch) and gives the first output.
  std::vector<float> Run(std::vector<int64_t> dims, const std::vector<float>& x) const {
    auto session = runtime::Session::Create(model);
    REQUIRE(session.ok());
    REQUIRE(session.value()->Resize(0, dims).ok());
    REQUIRE(session.value()->SetInput(0, std::as_bytes(std::span(x))).ok());
    const Status status = session.value()->Invoke();
    REQUIRE_MESSAGE(status.ok(), (status.ok() ? "" : status.error().ToString()));
    const auto bytes = session.value()->OutputData(0);
    const float* y = reinterpret_cast<const float*>(bytes.data());
    return {y, y + bytes.size() / sizeof(float)};
  }
};

class Workspace {
 public:
  Workspace() : dir_(fs::temp_directory_path() / ("tflower_convert_" + std::to_string(::getpid()))) { fs::create_directories(dir_); }
  ~Workspace() { fs::remove_all(dir_); }
  fs::path output() const { return dir_ / "out.tflite"; }

  Converted Convert(const std::string& graph, const ConvertOptions& options = {}, const Registry& registry = TestRegistry()) {
    std::ofstream(dir_ / "graph.pbtxt") << graph;
    fs::remove(output());
    Converted c;
    c.report = tflower::Convert(dir_ / "graph.pbtxt", registry, options, output(), c.failures);
    if (!c.report.ok()) return c;
    auto model = runtime::Model::FromFile(output(), std::make_shared<runtime::RegistryKernels>(TestRegistry()));
    REQUIRE_MESSAGE(model.ok(), (model.ok() ? "" : model.error().ToString()));
    c.model = model.value();
    return c;
  }
  // Must succeed.
  Converted Good(const std::string& graph, const ConvertOptions& options = {}, const Registry& registry = TestRegistry()) {
    Converted c = Convert(graph, options, registry);
    std::string why = c.report.ok() ? "" : c.report.error().ToString();
    for (const Error& e : c.failures.errors) why += "\n" + e.ToString();
    REQUIRE_MESSAGE(c.report.ok(), why);
    return c;
  }

 private:
  fs::path dir_;
};

using Count = std::map<std::string, int>;

}  // namespace tflower::convert_test
