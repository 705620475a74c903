// Inputs and outputs of a session as .npz arrays.
#include "cli/model_io.h"

#include <algorithm>
#include <cstring>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/small_ints.h"
#include "runtime/model/view.h"

namespace tflower::cli {

namespace {

// Names of the tensors that an operator reads, or that are outputs, in any subgraph.
std::set<std::string_view> ReadTensors(const runtime::ModelView& model) {
  std::set<std::string_view> names;
  for (const runtime::SubgraphView& graph : model.subgraphs()) {
    const auto add = [&](std::span<const int32_t> tensors) {
      for (int32_t t : tensors) if (t >= 0) names.insert(graph.tensors[static_cast<size_t>(t)].name);
    };
    for (const runtime::OperatorView& op : graph.operators) add(op.inputs);
    add(graph.outputs);
  }
  return names;
}

}  // namespace

Result<std::vector<const Array*>> MatchInputs(const runtime::Model& model, const runtime::Session& session, const Arrays& arrays) {
  std::vector<const Array*> matched(session.num_inputs(), nullptr);
  for (const auto& [name, array] : arrays) {
    Result<size_t> index = session.FindInput(name);
    if (!index.ok()) return Error(Code::kUsage, fmt::format("array '{}' belongs to no input: {}", name, index.error().message));
    if (matched[index.value()] != nullptr) return Error(Code::kUsage, fmt::format("array '{}' is a second one for input '{}'", name, session.InputInfo(index.value()).name));
    const runtime::TensorInfo info = session.InputInfo(index.value());
    if (const DType stored = StoredAs(info.dtype); stored != array.dtype) {
      const std::string as = stored == info.dtype ? "" : fmt::format(", as {}", NameOf(stored));
      return Error(Code::kUsage, fmt::format("array '{}' is {}, input '{}' takes {}{}", name, NameOf(array.dtype), info.name, NameOf(info.dtype), as));
    }
    matched[index.value()] = &array;
  }
  const std::set<std::string_view> read = ReadTensors(model.view());
  for (size_t i = 0; i < matched.size(); ++i)
    if (matched[i] == nullptr && read.contains(session.InputInfo(i).tensor_name)) return Error(Code::kUsage, fmt::format("no array for input '{}'", session.InputInfo(i).name)).Hint("name arrays by signature input, tensor or position");
  return matched;
}

Status SetInputs(runtime::Session& session, const std::vector<const Array*>& arrays, int64_t step) {
  for (size_t i = 0; i < arrays.size(); ++i) {
    if (arrays[i] == nullptr) continue;
    std::span<const int64_t> dims = arrays[i]->dims;
    if (step >= 0) dims = dims.subspan(1);
    const std::vector<int64_t> present = session.InputInfo(i).shape;
    if (!std::equal(dims.begin(), dims.end(), present.begin(), present.end())) TFLOWER_CHECK(session.Resize(i, dims));
  }
  for (size_t i = 0; i < arrays.size(); ++i) {
    if (arrays[i] == nullptr) continue;
    std::span<const std::byte> bytes = arrays[i]->bytes;
    if (step >= 0) {
      const size_t size = bytes.size() / static_cast<size_t>(std::max<int64_t>(arrays[i]->dims[0], 1));
      bytes = bytes.subspan(static_cast<size_t>(step) * size, size);
    }
    const DType type = session.InputInfo(i).dtype;
    std::vector<std::byte> packed;
    if (StoredAs(type) != type) {
      Result<std::vector<std::byte>> small = PackSmall(bytes, type);
      if (!small.ok()) return std::move(small.error()).What(fmt::format("array for input '{}'", session.InputInfo(i).name));
      bytes = packed = std::move(small).value();
    }
    TFLOWER_CHECK(session.SetInput(i, bytes));
  }
  return Ok();
}

Array ArrayOf(DType type, std::span<const int64_t> shape, std::span<const std::byte> bytes) {
  const DType stored = StoredAs(type);
  Array array{stored, {shape.begin(), shape.end()}, {}};
  if (stored == type) {
    array.bytes.assign(bytes.begin(), bytes.end());
  } else {
    size_t count = 1;
    for (const int64_t dim : shape) count *= static_cast<size_t>(dim);
    array.bytes = UnpackSmall(bytes, type, count);
  }
  return array;
}

Result<Arrays> TakeOutputs(const runtime::Session& session) {
  Arrays out;
  std::set<std::string_view> names;  // tensors may share a name, or have none: such an output is named by its position
  for (size_t i = 0; i < session.num_outputs(); ++i) {
    const runtime::TensorInfo info = session.OutputInfo(i);
    const bool own = !info.name.empty() && names.insert(info.name).second;
    out.emplace_back(own ? std::string(info.name) : std::to_string(i), ArrayOf(info.dtype, info.shape, session.OutputData(i)));
  }
  return out;
}

}  // namespace tflower::cli
