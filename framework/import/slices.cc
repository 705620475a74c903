#include "import/slices.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "import/checked.h"

namespace tflower::tf {
namespace {

constexpr size_t kMaxPieces = 10'000;  // the overlap test is quadratic

bool Same(const Box& a, const Box& b) { return a.start == b.start && a.length == b.length; }

// Elements of a box within possible dims: cannot overflow.
uint64_t Volume(const Box& box) {
  uint64_t volume = 1;
  for (const int64_t length : box.length) volume *= static_cast<uint64_t>(length);
  return volume;
}

std::optional<Box> Resolve(const Slice& slice, const std::vector<int64_t>& dims) {
  if (slice.size() != dims.size()) return std::nullopt;
  Box box;
  for (size_t i = 0; i < dims.size(); ++i) {
    const bool whole = slice[i].length == -1;
    const int64_t start = whole ? 0 : slice[i].start, length = whole ? dims[i] : slice[i].length;
    if (start < 0 || length < 0 || start > dims[i] || length > dims[i] - start) return std::nullopt;
    box.start.push_back(start);
    box.length.push_back(length);
  }
  return box;
}

std::optional<Box> Intersect(const Box& a, const Box& b) {
  Box both;
  for (size_t i = 0; i < a.start.size(); ++i) {
    const int64_t start = std::max(a.start[i], b.start[i]);
    const int64_t end = std::min(a.start[i] + a.length[i], b.start[i] + b.length[i]);
    if (end <= start) return std::nullopt;
    both.start.push_back(start);
    both.length.push_back(end - start);
  }
  return both;
}

// Row-major element number of `at` in a buffer that holds `box`.
size_t OffsetIn(const Box& box, const std::vector<int64_t>& at) {
  size_t offset = 0;
  for (size_t i = 0; i < at.size(); ++i)
    offset = offset * static_cast<size_t>(box.length[i]) + static_cast<size_t>(at[i] - box.start[i]);
  return offset;
}

// Copies the elements of `common` from a buffer holding `from` to one holding `to`, a run of the last dimension at a time.
void CopyBox(const Box& common, const Box& from, const char* source, const Box& to, std::byte* target, size_t element_size) {
  const size_t rank = common.start.size();
  const size_t run = element_size * (rank ? static_cast<size_t>(common.length[rank - 1]) : 1);
  std::vector<int64_t> at = common.start;
  for (;;) {
    std::memcpy(target + OffsetIn(to, at) * element_size, source + OffsetIn(from, at) * element_size, run);
    size_t axis = rank ? rank - 1 : 0;
    while (axis > 0) {
      --axis;
      if (++at[axis] < common.start[axis] + common.length[axis]) break;
      at[axis] = common.start[axis];
      if (axis == 0) return;
    }
    if (rank < 2) return;
  }
}

bool ParseInt(std::string_view text, int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// Takes the text up to `separator` (or all) from the front of `rest`.
std::string_view Cut(std::string_view& rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

Status CheckCover(const Checkpoint& checkpoint, const StoredTensor& stored) {
  uint64_t covered = 0;
  for (size_t i = 0; i < stored.pieces.size(); ++i) {
    const auto common = Intersect(stored.pieces[i].second, stored.wanted);
    if (common) covered += Volume(*common);
    for (size_t j = 0; j < i; ++j)
      if (Intersect(stored.pieces[i].second, stored.pieces[j].second))
        return checkpoint.Malformed(*stored.entry, "two stored pieces of the tensor overlap");
  }
  if (covered != Volume(stored.wanted)) return checkpoint.Malformed(*stored.entry, "the stored pieces do not make up the tensor");
  return Ok();
}

}  // namespace

Result<Box> ParseSliceSpec(std::string_view spec, const std::vector<int64_t>& dims) {
  const Error broken(Code::kInvalidGraph, "the slice '" + std::string(spec) + "' does not fit the stored tensor");
  Slice slice(dims.size());
  if (!spec.empty()) {
    for (const int64_t dim : dims) {
      int64_t full = 0;
      if (!ParseInt(Cut(spec, ' '), full) || full != dim) return broken;
    }
    for (Extent& extent : slice) {
      std::string_view part = Cut(spec, ':');
      if (part == "-") continue;
      if (!ParseInt(Cut(part, ','), extent.start) || !ParseInt(part, extent.length) || extent.length < 0) return broken;
    }
    if (!spec.empty()) return broken;
  }
  auto box = Resolve(slice, dims);
  if (!box) return broken;
  return std::move(*box);
}

bool StoredTensor::Contiguous() const { return pieces.size() == 1 && Same(pieces[0].second, wanted); }

Result<StoredTensor> FindStored(Checkpoint& checkpoint, const CheckpointEntry& entry, Box wanted) {
  StoredTensor stored{&entry, std::move(wanted), {}};
  if (entry.slices.empty()) {
    stored.pieces.emplace_back(&entry, *Resolve(Slice(entry.dims.size()), entry.dims));
  } else if (entry.slices.size() > kMaxPieces) {
    return Error(Code::kLimit, "the tensor is stored in more than 10000 pieces").File(checkpoint.index().path()).Node(entry.key);
  }
  for (const Slice& slice : entry.slices) {
    const auto box = Resolve(slice, entry.dims);
    if (!box) return checkpoint.Malformed(entry, "a stored piece lies outside the tensor");
    if (Volume(*box) == 0 || (!Same(*box, stored.wanted) && !Intersect(*box, stored.wanted))) continue;
    const CheckpointEntry* piece = checkpoint.Find(SliceKey(entry.key, slice));
    if (!piece) return checkpoint.Malformed(entry, "a stored piece of the tensor is missing from the index");
    if (piece->dtype != entry.dtype || piece->dims != box->length || !piece->slices.empty())
      return checkpoint.Malformed(*piece, "a stored piece does not fit its tensor").Node(entry.key);
    stored.pieces.emplace_back(piece, *box);
  }
  if (stored.Contiguous()) return stored;
  if (ElementSize(entry.dtype) == 0)
    return Error(Code::kUnsupportedType, "a tensor of type " + std::string(DataTypeName(entry.dtype)) + " is stored in pieces").Node(entry.key);
  TFLOWER_CHECK(CheckCover(checkpoint, stored));
  return stored;
}

Result<TensorData> ReadStored(Checkpoint& checkpoint, const StoredTensor& stored) {
  TensorData tensor;
  tensor.dtype = stored.entry->dtype;
  tensor.dims = stored.wanted.length;
  if (stored.Contiguous()) {
    const CheckpointEntry& piece = *stored.pieces[0].first;
    if (tensor.dtype == DataType::kString) {
      TFLOWER_TRY(tensor.strings, checkpoint.Strings(piece));
    } else {
      TFLOWER_TRY(const std::string_view bytes, checkpoint.Bytes(piece));
      tensor.bytes = std::as_bytes(std::span(bytes));
    }
    return tensor;
  }
  // The pieces do not overlap in the file, so this is no larger than the shards are.
  for (const auto& [piece, box] : stored.pieces) TFLOWER_CHECK(checkpoint.Bytes(*piece));
  const size_t element_size = ElementSize(tensor.dtype);
  const size_t size = Volume(stored.wanted) * element_size;
  std::shared_ptr<std::byte> owner(static_cast<std::byte*>(std::malloc(size ? size : 1)), [](std::byte* p) { std::free(p); });
  if (!owner) return Error(Code::kLimit, "no memory to join the tensor").Node(stored.entry->key);
  for (const auto& [piece, box] : stored.pieces) {
    TFLOWER_TRY(const std::string_view bytes, checkpoint.Bytes(*piece));
    if (const auto common = Intersect(box, stored.wanted))
      CopyBox(*common, box, bytes.data(), stored.wanted, owner.get(), element_size);
  }
  tensor.bytes = {owner.get(), size};
  tensor.owner = std::move(owner);
  return tensor;
}

}  // namespace tflower::tf
