#include "import/slices.h"

#include <doctest/doctest.h>

#include <cstring>

#include "files.h"
#include "table_writer.h"

namespace tflower::tf {
namespace {

struct Piece {
  Slice slice;
  std::vector<int64_t> dims;
  std::string bytes;
};

// A checkpoint with the uint8 tensor "t" of the given dims, stored in these pieces.
struct Sliced {
  TempFolder folder;
  Sliced(const std::vector<int64_t>& dims, const std::vector<Piece>& pieces) {
    std::map<std::string, proto::BundleEntryProto> entries;
    auto whole = Entry(dims, 0, "");
    whole.set_dtype(proto::DT_UINT8);
    std::string shard;
    for (const Piece& piece : pieces) {
      auto* slice = whole.add_slices();
      for (const Extent& extent : piece.slice) {
        auto* out = slice->add_extent();
        out->set_start(extent.start);
        if (extent.length >= 0) out->set_length(extent.length);
      }
      auto entry = Entry(piece.dims, static_cast<int64_t>(shard.size()), piece.bytes);
      entry.set_dtype(proto::DT_UINT8);
      entries[SliceKey("t", piece.slice)] = entry;
      shard += piece.bytes;
    }
    entries["t"] = whole;
    WriteFile(folder.Path("c.index"), IndexFile(entries));
    WriteFile(folder.Path("c.data-00000-of-00001"), shard);
  }

  // The bytes of the part `spec`, or the error's code name.
  std::string Read(const std::string& spec = "") const {
    auto checkpoint = Checkpoint::Open(folder.Path("c"));
    if (!checkpoint.ok()) return CodeName(checkpoint.error().code);
    const CheckpointEntry& entry = *checkpoint.value().Find("t");
    auto wanted = ParseSliceSpec(spec, entry.dims);
    if (!wanted.ok()) return CodeName(wanted.error().code);
    auto stored = FindStored(checkpoint.value(), entry, std::move(wanted.value()));
    if (!stored.ok()) return CodeName(stored.error().code);
    auto tensor = ReadStored(checkpoint.value(), stored.value());
    if (!tensor.ok()) return CodeName(tensor.error().code);
    CHECK((tensor.value().owner == nullptr) == stored.value().Contiguous());
    return {reinterpret_cast<const char*>(tensor.value().bytes.data()), tensor.value().bytes.size()};
  }
};

// A 3 x 4 tensor "abcd efgh ijkl": left half in one piece, the right half's rows in two.
const std::vector<Piece> kPieces = {
    {{{0, -1}, {0, 2}}, {3, 2}, "abefij"},
    {{{0, 1}, {2, 2}}, {1, 2}, "cd"},
    {{{1, 2}, {2, 2}}, {2, 2}, "ghkl"},
};

}  // namespace

TEST_CASE("slices: joins pieces") {
  const Sliced sliced({3, 4}, kPieces);
  CHECK(sliced.Read() == "abcdefghijkl");
  CHECK(sliced.Read("3 4 -:-") == "abcdefghijkl");
  CHECK(sliced.Read("3 4 1,1:-") == "efgh");
  CHECK(sliced.Read("3 4 0,2:1,2") == "bcfg");
  CHECK(sliced.Read("3 4 0,0:-") == "");
}

TEST_CASE("slices: a stored piece is not copied") {
  const Sliced sliced({3, 4}, kPieces);
  CHECK(sliced.Read("3 4 1,2:2,2") == "ghkl");  // Read checks the ownership
  const Sliced whole({2}, {{{{0, 2}}, {2}, "xy"}});
  CHECK(whole.Read() == "xy");
}

TEST_CASE("slices: three dimensions") {
  const Sliced sliced({2, 2, 3}, {{{{0, -1}, {0, 1}, {0, -1}}, {2, 1, 3}, "abcghi"}, {{{0, -1}, {1, 1}, {0, -1}}, {2, 1, 3}, "defjkl"}});
  CHECK(sliced.Read() == "abcdefghijkl");
  CHECK(sliced.Read("2 2 3 -:-:1,1") == "behk");
}

TEST_CASE("slices: pieces that do not make up the tensor") {
  std::vector<Piece> pieces = kPieces;
  pieces.pop_back();
  CHECK(Sliced({3, 4}, pieces).Read() == "TFW0101");
  CHECK(Sliced({3, 4}, pieces).Read("3 4 0,1:-") == "abcd");  // what is there can be had
  pieces = kPieces;
  pieces[1] = {{{0, 2}, {2, 2}}, {2, 2}, "cdgh"};  // overlaps the third
  CHECK(Sliced({3, 4}, pieces).Read() == "TFW0101");
  pieces = kPieces;
  pieces[2] = {{{2, 2}, {2, 2}}, {2, 2}, "ghkl"};  // outside
  CHECK(Sliced({3, 4}, pieces).Read() == "TFW0101");
  pieces = kPieces;
  pieces[0].dims = {2, 3};  // right size, wrong shape
  CHECK(Sliced({3, 4}, pieces).Read() == "TFW0101");
  pieces = kPieces;
  pieces[0].slice = {{0, -1}};  // rank
  CHECK(Sliced({3, 4}, pieces).Read() == "TFW0101");
}

TEST_CASE("slices: specifications") {
  const std::vector<int64_t> dims = {3, 4};
  for (const char* bad : {"3", "3 4", "3 4 ", "3 5 -:-", "3 4 -", "3 4 -:-:-", "3 4 0,4:-", "3 4 -1,2:-", "3 4 0,-1:-", "3 4 2,2:-", "3 4 0:-",
                          "3 4 a,b:-", "3 4 99999999999999999999,1:-", "3 4 9223372036854775807,9223372036854775807:-"})
    CHECK_MESSAGE(ParseSliceSpec(bad, dims).error().code == Code::kInvalidGraph, bad);
  CHECK(ParseSliceSpec("", {}).ok());
  CHECK(ParseSliceSpec("3 4 1,2:0,4", dims).value().start == std::vector<int64_t>{1, 0});
}

}  // namespace tflower::tf
