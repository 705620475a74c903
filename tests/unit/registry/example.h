// A manifest that uses every key, for the tests of parser and schema.
#pragma once

namespace tflower {

inline constexpr const char* kExample = R"({
 "format": "1.0",
 "id": "com.acme.audio",
 "version": "1.2.0",
 "name": "Acme audio ops",
 "vendor": "Acme",
 "license": "Apache-2.0",
 "homepage": "https://acme.example/audio",
 "abi": {"major": 1, "min": 0, "built": 2},
 "platforms": [
  {"os": "linux", "arch": "x86_64", "library": "lib/libacme.so", "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "size": 14400}
 ],
 "provides": {
  "lowerings": [
   {"op": "STFT", "emits": ["RFFT2D", "acme.Stft"], "priority": 100},
   {"op": "Rare", "priority": 0}
  ],
  "rules": [
   {"id": "acme/relu", "kind": "pattern", "benefit": 3, "emits": ["RELU"]},
   {"id": "acme/cell", "kind": "composite", "implements": "AcmeCell", "benefit": -3}
  ],
  "kernels": [
   {"op": "ADD", "versions": "1-3", "inputs": [["float32"], [], ["int8", "float32"]], "outputs": [["float32"]], "priority": 7, "flags": ["view", "impure", "in_place", "reference"]},
   {"custom_code": "acme.Stft", "versions": "2", "priority": -1}
  ]
 },
 "x-acme": {"anything": [1, 2.5, null]}
}
)";

}  // namespace tflower
