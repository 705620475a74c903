// Inputs and outputs of a session as .npz arrays.
#include "cli/model_io.h"

#include <algorithm>
#include <cstring>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

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
    if (info.dtype != array.dtype)
      return Error(Code::kUsage, fmt::format("array '{}' is {}, input '{}' takes {}", name, NameOf(array.dtype), info.name, NameOf(info.dtype)));
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
    TFLOWER_CHECK(session.SetInput(i, bytes));
  }
  return Ok();
}

Result<Arrays> TakeOutputs(const runtime::Session& session) {
  Arrays out;
  for (size_t i = 0; i < session.num_outputs(); ++i) {
    const runtime::TensorInfo info = session.OutputInfo(i);
    const std::span<const std::byte> bytes = session.OutputData(i);
    out.emplace_back(std::string(info.name), Array{info.dtype, info.shape, {bytes.begin(), bytes.end()}});
  }
  return out;
}

namespace {

constexpr uint64_t kMaxRandomStrings = 1 << 20;

// Words of up to seven letters, packed as TFLite does: count, the begin of each and the end of all as 32-bit offsets, contents.
template <class Next>
Result<std::vector<std::byte>> RandomStrings(const runtime::TensorInfo& info, const Next& next) {
  uint64_t count = 1;
  for (const int64_t d : info.shape)
    if (__builtin_mul_overflow(count, static_cast<uint64_t>(d), &count) || count > kMaxRandomStrings)
      return Error(Code::kLimit, fmt::format("input '{}' has too many strings to make up", info.name)).Hint("give them with --inputs");
  std::vector<uint32_t> head{static_cast<uint32_t>(count)};
  std::string data;
  for (uint64_t i = 0; i <= count; ++i) {
    head.push_back(static_cast<uint32_t>(4 * (count + 2) + data.size()));
    for (uint32_t left = i < count ? next() % 8 : 0; left > 0; --left) data += static_cast<char>('a' + next() % 26);
  }
  std::vector<std::byte> out(head.size() * sizeof head[0] + data.size());
  std::memcpy(out.data(), head.data(), head.size() * sizeof head[0]);
  if (!data.empty()) std::memcpy(out.data() + head.size() * sizeof head[0], data.data(), data.size());
  return out;
}

}  // namespace

Status FillRandom(runtime::Session& session) {
  uint64_t state = 0x9e3779b97f4a7c15u;
  const auto next = [&] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(state >> 33);
  };
  for (size_t i = 0; i < session.num_inputs(); ++i) {
    const runtime::TensorInfo info = session.InputInfo(i);
    if (std::any_of(info.shape.begin(), info.shape.end(), [](int64_t d) { return d < 0; })) {
      std::vector<int64_t> dims = info.shape;
      for (int64_t& d : dims) d = std::max<int64_t>(d, 1);
      TFLOWER_CHECK(session.Resize(i, dims));
    }
    if (info.dtype == DType::kString) {
      TFLOWER_TRY(const std::vector<std::byte> strings, RandomStrings(session.InputInfo(i), next));
      TFLOWER_CHECK(session.SetInput(i, strings));
      continue;
    }
    TFLOWER_TRY(const std::span<std::byte> bytes, session.InputData(i));
    const bool known = VisitNumeric(info.dtype, [&](auto zero) {
      using T = decltype(zero);
      for (size_t k = 0; k + sizeof(T) <= bytes.size(); k += sizeof(T)) {
        T x;
        if constexpr (std::is_floating_point_v<T>) x = static_cast<T>(static_cast<double>(next()) / 1073741824.0 - 1.0);
        else x = static_cast<T>(next() % 2);
        std::memcpy(bytes.data() + k, &x, sizeof x);
      }
    });
    if (!known) std::memset(bytes.data(), 0, bytes.size());
  }
  return Ok();
}

}  // namespace tflower::cli
