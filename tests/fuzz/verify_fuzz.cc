// The loader on whole files: verified and decoded, not run. What it accepts is walked from end to end, as tools do.
#include <span>

#include "fuzz.h"
#include "runtime/model/view.h"

namespace {

using namespace tflower;
using namespace tflower::runtime;

// Reads the first and the last of a span.
template <class T>
uint64_t Ends(std::span<const T> span) {
  return span.empty() ? 0 : static_cast<uint64_t>(span.front()) ^ static_cast<uint64_t>(span.back());
}

uint64_t Walk(const ModelView& model) {
  uint64_t seen = model.description().size();
  for (const SubgraphView& subgraph : model.subgraphs()) {
    seen ^= Ends(subgraph.inputs) ^ Ends(subgraph.outputs) ^ subgraph.name.size();
    for (const TensorView& t : subgraph.tensors)
      seen ^= Ends(t.shape) ^ Ends(t.signature) ^ Ends(t.data) ^ Ends(t.quant.zero_point) ^ (t.quant.scale.empty() ? 0 : t.quant.scale.back() > 0) ^ t.name.size();
    for (const OperatorView& op : subgraph.operators) seen ^= Ends(op.inputs) ^ Ends(op.outputs) ^ op.name.size() ^ op.options.size;
  }
  for (const SignatureView& signature : model.signatures()) seen ^= signature.key.size() ^ signature.inputs.size() ^ signature.outputs.size();
  for (const MetadataView& metadata : model.metadata()) seen ^= metadata.name.size() ^ Ends(metadata.data);
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // The view wants 16-byte alignment, and libFuzzer gives it; a copy finds reads behind the end.
  constexpr size_t kAlignment = 16;
  AlignedBuffer copy;
  std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  if (reinterpret_cast<uintptr_t>(data) % kAlignment != 0) {
    if (!copy.Reserve(size)) return 0;
    std::copy(bytes.begin(), bytes.end(), copy.data());
    bytes = {copy.data(), size};
  }
  const auto view = ModelView::Decode(bytes);
  static volatile uint64_t seen = 0;  // so that reads are not left out
  if (fuzz::Good(view)) seen = seen ^ Walk(*view.value());
  return 0;
}
