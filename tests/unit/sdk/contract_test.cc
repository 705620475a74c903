// The contracts of the builtin operators: what each rule refuses and accepts, the words, and docs/operators.md, which is written from them.
#include "sdk/schema/contract.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sdk/schema/op_table.h"

namespace tflower::tfl {
namespace {

struct T {
  DType dtype = DType::kFloat32;
  std::vector<int64_t> dims;  // of -1: unknown
  std::vector<int32_t> data;  // empty: unknown
  std::vector<float> scales;
  bool absent = false;
};

struct Call {
  Builtin code;
  std::vector<T> inputs, outputs;
  tflower_bytes options{};
};

// The ABI's view of a call.
class View {
 public:
  explicit View(const Call& call) : call_(call) {
    Fill(call_.inputs, in_, in_pointers_);
    Fill(call_.outputs, out_, out_pointers_);
    op_.struct_size = sizeof op_;
    op_.code = static_cast<int32_t>(call.code);
    op_.options = call.options;
    op_.num_inputs = static_cast<uint32_t>(in_.size());
    op_.num_outputs = static_cast<uint32_t>(std::max<size_t>(out_.size(), 1));  // one that is not known, unless given
    op_.inputs = in_pointers_.data();
    op_.outputs = out_.empty() ? nullptr : out_pointers_.data();
  }
  const tflower_op& op() const { return op_; }

 private:
  static void Fill(std::vector<T>& from, std::vector<tflower_tensor>& to, std::vector<tflower_tensor*>& pointers) {
    static constexpr int64_t kZeros[8] = {};
    to.resize(from.size());
    for (size_t i = 0; i < from.size(); ++i) {
      tflower_tensor& t = to[i];
      t.dtype = static_cast<int32_t>(from[i].dtype);
      t.rank = static_cast<int32_t>(from[i].dims.size());
      t.dims = from[i].dims.data();
      t.data = from[i].data.empty() ? nullptr : from[i].data.data();
      t.scale = from[i].scales.data();
      t.zero_point = kZeros;
      t.quant_count = static_cast<uint32_t>(from[i].scales.size());
      pointers.push_back(from[i].absent ? nullptr : &t);
    }
  }

  Call call_;
  std::vector<tflower_tensor> in_, out_;
  std::vector<tflower_tensor*> in_pointers_, out_pointers_;
  tflower_op op_{};
};

template <class Op>
Call Of(const Op& options, std::vector<T> inputs, std::vector<T> outputs = {}) {
  Call call{Op::kCode, std::move(inputs), std::move(outputs), {}};
  if constexpr (!std::is_empty_v<Op>) call.options = {&options, sizeof options};
  return call;
}

std::string Refusal(const Call& call) {
  const Status status = CheckContract(*FindContract(call.code), View(call).op());
  return status.ok() ? "" : status.error().what + " " + status.error().message;
}
int32_t Version(const Call& call) { return VersionOf(*FindContract(call.code), View(call).op()); }

T I32(std::vector<int32_t> data) { return {DType::kInt32, {static_cast<int64_t>(data.size())}, data, {}, false}; }
const T kImage{DType::kFloat32, {1, 8, 8, 3}, {}, {}, false}, kFilter{DType::kFloat32, {4, 3, 3, 3}, {}, {}, false}, kAbsent{DType::kNone, {}, {}, {}, true};

std::string TypesOf(DTypeSet types) {
  std::string out;
  for (int t = 0; t < kNumDTypes; ++t)
    if ((types >> t & 1) != 0) out += (out.empty() ? "" : " ") + std::string(NameOf(static_cast<DType>(t)));
  return types == kAnyType ? "any type" : out;
}

std::string OperandsOf(std::span<const OperandRule> rules) {
  std::string out;
  for (const OperandRule& rule : rules)
    out += (out.empty() ? "`" : ", `") + std::string(rule.name) + "`" + (rule.repeated ? "..." : rule.optional ? " (optional)" : "");
  return out.empty() ? "none" : out;
}

// Operands of equal types share a line.
std::string TypeLines(std::span<const OperandRule> rules) {
  std::string out;
  std::vector<DTypeSet> seen;
  for (const OperandRule& rule : rules) {
    if (std::find(seen.begin(), seen.end(), rule.types) != seen.end()) continue;
    seen.push_back(rule.types);
    std::string names;
    for (const OperandRule& other : rules)
      if (other.types == rule.types) names += (names.empty() ? "`" : ", `") + std::string(other.name) + "`";
    out += "- " + names + ": " + TypesOf(rule.types) + "\n";
  }
  return out;
}

std::string VersionLine(const OpInfo& op, const Contract& contract) {
  std::string out;
  for (const RuntimeVersion& v : op.min_runtime) {
    if (v.op_version < contract.min_version) continue;
    out += (out.empty() ? "- versions: " : "; ") + std::to_string(v.op_version) + " (TFLite " + v.runtime + ")";
    for (const Rule& rule : contract.versions)
      if (rule.version == v.op_version && !rule.steps.empty()) out += " if `" + std::string(rule.text) + "`";
  }
  return out.empty() ? "" : out + "\n";
}

std::string Page() {
  std::string out =
      "# Contracts of TFLite's operators\n\nWritten from `sdk/schema/contracts.txt` by `sdk_contract_test` (with `TFLOWER_WRITE_DOCS=1`). A requirement that a model breaks is the text "
      "of the error. What is not known before a run (sizes, contents) is checked by the kernels when it is. [Supported ops](supported_ops.md) says which of the types have a kernel.\n";
  for (const OpInfo& op : AllOps()) {
    const Contract* contract = FindContract(op.code);
    if (contract == nullptr) continue;
    out += "\n## " + std::string(op.name) + "\n\n" + OperandsOf(contract->inputs) + " → " + OperandsOf(contract->outputs) + "\n\n";
    for (const ResultRule& rule : contract->results)
      out += "- `" + std::string(contract->outputs[rule.output].name) + "` has the type `" + rule.text + "`, whatever a file declares\n";
    std::vector<OperandRule> all(contract->inputs.begin(), contract->inputs.end());
    for (const OperandRule& rule : contract->outputs)
      if (std::none_of(all.begin(), all.end(), [&](const OperandRule& r) { return std::string_view(r.name) == rule.name; })) all.push_back(rule);
    out += TypeLines(all);
    for (const Rule& rule : contract->requirements) out += "- `" + std::string(rule.text) + "`\n";
    out += VersionLine(op, *contract);
  }
  return out;
}

}  // namespace

TEST_CASE("a rule's text and the values that break it are the message") {
  const tfl::Conv2D good{.stride_w = 1, .stride_h = 1};
  CHECK(Refusal(Of(good, {kImage, kFilter, kAbsent})) == "");
  CHECK(Refusal(Of(tfl::Conv2D{.stride_w = 0, .stride_h = 1}, {kImage, kFilter, kAbsent})) == "stride_w must have stride_w >= 1, but stride_w is 0");
  CHECK(Refusal(Of(good, {T{DType::kFloat32, {1, 8, 8}}, kFilter, kAbsent})) ==
        "input 0 (input) must have rank(input) == 4, but input 0 (input) is float32[1, 8, 8]");
  CHECK(Refusal(Of(good, {kImage, kFilter, T{DType::kFloat32, {5}}})) ==
        "input 2 (bias) must have count(bias) == dim(filter, 0), but input 2 (bias) is float32[5], input 1 (filter) is float32[4, 3, 3, 3]");
  CHECK(Refusal(Of(good, {T{DType::kString, {1, 8, 8, 3}}, kFilter, kAbsent})).starts_with("input 0 (input) is string, must be float32"));
}

TEST_CASE("each element is looked at, and the message says which one") {
  const T x{DType::kFloat32, {2, 3}};
  CHECK(Refusal(Of(tfl::Sum{}, {x, I32({0, -2})})) == "");
  CHECK(Refusal(Of(tfl::Sum{}, {x, I32({0, 2})})) ==
        "input 1 (axes)[1] must have each(axes) in [-rank(input), rank(input)), but input 1 (axes)[1] is 2, input 0 (input) is float32[2, 3]");
  const int32_t dims[] = {0, 7};
  CHECK(Refusal(Of(tfl::Squeeze{.squeeze_dims = {dims, 2}}, {T{DType::kFloat32, {1, 3}}})).starts_with("squeeze_dims must have each(squeeze_dims) in"));
  CHECK(Refusal(Of(tfl::Concatenation{.axis = 1}, {x, T{DType::kFloat32, {2}}})).find("input 1 (values) is float32[2]") != std::string::npos);
}

TEST_CASE("what is not known is not refused") {
  CHECK(Refusal(Of(tfl::Sum{}, {T{DType::kFloat32, {2, 3}}, T{DType::kInt32, {2}}})) == "");
  CHECK(Refusal(Of(tfl::Add{}, {T{DType::kFloat32, {-1, 3}}, T{DType::kFloat32, {2, 3}}})) == "");
  CHECK(Refusal(Of(tfl::Add{}, {T{DType::kFloat32, {-1, 4}}, T{DType::kFloat32, {2, 3}}})).find("broadcast(lhs, rhs)") != std::string::npos);
  CHECK(Version(Of(tfl::Sub{}, {T{DType::kFloat32, {-1, 1, 1, 1, 3}}, T{DType::kFloat32, {-1, 1, 1, 1, 3}}})) == 1);
  CHECK(Version(Of(tfl::Sub{}, {T{DType::kFloat32, {-1, 1, 1, 1, 3}}, T{DType::kFloat32, {3}}})) == 3);
}

TEST_CASE("operands are counted") {
  const auto refused = [](Builtin code, size_t inputs, size_t outputs, uint64_t absent = 0) {
    tflower_tensor tensor{};
    tensor.dtype = TFLOWER_DTYPE_NONE;
    tensor.rank = -1;
    std::vector<tflower_tensor*> given(inputs, &tensor);
    for (size_t i = 0; i < std::min<size_t>(inputs, 64); ++i)
      if ((absent >> i & 1) != 0) given[i] = nullptr;
    tflower_op op{};
    op.code = static_cast<int32_t>(code);
    op.num_inputs = static_cast<uint32_t>(inputs);
    op.num_outputs = static_cast<uint32_t>(outputs);
    op.inputs = given.data();
    const Status status = CheckContract(*FindContract(code), op);
    return status.ok() ? std::string() : status.error().what + " " + status.error().message;
  };
  CHECK(refused(Builtin::CONV_2D, 2, 1) == "");
  CHECK(refused(Builtin::CONV_2D, 1, 1) == "inputs has 1, the operator takes 2 to 3");
  CHECK(refused(Builtin::CONV_2D, 3, 1, 4) == "");
  CHECK(refused(Builtin::CONV_2D, 3, 1, 2) == "input 1 (filter) is absent (tensor -1) but required");
  CHECK(refused(Builtin::CONV_2D, 3, 2) == "outputs has 2, the operator gives 1");
  CHECK(refused(Builtin::CONCATENATION, 0, 1) == "inputs has 0, the operator takes 1 or more");
  CHECK(refused(Builtin::CONCATENATION, 1000, 1) == "");
  CHECK(refused(Builtin::IF, 1, 0) == "");
}

TEST_CASE("every operator that a runtime has has a contract, and reaches its highest version by a rule") {
  for (const OpInfo& op : AllOps()) {
    const Contract* contract = FindContract(op.code);
    const std::string_view name = op.name;
    CAPTURE(name);
    if (!op.min_runtime.empty()) CHECK(contract != nullptr);
    if (contract == nullptr) continue;
    for (const Rule& rule : contract->versions) {
      CHECK(rule.version >= 1);
      CHECK(rule.version <= contract->max_version);
    }
  }
}

TEST_CASE("docs/operators.md is what the contracts say") {
  const std::string path = TFLOWER_DOCS "/operators.md";
  if (std::getenv("TFLOWER_WRITE_DOCS") != nullptr) {
    std::ofstream(path) << Page();
    return;
  }
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  CHECK_MESSAGE(text == Page(), "run sdk_contract_test with TFLOWER_WRITE_DOCS=1");
}

}  // namespace tflower::tfl
