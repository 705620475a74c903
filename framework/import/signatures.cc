#include "import/signatures.h"

#include <algorithm>
#include <string>

#include "import/message.h"
#include "import/proto/graph.pb.h"
#include "import/scope_builder.h"

namespace tflower::tf {
namespace {

Result<TensorInfo> ReadTensorInfo(const proto::SignatureDef::Entry& entry, const Scope& main) {
  const proto::TensorInfo& message = entry.value();
  TensorInfo info;
  info.key = entry.key();
  info.dtype = ToDataType(static_cast<uint64_t>(message.dtype()));
  if (message.has_tensor_shape() && !message.tensor_shape().unknown_rank()) {
    info.shape.emplace();
    for (const auto& dim : message.tensor_shape().dim()) {
      if (dim.size() < -1) return Error(Code::kInvalidGraph, "'" + info.key + "' has the dimension " + std::to_string(dim.size()));
      info.shape->push_back(dim.size());
    }
  }
  switch (message.encoding_case()) {
    case proto::TensorInfo::kCooSparse: info.encoding = TensorInfo::Encoding::kSparse; break;
    case proto::TensorInfo::kCompositeTensor: info.encoding = TensorInfo::Encoding::kComposite; break;
    default:
      info.name = message.name();
      TFLOWER_TRY(const Input input, ResolveInMain(main, info.name));
      info.node = input.node;
      info.output = input.output;
  }
  return info;
}

using Entries = google::protobuf::RepeatedPtrField<proto::SignatureDef::Entry>;

Result<std::vector<TensorInfo>> ReadTensorInfos(const Entries& entries, const Scope& main) {
  std::vector<TensorInfo> infos;
  for (const auto& entry : entries) {
    TFLOWER_TRY(TensorInfo info, ReadTensorInfo(entry, main));
    infos.push_back(std::move(info));
  }
  std::sort(infos.begin(), infos.end(), [](const TensorInfo& a, const TensorInfo& b) { return a.key < b.key; });
  const auto same_key = [](const TensorInfo& a, const TensorInfo& b) { return a.key == b.key; };
  if (const auto twice = std::adjacent_find(infos.begin(), infos.end(), same_key); twice != infos.end())
    return Error(Code::kInvalidGraph, "two tensors have the key '" + twice->key + "'");
  return infos;
}

Result<Signature> ReadSignature(const proto::MetaGraphDef::SignatureEntry& entry, const Scope& main) {
  Signature signature;
  signature.key = entry.key();
  signature.method_name = entry.value().method_name();
  TFLOWER_TRY(signature.inputs, ReadTensorInfos(entry.value().inputs(), main));
  TFLOWER_TRY(signature.outputs, ReadTensorInfos(entry.value().outputs(), main));
  return signature;
}

bool SameTensors(const std::vector<TensorInfo>& a, const std::vector<TensorInfo>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const TensorInfo& x, const TensorInfo& y) {
    return x.key == y.key && x.dtype == y.dtype && x.shape == y.shape;
  });
}

const Signature* FindKey(const std::vector<Signature>& signatures, std::string_view key) {
  const auto found = std::find_if(signatures.begin(), signatures.end(), [&](const Signature& s) { return s.key == key; });
  return found == signatures.end() ? nullptr : &*found;
}

std::string ListKeys(const std::vector<Signature>& signatures) {
  std::string text;
  for (const Signature& signature : signatures) text += (text.empty() ? "" : ", ") + signature.key;
  return text.empty() ? "none" : text;
}

}  // namespace

Result<std::vector<Signature>> ReadSignatures(const FileBytes& file, const std::vector<std::string_view>& entries, const Scope& main) {
  std::vector<Signature> signatures;
  for (const std::string_view bytes : entries) {
    TFLOWER_TRY(const auto entry, ParseMessage<proto::MetaGraphDef::SignatureEntry>(file, bytes, "a signature"));
    if (entry.key().starts_with("__saved_model")) continue;
    auto signature = ReadSignature(entry, main);
    if (!signature.ok()) return std::move(signature.error()).File(file.path()).Note("in signature '" + entry.key() + "'");
    signatures.push_back(std::move(signature.value()));
  }
  std::sort(signatures.begin(), signatures.end(), [](const Signature& a, const Signature& b) { return a.key < b.key; });
  for (size_t i = 1; i < signatures.size(); ++i)
    if (signatures[i].key == signatures[i - 1].key)
      return Error(Code::kInvalidGraph, "two signatures have the key '" + signatures[i].key + "'").File(file.path());
  return signatures;
}

Result<std::string> ReadInitSignature(const FileBytes& file, const std::vector<std::string_view>& entries) {
  for (const std::string_view bytes : entries) {
    TFLOWER_TRY(const auto entry, ParseMessage<proto::MetaGraphDef::SignatureEntry>(file, bytes, "a signature"));
    if (entry.key() == kInitOpSignature && !entry.value().outputs().empty()) return entry.value().outputs(0).value().name();
  }
  return std::string();
}

Result<std::vector<Signature>> SelectSignatures(std::vector<Signature> signatures, const std::vector<std::string>& wanted) {
  for (const std::string& key : wanted)
    if (!FindKey(signatures, key))
      return Error(Code::kNotFound, "the model has no signature '" + key + "'").Hint("it has: " + ListKeys(signatures));
  const Signature* serve = FindKey(signatures, "serve");
  const Signature* standard = FindKey(signatures, "serving_default");
  const bool keras_pair = serve && standard && SameTensors(serve->inputs, standard->inputs) && SameTensors(serve->outputs, standard->outputs);
  std::erase_if(signatures, [&](const Signature& signature) {
    if (wanted.empty()) return keras_pair && signature.key == "serve";
    return std::find(wanted.begin(), wanted.end(), signature.key) == wanted.end();
  });
  return signatures;
}

}  // namespace tflower::tf
