#include "host.h"

#include <string_view>

namespace tflower {
namespace {

// Optional services by id. Plugins of ABI 1.0 need none: what they use comes with each call.
const void* GetInterface(const tflower_host*, const char*) noexcept { return nullptr; }

constexpr std::string_view kVersion = TFLOWER_VERSION;
constexpr tflower_host kHost = {
    .struct_size = sizeof(tflower_host),
    .abi_major = TFLOWER_ABI_MAJOR,
    .abi_minor = TFLOWER_ABI_MINOR,
    .reserved = 0,
    .version = {kVersion.data(), kVersion.size()},
    .get_interface = GetInterface,
};

}  // namespace

const tflower_host& HostForPlugins() { return kHost; }

}  // namespace tflower
