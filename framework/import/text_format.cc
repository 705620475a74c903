#include "import/text_format.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <climits>
#include <string>
#include <utility>

#include "import/proto/graph.pb.h"

namespace tflower::tf {
namespace {

// Keeps the first error, and keeps protobuf from printing.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (text.empty()) text = "line " + std::to_string(line + 1) + ", column " + std::to_string(column + 1) + ": " + message;
  }
  void AddWarning(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
  std::string text;
};

template <class Message>
Result<FileBytes> FromText(const FileBytes& text) {
  constexpr int kMaxNesting = 64;  // GraphDef needs about 12
  if (text.bytes().size() > INT_MAX) return Error(Code::kLimit, "a text file of more than 2 GB").File(text.path());
  google::protobuf::io::ArrayInputStream input(text.bytes().data(), static_cast<int>(text.bytes().size()));
  FirstError errors;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.AllowUnknownField(true);
  parser.SetRecursionLimit(kMaxNesting);
  Message message;
  if (!parser.Parse(&input, &message)) return Error(Code::kMalformed, "not a text protobuf: " + errors.text).File(text.path());
  std::string binary;
  if (!message.SerializeToString(&binary)) return Error(Code::kLimit, "the graph has more than 2 GB").File(text.path());
  return FileBytes::Own(text.path(), std::move(binary));
}

}  // namespace

Result<FileBytes> GraphDefFromText(const FileBytes& text) { return FromText<proto::GraphDef>(text); }
Result<FileBytes> SavedModelFromText(const FileBytes& text) { return FromText<proto::SavedModel>(text); }

}  // namespace tflower::tf
