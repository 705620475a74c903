// One operator of one family of kernels (--family=NAME: a folder of plugins/kernels), made from the input's bytes: which row, how many operands, their
// types, shapes, scales and contents, given as constants or at run time, and every field of the options. Verified, planned and run like any file.
// --family=NAME,NAME...: the first byte chooses the family.
// --templates=FOLDER: where it has a folder of files for the family, inputs whose first byte is kFirstTemplate or more change one of them instead (template.h).
// --write-seeds=FOLDER looks for an input for each operator of the (first) family with which it runs, instead.
#include <bit>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>

#include "byte_source.h"
#include "fit.h"
#include "run_model.h"
#include "runtime/model/dtype.h"
#include "runtime/model/loader.h"
#include "sdk/schema/contract.h"
#include "sdk/schema/op_table.h"
#include "sdk/schema/options_io.h"
#include "template.h"
#include "tests/support/kernel_families.h"
#include "tests/unit/runtime/model_spec.h"

namespace {

using namespace tflower;
using fuzz::ByteSource;
using runtime::test::Builder;
using runtime::test::Bytes;
using runtime::test::ModelSpec;
using runtime::test::OpSpec;
using runtime::test::TensorSpec;

constexpr int32_t kCustom = 32;
std::vector<const KernelFamily*> families;
const KernelFamily* family = nullptr;  // of this execution

// Work grows with the product of two operands' sizes.
const runtime::SessionOptions kLimits{.max_bytes = 1 << 16, .max_operators = 10, .max_time = std::chrono::milliseconds(200)};

// The rows of the family, chosen by code, version and types as the registry does.
class FamilyKernels final : public runtime::KernelSource {
 public:
  Result<KernelRef> FindKernel(const KernelQuery& query) const override {
    uint32_t skip = query.skip;
    for (const tflower_kernel& row : family->rows) {
      if (row.code == query.code && query.version >= row.min_version && query.version <= row.max_version &&
          (row.code != kCustom || query.custom_code == row.custom_code) && Fits(row.input_dtypes, query.input_dtypes) &&
          Fits(row.output_dtypes, query.output_dtypes.first(std::min(query.output_dtypes.size(), std::size(row.output_dtypes)))) && skip-- == 0)
        return KernelRef{&row, {}};
    }
    return Error(Code::kMissingKernel, "the family has no kernel for these types");
  }

 private:
  // The last mask is for all operands behind it; absent operands (-1) fit.
  static bool Fits(std::span<const uint64_t> masks, std::span<const int32_t> dtypes) {
    for (size_t i = 0; i < dtypes.size(); ++i) {
      const uint64_t mask = masks[std::min(i, masks.size() - 1)];
      if (dtypes[i] >= 0 && mask != 0 && (mask >> dtypes[i] & 1) == 0) return false;
    }
    return true;
  }
};

// One of the types that the mask allows; rarely any.
int ChooseDtype(ByteSource& in, uint64_t mask) {
  constexpr uint8_t kTypes = 20;
  const uint8_t byte = in.Byte();
  if (mask == 0 || byte >= 250) return byte % kTypes;
  int skip = byte % std::popcount(mask);
  for (int dtype = 0;; ++dtype) {
    if ((mask >> dtype & 1) != 0 && skip-- == 0) return dtype;
  }
}

int32_t ChooseDim(ByteSource& in) {
  constexpr int32_t kDims[] = {2, 1, 2, 3, 4, 5, 7, 8, 1, 2, 3, 4, 16, 0, 33, 1};
  const uint8_t byte = in.Byte();
  return byte < 248 ? kDims[byte % std::size(kDims)] : in.Int32();
}

std::vector<int32_t> ChooseShape(ByteSource& in, size_t rank) {
  std::vector<int32_t> shape(rank);
  for (int32_t& dim : shape) dim = ChooseDim(in);
  return shape;
}

// Of its own, or one that has to do with the operands before: operators whose operands do not fit are refused before anything happens.
std::vector<int32_t> ChooseShape(ByteSource& in, const std::vector<int32_t>* first, const std::vector<int32_t>& previous) {
  constexpr size_t kRanks[] = {4, 4, 1, 2, 3, 0, 5, 1, 2, 4, 3, 4, 4, 2, 6, 9};
  const uint8_t byte = in.Byte();
  if (first == nullptr || byte >= 238) return ChooseShape(in, kRanks[byte % std::size(kRanks)]);
  std::vector<int32_t> shape = *first;
  const int32_t rank = static_cast<int32_t>(shape.size()), last = shape.empty() ? 1 : shape.back();
  switch (byte % 14) {
    case 0:
    case 1: return shape;
    case 2: return {last};
    case 3: return {};
    case 4: return {rank};
    case 5: return {rank, 2};
    case 6:  // of a kernel: its last dimension, or the one before, is the image's
      shape = ChooseShape(in, first->size());
      if (!shape.empty()) (byte < 120 ? shape.back() : shape[shape.size() / 4]) = last;
      return shape;
    case 7: return {ChooseDim(in), last};
    case 8: return {last, ChooseDim(in)};
    case 9:
      if (rank > 0) shape[in.Byte() % shape.size()] = ChooseDim(in);
      return shape;
    case 10: return {in.Byte() % 4};
    case 11: return {previous.empty() ? 1 : previous.front()};
    case 12: return {previous.empty() ? 1 : previous.back()};
    default: return {shape.empty() ? 1 : shape.front()};
  }
}

void ChooseScales(ByteSource& in, TensorSpec& tensor) {
  const uint8_t byte = in.Byte();
  constexpr uint64_t kQuantised = 1u << 3 | 1u << 7 | 1u << 9 | 1u << 17;  // uint8, int16, int8, int4
  if ((kQuantised >> tensor.dtype & 1) == 0 ? byte < 250 : byte % 8 == 7) return;
  size_t count = 1;
  if (byte % 4 == 1 && !tensor.shape.empty()) {
    tensor.axis = static_cast<int32_t>(in.Byte() % tensor.shape.size());
    count = static_cast<size_t>(std::clamp(tensor.shape[static_cast<size_t>(tensor.axis)], 0, 64));
  }
  for (size_t i = 0; i < count; ++i) {
    tensor.scale.push_back(in.Scale());
    const uint8_t zero_point = in.Byte();
    tensor.zero_point.push_back(zero_point % 2 == 0 ? 0 : tensor.dtype == static_cast<int>(DType::kInt8) ? static_cast<int8_t>(zero_point) : zero_point / 32);
  }
}

// Contents of `bytes` bytes: small integers, 0 1 2 ..., floats from a list of the interesting ones, or what comes.
Bytes ChooseContents(ByteSource& in, int dtype, uint64_t bytes) {
  Bytes data(bytes);
  const uint8_t kind = in.Byte();
  const size_t width = std::max<size_t>(1, static_cast<size_t>(runtime::DtypeBits(dtype)) / 8);
  for (size_t at = 0; at + width <= data.size(); at += width) {
    if (dtype == static_cast<int>(DType::kBool)) {
      data[at] = in.Byte() & 1;
    } else if (dtype == static_cast<int>(DType::kFloat32) && kind % 4 != 0) {
      const float value = in.Float();
      std::memcpy(&data[at], &value, sizeof value);
    } else if (kind % 4 == 0) {
      for (size_t b = 0; b < width; ++b) data[at + b] = in.Byte();
    } else {
      const int64_t value = kind % 4 == 2 ? static_cast<int64_t>(at / width) : in.SmallInt();
      std::memcpy(&data[at], &value, std::min(width, sizeof value));
    }
  }
  return data;
}

// TFLite's layout, or what comes.
Bytes ChooseStrings(ByteSource& in, uint64_t count) {
  if (in.Byte() % 8 == 0) return ChooseContents(in, static_cast<int>(DType::kInt8), in.Byte());
  std::vector<int32_t> header = {static_cast<int32_t>(count)};
  std::string text;
  for (uint64_t i = 0; i <= count; ++i) {
    header.push_back(static_cast<int32_t>(4 * (count + 2) + text.size()));
    text.append(in.Byte() % 5, static_cast<char>('a' + i % 3));
  }
  text.resize(static_cast<size_t>(header.back()) - 4 * (count + 2));
  Bytes data = runtime::test::Pack(header);
  data.insert(data.end(), text.begin(), text.end());
  return data;
}

// Of an enum, mostly: its first values are in every schema.
void ChooseMember(tfl::FieldType type, ByteSource& in, std::byte* to) {
  constexpr uint8_t kMembers[] = {0, 1, 0, 1, 0, 1, 2, 3, 0, 1, 0, 1, 0, 4, 5, 6};
  const uint8_t byte = in.Byte();
  const int64_t value = byte < 240 ? kMembers[byte % std::size(kMembers)] : in.SmallInt();
  std::memcpy(to, &value, tfl::ScalarSize(type));
}

void ChooseScalar(tfl::FieldType type, ByteSource& in, std::byte* to) {
  if (type == tfl::FieldType::kBool) {
    *to = static_cast<std::byte>(in.Byte() & 1);
  } else if (type == tfl::FieldType::kFloat32) {
    const float value = in.Float();
    std::memcpy(to, &value, sizeof value);
  } else if (type == tfl::FieldType::kFloat64) {
    const double value = static_cast<double>(in.Float());
    std::memcpy(to, &value, sizeof value);
  } else {
    const int64_t value = in.SmallInt();
    std::memcpy(to, &value, tfl::ScalarSize(type));
  }
}

// A field of the options struct. Vectors and strings live in `lists`.
void ChooseOption(ByteSource& in, const tfl::FieldInfo& field, std::byte* options, std::deque<Bytes>& lists) {
  std::byte* const to = options + field.struct_offset;
  if (field.type == tfl::FieldType::kVector || field.type == tfl::FieldType::kString) {
    const bool text = field.type == tfl::FieldType::kString;
    const size_t count = in.Byte() % 6, width = text ? 1 : tfl::ScalarSize(field.element);
    Bytes& bytes = lists.emplace_back(count * width + 8);
    for (size_t i = 0; i < count; ++i) ChooseScalar(text ? tfl::FieldType::kUint8 : field.element, in, reinterpret_cast<std::byte*>(bytes.data()) + i * width);
    const tfl::Span<uint8_t> span{bytes.data(), count};
    std::memcpy(to, &span, sizeof span);
    return;
  }
  if (in.Byte() % 8 == 7) return;  // the default
  if (field.enum_name != nullptr) return ChooseMember(field.type, in, to);
  ChooseScalar(field.type, in, to);
}

// An options struct with every field from the bytes.
class Options {
 public:
  Options(const tfl::OpInfo& info, ByteSource& in) : memory_((info.options_size + 7) / 8) {
    tfl::DefaultOptions(info, memory_.data());
    for (const tfl::FieldInfo& field : info.fields) ChooseOption(in, field, data(), lists_);
  }
  std::byte* data() { return reinterpret_cast<std::byte*>(memory_.data()); }

 private:
  std::vector<uint64_t> memory_;
  std::deque<Bytes> lists_;
};

class OneOperator {
 public:
  OneOperator(ByteSource& in, uint8_t row) : in_(in), row_(family->rows[row % family->rows.size()]), info_(*tfl::FindOp(row_.code)) { model_.subgraphs.emplace_back(); }

  ModelSpec Make() {
    op_.code = row_.code;
    const uint8_t byte = in_.Byte();
    op_.version = row_.min_version + byte % std::min(row_.max_version - row_.min_version + 1, 8);
    const tfl::Contract* const contract = tfl::FindContract(row_.code);
    const bool fit = contract != nullptr && byte < 224;  // else what the verifier refuses is tried, too
    size_t inputs = contract == nullptr ? in_.Byte() % 7 : Count(contract->inputs), outputs = contract == nullptr ? in_.Byte() % 5 : Count(contract->outputs);
    if (fit) {
      inputs = fuzz::Fit::Count(*contract, tfl::Step::Code::kInputs, inputs);
      outputs = fuzz::Fit::Count(*contract, tfl::Step::Code::kOutputs, outputs);
    }
    for (size_t i = 0; i < inputs; ++i) AddInput(i, contract != nullptr && MayBeAbsent(contract->inputs, i));
    for (size_t i = 0; i < outputs; ++i) AddOutput(i);
    AddOptions();
    if (fit) KeepRules(*contract);
    main().ops.push_back(op_);
    return model_;
  }
  // Of the run-time inputs, in order.
  const std::deque<Bytes>& contents() const { return contents_; }

 private:
  runtime::test::SubgraphSpec& main() { return model_.subgraphs[0]; }

  // As the operator allows; an operand that repeats (of CONCATENATION, of IF) comes up to five times.
  size_t Count(std::span<const tfl::OperandRule> rules) {
    size_t min = 0, max = 0;
    for (const tfl::OperandRule& rule : rules) {
      max += rule.repeated ? 5 : 1;
      if (!rule.optional) min = rule.repeated ? min + 1 : max;
    }
    return min + in_.Byte() % (max - min + 1);
  }

  TensorSpec* TensorOf(int32_t index) { return index < 0 ? nullptr : &main().tensors[static_cast<size_t>(index)]; }

  // What changes its type or shape keeps its contents as far as they go.
  void KeepRules(const tfl::Contract& contract) {
    std::vector<TensorSpec*> inputs, outputs;
    for (const int32_t input : op_.inputs) inputs.push_back(TensorOf(input));
    for (const int32_t output : op_.outputs) outputs.push_back(TensorOf(output));
    fuzz::Fit(contract, std::move(inputs), std::move(outputs), info_.fields, options_ ? options_->data() : nullptr).Run();
    constexpr uint64_t kMost = 1 << 16;
    for (const int32_t input : op_.inputs) {
      if (input < 0) continue;
      TensorSpec& tensor = *TensorOf(input);
      const std::vector<int64_t> dims(tensor.shape.begin(), tensor.shape.end());
      const uint64_t bytes = runtime::ByteSize(tensor.dtype, dims).value_or(0);
      if (tensor.dtype == runtime::kString || bytes == 0 || bytes > kMost) continue;
      if (!tensor.data.empty()) tensor.data.resize(bytes);
      const auto given = std::ranges::find(main().inputs, input);
      if (given != main().inputs.end()) contents_[static_cast<size_t>(given - main().inputs.begin())].resize(bytes);
    }
  }

  static bool MayBeAbsent(std::span<const tfl::OperandRule> rules, size_t i) { return !rules.empty() && rules[std::min(i, rules.size() - 1)].optional; }

  int32_t Add(TensorSpec tensor) {
    tensor.name = "t" + std::to_string(main().tensors.size());
    main().tensors.push_back(std::move(tensor));
    return static_cast<int32_t>(main().tensors.size() - 1);
  }

  void AddInput(size_t i, bool may_be_absent) {
    const uint8_t flags = in_.Byte();
    if (may_be_absent && flags % 3 == 2) return op_.inputs.push_back(-1);
    TensorSpec tensor;
    tensor.dtype = ChooseDtype(in_, row_.input_dtypes[std::min<size_t>(i, 7)]);
    if (tensor.dtype == runtime::kResource) return op_.inputs.push_back(AddHandle());
    const bool any = !op_.inputs.empty() && op_.inputs[0] >= 0;
    tensor.shape = ChooseShape(in_, any ? &main().tensors[static_cast<size_t>(op_.inputs[0])].shape : nullptr, any ? main().tensors.back().shape : tensor.shape);
    if (flags % 16 == 2) tensor.variable = true;
    ChooseScales(in_, tensor);
    const std::vector<int64_t> dims(tensor.shape.begin(), tensor.shape.end());
    constexpr int64_t kMost = 1024;
    const int64_t elements = static_cast<int64_t>(std::min<uint64_t>(runtime::ElementCount(dims).value_or(kMost + 1), kMost + 1));
    const bool string = tensor.dtype == runtime::kString;
    Bytes data;
    if (elements <= kMost) data = string ? ChooseStrings(in_, static_cast<uint64_t>(elements)) : ChooseContents(in_, tensor.dtype, runtime::ByteSize(tensor.dtype, dims).value_or(0));
    const bool constant = flags % 2 == 1 && elements <= kMost && !tensor.variable;
    if (constant) tensor.data = data;
    op_.inputs.push_back(Add(std::move(tensor)));
    if (constant || main().tensors.back().variable) return;
    main().inputs.push_back(op_.inputs.back());
    contents_.push_back(std::move(data));
  }

  // A table of the id and the types that come; for other families the kernel is asked what it does with a handle.
  int32_t AddHandle() {
    const int32_t handle = Add({.dtype = runtime::kResource, .shape = {1}});
    OpSpec make{.code = static_cast<int32_t>(tfl::Builtin::HASHTABLE), .outputs = {handle}};
    const tfl::OpInfo& info = *tfl::FindOp(make.code);
    make.options_type = info.union_member;
    const bool ints = in_.Byte() % 2 == 0;
    make.options = [ints, &info](Builder& b) {
      using T = tfl::TensorType;
      const tfl::HashtableOptions options{.table_id = 1, .key_dtype = ints ? T::INT64 : T::STRING, .value_dtype = ints ? T::STRING : T::INT64};
      return flatbuffers::Offset<void>(tfl::WriteOptions(b, info, &options));
    };
    main().ops.push_back(std::move(make));
    return handle;
  }

  void AddOutput(size_t i) {
    TensorSpec tensor;
    const uint8_t byte = in_.Byte();
    tensor.dtype = byte % 4 != 0 && !op_.inputs.empty() && op_.inputs[0] >= 0 ? main().tensors[static_cast<size_t>(op_.inputs[0])].dtype
                                                                              : ChooseDtype(in_, row_.output_dtypes[std::min<size_t>(i, 3)]);
    ChooseScales(in_, tensor);
    if (tensor.scale.size() > 1) tensor.scale.resize(1), tensor.zero_point.resize(1);
    op_.outputs.push_back(Add(std::move(tensor)));
    main().outputs.push_back(op_.outputs.back());
  }

  void AddOptions() {
    if (row_.code == kCustom) {
      op_.custom = row_.custom_code;
      op_.custom_options = in_.Rest(256);
      return;
    }
    if (info_.options_table == nullptr || in_.Byte() % 16 == 15) return;  // kernels must bear it when there are none
    options_.emplace(info_, in_);
    (info_.options_union == 2 ? op_.options_2_type : op_.options_type) = info_.union_member;
    op_.options = [this](Builder& b) { return flatbuffers::Offset<void>(tfl::WriteOptions(b, info_, options_->data())); };
  }

  ByteSource& in_;
  const tflower_kernel& row_;
  const tfl::OpInfo& info_;
  ModelSpec model_;
  OpSpec op_;
  std::optional<Options> options_;
  std::deque<Bytes> contents_;
};

// True when the operator ran.
bool Run(const std::shared_ptr<const runtime::Model>& model, const std::deque<Bytes>& contents, ByteSource& in) {
  auto session = runtime::Session::Create(model, kLimits);
  if (!fuzz::Good(session)) return false;
  runtime::Session& s = *session.value();
  for (size_t i = 0; i < s.num_inputs() && i < contents.size(); ++i) fuzz::Good(s.SetInput(i, std::as_bytes(std::span(contents[i]))));
  const bool ran = fuzz::Good(s.Invoke());
  if (ran) fuzz::ReadOutputs(s);
  if (s.num_inputs() == 0 || in.Byte() % 2 == 0) return ran;
  auto dims = s.InputInfo(0).shape;  // another plan in the same session
  if (dims.empty()) return ran;
  dims[0] = ChooseDim(in);
  if (!fuzz::Good(s.Resize(0, dims))) return ran;
  for (size_t i = 1; i < s.num_inputs() && i < contents.size(); ++i) fuzz::Good(s.SetInput(i, std::as_bytes(std::span(contents[i]))));
  if (fuzz::Good(s.Invoke())) fuzz::ReadOutputs(s);
  return ran;
}

constexpr fuzz::Choices kChoices = {ChooseDim, ChooseShape, ChooseContents, ChooseScales, ChooseOption};
std::map<const KernelFamily*, std::vector<std::unique_ptr<const runtime::LoadedModel>>> templates;

void LoadTemplates(const std::string& folder) {
  for (const KernelFamily* const of : families) {
    const std::filesystem::path files = std::filesystem::path(folder) / of->name;
    if (!std::filesystem::is_directory(files)) continue;
    std::set<std::filesystem::path> sorted;  // the same number means the same file everywhere
    for (const auto& entry : std::filesystem::directory_iterator(files)) sorted.insert(entry.path());
    for (const auto& path : sorted) {
      auto model = runtime::LoadedModel::FromFile(path.string());
      if (!model.ok()) fuzz::Broken("templates are good", model.error());
      templates[of].push_back(std::move(model.value()));
    }
  }
}

void WriteFile(const std::string& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

std::string save_model;  // where the model of an input is written, to look at it

bool RunModel(const ModelSpec& spec, const std::deque<Bytes>& contents, ByteSource& in) {
  static const auto kernels = std::make_shared<FamilyKernels>();
  const Bytes bytes = runtime::test::Build(spec);
  if (!save_model.empty()) WriteFile(save_model, bytes);
  const auto model = runtime::Model::FromBytes(runtime::test::AsBytes(bytes), kernels);
  return fuzz::Good(model) && Run(model.value(), contents, in);
}

// An input of `family`: the first byte is a row's, or a template's.
bool RunOf(ByteSource in) {
  constexpr uint8_t kFirstTemplate = 64;  // more than any family with templates has rows: seeds mean the same with and without them
  const uint8_t first = in.Byte();
  const auto files = templates.find(family);
  if (files != templates.end() && first >= kFirstTemplate) {
    std::deque<Bytes> lists;
    const fuzz::Template changed(files->second[in.Byte() % files->second.size()]->view(), kChoices);
    const ModelSpec spec = changed.Make(in, lists);
    return RunModel(spec, changed.Contents(in, spec), in);
  }
  OneOperator one(in, first);
  const ModelSpec spec = one.Make();
  return RunModel(spec, one.contents(), in);
}

// Looks for inputs with which operators run, one for each operator of the family: where a search may begin.
void WriteSeeds(const std::string& folder) {
  constexpr int kTries = 30000;
  family = families.front();
  std::mt19937 random(1);
  std::set<std::string> written;
  for (size_t row = 0; row < family->rows.size(); ++row) {
    const std::string name = family->rows[row].code == kCustom ? family->rows[row].custom_code : tfl::FindOp(family->rows[row].code)->name;
    for (int i = 0; i < kTries && !written.contains(name); ++i) {
      Bytes bytes = fuzz::RandomBytes(random);
      if (bytes.empty()) continue;
      bytes[0] = static_cast<uint8_t>(row);
      if (!RunOf(ByteSource(bytes))) continue;
      while (!bytes.empty() && RunOf(ByteSource(std::span(bytes).first(bytes.size() - 1)))) bytes.pop_back();
      std::filesystem::create_directories(folder);
      WriteFile(folder + "/seed_" + name, bytes);
      written.insert(name);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view kFamily = "--family=", kSeeds = "--write-seeds=", kTemplates = "--templates=", kSaveModel = "--save-model=";
  std::string seeds, folder;
  for (int i = 1; i < *argc; ++i) {
    const std::string_view argument = (*argv)[i];
    if (argument.starts_with(kSeeds)) seeds = argument.substr(kSeeds.size());
    if (argument.starts_with(kSaveModel)) save_model = argument.substr(kSaveModel.size());
    if (argument.starts_with(kTemplates)) folder = argument.substr(kTemplates.size());
    if (!argument.starts_with(kFamily)) continue;
    std::istringstream names{std::string(argument.substr(kFamily.size()))};
    for (std::string name; std::getline(names, name, ',');)
      for (const KernelFamily* const candidate : kernels::kAllFamilies)
        if (name == candidate->name) families.push_back(candidate);
  }
  if (!folder.empty()) LoadTemplates(folder);
  if (!families.empty() && !seeds.empty()) {
    WriteSeeds(seeds);
    std::exit(0);
  }
  if (!families.empty()) return 0;
  std::fprintf(stderr, "which family? --family=");
  for (const KernelFamily* const candidate : kernels::kAllFamilies) std::fprintf(stderr, " %s", candidate->name);
  std::fprintf(stderr, "\n");
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteSource in({data, size});
  family = families[families.size() == 1 ? 0 : in.Byte() % families.size()];
  RunOf(in);
  return 0;
}
