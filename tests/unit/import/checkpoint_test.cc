#include "import/checkpoint.h"

#include <doctest/doctest.h>

#include <functional>

#include "files.h"
#include "table_writer.h"

namespace tflower::tf {
namespace {

const std::string kOneToFour("\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40", 16);

// A checkpoint "c" of one shard in a temporary folder.
struct Files {
  TempFolder folder;
  std::string prefix = folder.Path("c");
  Files(const std::string& index, const std::string& shard) {
    WriteFile(prefix + ".index", index);
    WriteFile(prefix + ".data-00000-of-00001", shard);
  }
};

Code OpenCode(const std::string& index) {
  const Files files(index, kOneToFour);
  const auto opened = Checkpoint::Open(files.prefix);
  return opened.ok() ? Code::kOk : opened.error().code;
}

// The code that Verify of the entry "t" gives, after `change` made it wrong.
Code VerifyCode(const std::function<void(proto::BundleEntryProto&)>& change, const std::string& shard = kOneToFour) {
  auto entry = Entry({4}, 0, kOneToFour);
  change(entry);
  const Files files(IndexFile({{"t", entry}}), shard);
  auto opened = Checkpoint::Open(files.prefix);
  if (!opened.ok()) return opened.error().code;
  const Status status = opened.value().Verify(*opened.value().Find("t"));
  if (status.ok()) return Code::kOk;
  CHECK(status.error().node == "t");
  CHECK(status.error().file.find(".data-00000-of-00001") != std::string::npos);
  return status.error().code;
}

// Everything that can be read through an index: keys, shapes and bytes, or the error's code.
std::string Contents(const std::string& prefix, const std::vector<std::string>& keys) {
  auto opened = Checkpoint::Open(prefix);
  if (!opened.ok()) return "error " + CodeName(opened.error().code);
  std::string contents;
  for (const std::string& key : keys) {
    const CheckpointEntry* entry = opened.value().Find(key);
    if (!entry) return "error: missing";
    contents += key;
    for (const int64_t dim : entry->dims) contents += std::to_string(dim) + ",";
    if (!entry->slices.empty()) continue;
    if (const Status status = opened.value().Verify(*entry); !status.ok()) return "error " + CodeName(status.error().code);
    contents += opened.value().Bytes(*entry).value();
  }
  return contents;
}

}  // namespace

TEST_CASE("checkpoint: reads entries and checks their data") {
  const Files files(IndexFile({{"a", Entry({2}, 0, kOneToFour.substr(0, 8))}, {"b", Entry({1, 2}, 8, kOneToFour.substr(8))}}), kOneToFour);
  auto opened = Checkpoint::Open(files.prefix);
  REQUIRE_MESSAGE(opened.ok(), opened.error().ToString());
  Checkpoint& checkpoint = opened.value();
  CHECK(checkpoint.Find("c") == nullptr);
  CHECK(checkpoint.Find("") == nullptr);
  const CheckpointEntry* b = checkpoint.Find("b");
  REQUIRE(b);
  CHECK(b->dims == std::vector<int64_t>{1, 2});
  CHECK(checkpoint.Verify(*b).ok());
  CHECK(checkpoint.Bytes(*b).value() == kOneToFour.substr(8));
}

TEST_CASE("checkpoint: wrong entries are refused, naming tensor and shard") {
  CHECK(VerifyCode([](auto&) {}) == Code::kOk);
  CHECK(VerifyCode([](auto& e) { e.set_crc32c(e.crc32c() + 1); }) == Code::kMalformed);
  CHECK(VerifyCode([](auto& e) { e.set_size(12); }) == Code::kMalformed);                    // not what 4 floats take
  CHECK(VerifyCode([](auto& e) { e.set_dtype(proto::DT_DOUBLE); }) == Code::kMalformed);
  CHECK(VerifyCode([](auto& e) { e.set_offset(1); }) == Code::kMalformed);                   // beyond the file
  CHECK(VerifyCode([](auto& e) { e.set_offset(INT64_MAX); }) == Code::kMalformed);
  CHECK(VerifyCode([](auto&) {}, kOneToFour.substr(0, 15)) == Code::kMalformed);             // short shard
  CHECK(VerifyCode([](auto&) {}, "") == Code::kMalformed);
  std::string flipped = kOneToFour;
  flipped[7] ^= 1;
  CHECK(VerifyCode([](auto&) {}, flipped) == Code::kMalformed);
}

TEST_CASE("checkpoint: impossible entries are refused when the index is read") {
  const auto code = [](const std::function<void(proto::BundleEntryProto&)>& change) {
    auto entry = Entry({4}, 0, kOneToFour);
    change(entry);
    return OpenCode(IndexFile({{"t", entry}}));
  };
  CHECK(code([](auto& e) { e.set_offset(-1); }) == Code::kMalformed);
  CHECK(code([](auto& e) { e.set_size(-1); }) == Code::kMalformed);
  CHECK(code([](auto& e) { e.set_shard_id(1); }) == Code::kMalformed);
  CHECK(code([](auto& e) { e.set_shard_id(-1); }) == Code::kMalformed);
  CHECK(code([](auto& e) { e.mutable_shape()->mutable_dim(0)->set_size(-4); }) == Code::kMalformed);
  CHECK(code([](auto& e) { e.mutable_shape()->set_unknown_rank(true); }) == Code::kMalformed);
  CHECK(code([](auto& e) {
    e.mutable_shape()->mutable_dim(0)->set_size(INT64_MAX);
    e.mutable_shape()->add_dim()->set_size(INT64_MAX);
  }) == Code::kMalformed);
}

TEST_CASE("checkpoint: tensors that share bytes are refused") {
  CHECK(OpenCode(IndexFile({{"a", Entry({4}, 0, kOneToFour)}, {"b", Entry({2}, 8, kOneToFour.substr(8))}})) == Code::kMalformed);
  CHECK(OpenCode(IndexFile({{"a", Entry({2}, 0, kOneToFour)}, {"b", Entry({0}, 8, "")}})) == Code::kOk);
}

TEST_CASE("checkpoint: headers and tables of the wrong kind") {
  CHECK(OpenCode(IndexFile({})) == Code::kOk);
  CHECK(OpenCode(IndexFile({}, 0)) == Code::kMalformed);
  CHECK(OpenCode(IndexFile({}, 1, 1)) == Code::kUnknownFormat);  // big-endian
  CHECK(OpenCode("") == Code::kMalformed);
  CHECK(OpenCode(std::string(100, 'x')) == Code::kMalformed);
  CHECK(OpenCode(TableWriter().Finish(TableWriter::Entries({}))) == Code::kMalformed);  // no header
  CHECK(OpenCode(TableWriter().Finish(TableWriter::Entries({{"", "\xff"}}))) == Code::kMalformed);
  const std::string header = proto::BundleHeaderProto().SerializeAsString();
  CHECK(OpenCode(TableWriter().Finish(TableWriter::Entries({{"b", ""}, {"a", ""}}))) == Code::kMalformed);  // order
  CHECK(OpenCode(TableWriter().Finish(TableWriter::Entries({{"a", ""}, {"a", ""}}))) == Code::kMalformed);
  CHECK(OpenCode(TableWriter().Finish(TableWriter::Entries({{"b", ""}}), "a")) == Code::kMalformed);  // beyond the index key
  CHECK(OpenCode(TableWriter().Finish("\xff\xff\xff\xff")) == Code::kMalformed);  // restart count
  TableWriter snappy;
  snappy.compression = 1;
  CHECK(OpenCode(snappy.Finish(TableWriter::Entries({}))) == Code::kUnknownFormat);
}

TEST_CASE("checkpoint: keys that expand beyond reason are refused quickly") {
  std::string block;
  AppendVarint(block, 0);
  AppendVarint(block, 1 << 16);
  AppendVarint(block, 0);
  block += std::string(1 << 16, 'k');
  for (int i = 0; i < 20000; ++i) {  // each entry repeats 64 kB and appends one byte
    AppendVarint(block, (1 << 16) + static_cast<uint64_t>(i));
    AppendVarint(block, 1);
    AppendVarint(block, 0);
    block += 'k';
  }
  AppendRaw<uint32_t>(block, 0);
  AppendRaw<uint32_t>(block, 1);
  const Files files(TableWriter().Finish(block), "");
  const auto opened = Checkpoint::Open(files.prefix);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == Code::kMalformed);
}

TEST_CASE("checkpoint: missing files") {
  const TempFolder folder;
  CHECK(Checkpoint::Open(folder.Path("none")).error().code == Code::kUnreadable);
  WriteFile(folder.Path("old"), "a checkpoint of TensorFlow 0.x is one file without an ending");
  CHECK(Checkpoint::Open(folder.Path("old")).error().code == Code::kUnknownFormat);
  WriteFile(folder.Path("c.index"), IndexFile({{"t", Entry({4}, 0, kOneToFour)}}));
  auto opened = Checkpoint::Open(folder.Path("c"));
  REQUIRE(opened.ok());
  CHECK(opened.value().Verify(*opened.value().Find("t")).error().code == Code::kUnreadable);
}

// Every byte of an index is checksummed, a fixed number, or must be zero.
TEST_CASE("checkpoint: every flipped byte and every prefix of a real index") {
  const TempFolder folder;
  const std::string prefix = folder.Copy("two_names") + "/variables/variables";
  const std::vector<std::string> keys = {"_CHECKPOINTABLE_OBJECT_GRAPH", "first/.ATTRIBUTES/VARIABLE_VALUE",
                                         "open/.ATTRIBUTES/VARIABLE_VALUE", "w/.ATTRIBUTES/VARIABLE_VALUE"};
  const std::string good = ReadFile(prefix + ".index");
  REQUIRE_FALSE(Contents(prefix, keys).starts_with("error"));
  for (size_t i = 0; i < good.size(); ++i)
    for (const char mask : {'\x01', '\x80', '\xff'}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ mask);
      WriteFile(prefix + ".index", bad);
      REQUIRE_MESSAGE(Contents(prefix, keys) == "error TFW0101", "byte ", i);
    }
  for (size_t size = 0; size < good.size(); ++size) {
    WriteFile(prefix + ".index", good.substr(0, size));
    REQUIRE_MESSAGE(Contents(prefix, keys).starts_with("error"), "size ", size);
  }
}

// The shard holds numbers and a string tensor: both checksums are at work.
TEST_CASE("checkpoint: every flipped byte of a real shard") {
  const TempFolder folder;
  const std::string prefix = folder.Copy("two_names") + "/variables/variables";
  const std::vector<std::string> keys = {"_CHECKPOINTABLE_OBJECT_GRAPH", "first/.ATTRIBUTES/VARIABLE_VALUE",
                                         "open/.ATTRIBUTES/VARIABLE_VALUE", "w/.ATTRIBUTES/VARIABLE_VALUE"};
  const std::string shard = prefix + ".data-00000-of-00001";
  const std::string good = ReadFile(shard);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 4;
    WriteFile(shard, bad);
    REQUIRE_MESSAGE(Contents(prefix, keys) == "error TFW0101", "byte ", i);
  }
}

TEST_CASE("checkpoint: slice keys are those that TensorFlow writes") {
  auto opened = Checkpoint::Open(Fixture("sharded/variables/variables"));
  REQUIRE(opened.ok());
  const CheckpointEntry* whole = opened.value().Find("big/.ATTRIBUTES/VARIABLE_VALUE");
  REQUIRE(whole);
  REQUIRE(whole->slices.size() > 1);
  for (const Slice& slice : whole->slices) CHECK(opened.value().Find(SliceKey(whole->key, slice)));
  // Longer numbers, from the format's rules: one more byte for each 7 bits; -1 and 0 take one byte.
  const std::string key = SliceKey(std::string("a\0\xff", 3), {{0, -1}, {64, 1 << 20}});
  CHECK(key == std::string("\0" "a\0\xff\xff\0\0\1" "\1\2" "\x80\x7f" "\xc0\x40" "\xf0\x10\0\0", 18));
}

}  // namespace tflower::tf
