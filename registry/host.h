// The host's side of the handshake: what tflower_plugin_main is given. Immutable, lives as long as the process.
#pragma once

#include <tflower/abi.h>

namespace tflower {

const tflower_host& HostForPlugins();

}  // namespace tflower
