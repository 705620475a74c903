// Verify: the flatbuffer, buffers, operator codes and metadata; the other parts are in verify_*.cc.
#include "verify.h"

#include <algorithm>
#include <cstring>

#include "verify_parts.h"

namespace tflower::runtime {
namespace {

// Offsets inside a flatbuffer are 32 bits with a sign; what lies behind is reached by Buffer.offset.
constexpr size_t kMaxFlatbuffer = (size_t{1} << 31) - 1;
// Schema nesting is below 10; model -> subgraph -> operator -> options -> vector.
constexpr flatbuffers::uoffset_t kMaxDepth = 32;

// A table may be referred to from many places: without a bound, a small file could demand endless work. A reference takes
// 4 bytes, so an honest file has fewer tables than that.
flatbuffers::uoffset_t MaxTables(size_t size) { return static_cast<flatbuffers::uoffset_t>(size / 4 + 64); }
// Scale arrays, operand lists and the like; 4 bytes an entry, and some slack.
uint64_t MaxEntries(size_t size) { return size / 2 + 1024; }

Status VerifyFlatbuffer(std::span<const std::byte> file) {
  constexpr size_t kSmallest = 8;  // root offset and identifier
  if (file.size() < kSmallest)
    return Error(Code::kUnknownFormat, "is no .tflite model: " + std::to_string(file.size()) + " bytes");
  if (std::memcmp(file.data() + 4, tflite::ModelIdentifier(), 4) != 0) {
    return Error(Code::kUnknownFormat, "is no .tflite model: the identifier TFL3 is missing").At(4);
  }
  flatbuffers::Verifier::Options options;
  options.max_depth = kMaxDepth;
  const size_t size = std::min(file.size(), kMaxFlatbuffer);
  options.max_tables = MaxTables(size);
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(file.data()), size, options);
  if (tflite::VerifyModelBuffer(verifier)) return Ok();
  return Malformed(
      "is not a whole .tflite model: an offset, size or string leaves its place (truncated or damaged file)");
}

Status VerifyBuffers(VerifyContext& context) {
  const auto* buffers = context.model->buffers();
  for (size_t i = 0; i < SizeOf(buffers); ++i) {
    auto bytes = BufferBytes(context.file, At(buffers, i));
    if (!bytes.ok()) return std::move(bytes.error()).What("buffer " + std::to_string(i));
    if (i == 0 && !bytes.value().empty())
      return Malformed("buffer 0 must be empty: it stands for \"no data\"").What("buffer 0");
  }
  return Ok();
}

Result<OperatorCodeInfo> ReadCode(const tflite::OperatorCode& code) {
  const int32_t number = EffectiveCode(code);
  OperatorCodeInfo info;
  info.info = tfl::FindOp(number);
  if (code.deprecated_builtin_code() < 0) return Malformed("deprecated_builtin_code " + std::to_string(code.deprecated_builtin_code()) + " is negative");
  if (info.info == nullptr) {
    return Malformed("operator code " + std::to_string(number) + " is not in the schema (0.." +
                     std::to_string(tfl::AllOps().size() - 1) + ")");
  }
  if (code.version() < 1)
    return Malformed("version " + std::to_string(code.version()) + " is below 1").Op(info.info->name);
  info.name = info.info->name;
  if (info.info->code != tfl::Builtin::CUSTOM) return info;
  info.name = Text(code.custom_code());
  if (info.name.empty()) return Malformed("a custom operator has no name");
  return info;
}

Status ReadCodes(VerifyContext& context) {
  const auto* codes = context.model->operator_codes();
  context.codes.reserve(SizeOf(codes));
  for (size_t i = 0; i < SizeOf(codes); ++i) {
    auto info = ReadCode(At(codes, i));
    if (!info.ok())
      return std::move(info.error())
          .What("operator_codes[" + std::to_string(i) + "]")
          .At(context.OffsetOf(&At(codes, i)));
    context.codes.push_back(info.value());
  }
  return Ok();
}

Status VerifyMetadata(VerifyContext& context) {
  const auto* metadata = context.model->metadata();
  for (size_t i = 0; i < SizeOf(metadata); ++i) {
    const uint32_t buffer = At(metadata, i).buffer();
    if (buffer < SizeOf(context.model->buffers())) continue;
    return Malformed("buffer " + std::to_string(buffer) + " of " + std::to_string(SizeOf(context.model->buffers())) +
                     " does not exist")
        .What("metadata '" + std::string(Text(At(metadata, i).name())) + "'");
  }
  return Ok();
}

Status VerifySubgraphs(VerifyContext& context) {
  const auto* subgraphs = context.model->subgraphs();
  if (SizeOf(subgraphs) == 0) return Malformed("has no subgraph");
  for (size_t s = 0; s < subgraphs->size(); ++s) {
    const tflite::SubGraph& subgraph = At(subgraphs, s);
    const std::string note = "in subgraph " + std::to_string(s);
    for (size_t t = 0; t < SizeOf(subgraph.tensors()); ++t) {
      auto status = VerifyTensor(context, subgraph, t);
      if (!status.ok()) return std::move(status.error()).Note(note);
    }
    auto status = VerifyOperators(context, s);
    if (!status.ok()) return std::move(status.error()).Note(note);
  }
  return Ok();
}

}  // namespace

Result<std::span<const std::byte>> RangeInFile(std::span<const std::byte> file, uint64_t offset, uint64_t size) {
  if (offset <= file.size() && size <= file.size() - offset) return file.subspan(offset, size);
  return Malformed("bytes " + std::to_string(offset) + " + " + std::to_string(size) + " lie outside of the file of " +
                   std::to_string(file.size()) + " bytes");
}

Result<std::span<const std::byte>> BufferBytes(std::span<const std::byte> file, const tflite::Buffer& buffer) {
  const auto inside = std::as_bytes(SpanOf(buffer.data()));
  // 1 is the place holder of writers that fill in offsets at the end.
  if (!inside.empty() || buffer.offset() <= 1 || buffer.size() == 0) return inside;
  return RangeInFile(file, buffer.offset(), buffer.size());
}

int32_t EffectiveCode(const tflite::OperatorCode& code) {
  return std::max<int32_t>(code.deprecated_builtin_code(), static_cast<int32_t>(code.builtin_code()));
}

std::string_view Text(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : std::string_view(text->c_str(), text->size());
}

Error Malformed(std::string message, SourceLocation where) {
  return Error(Code::kMalformed, std::move(message), where);
}

Status VerifyContext::Charge(uint64_t entries) {
  if (entries > entries_left) return Malformed("vectors are shared by more tables than an honest file would do");
  entries_left -= entries;
  return Ok();
}

std::string TensorLabel(const tflite::SubGraph& subgraph, size_t index) {
  const std::string label = "tensor " + std::to_string(index);
  if (index >= SizeOf(subgraph.tensors())) return label;
  return label + " '" + std::string(Text(At(subgraph.tensors(), index).name()).substr(0, 200)) + "'";
}

Status Verify(std::span<const std::byte> file) {
  TFLOWER_CHECK(VerifyFlatbuffer(file));
  VerifyContext context{file, tflite::GetModel(file.data()), {}, MaxEntries(file.size())};
  if (context.model->version() != 3) {
    return Error(Code::kUnknownFormat, "schema version " + std::to_string(context.model->version()) + " is not 3");
  }
  if (SizeOf(context.model->external_buffers()) != 0) {
    return Error(Code::kUnknownFormat, "keeps weights in external files, which is not supported");
  }
  TFLOWER_CHECK(VerifyBuffers(context));
  TFLOWER_CHECK(ReadCodes(context));
  TFLOWER_CHECK(VerifyMetadata(context));
  TFLOWER_CHECK(VerifySubgraphs(context));
  TFLOWER_CHECK(VerifyCalls(context));
  return VerifySignatures(context);
}

}  // namespace tflower::runtime
