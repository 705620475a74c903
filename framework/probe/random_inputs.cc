// FillRandom, by a linear congruential generator.
#include "probe/random_inputs.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace tflower::probe {
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

}  // namespace tflower::probe
