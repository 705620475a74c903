#!/usr/bin/env bash
# Sets up everything, converts the bundled MobileNet-style SavedModel, runs it and shows the result.
set -euo pipefail
source "$(dirname "$0")/support/setup.sh"

setup_packages
build_release -DTFLOWER_BUILD_TESTS=OFF
tflower=build/release/bin/tflower
out=build/demo
mkdir -p "$out"

echo; echo "\$ tflower convert tests/models/sample_mobilenet -o $out/mobilenet.tflite"
$tflower convert tests/models/sample_mobilenet -o "$out/mobilenet.tflite"
echo; echo "\$ tflower inspect $out/mobilenet.tflite"
$tflower inspect "$out/mobilenet.tflite"
echo; echo "\$ tflower run $out/mobilenet.tflite --inputs tests/models/sample_input.npz --outputs $out/result.npz"
$tflower run "$out/mobilenet.tflite" --inputs tests/models/sample_input.npz --outputs "$out/result.npz"
echo; echo "\$ tflower bench $out/mobilenet.tflite --threads 2"
$tflower bench "$out/mobilenet.tflite" --threads 2
