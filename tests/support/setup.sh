# Sourced by the scripts below tests/: the Debian packages that tflower is built from, installed when one of them is missing.
# Sets `root`, the repository's folder, and goes there.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

# Clones in other folders share the compiler cache.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

packages="g++ cmake ninja-build ccache pkg-config protobuf-compiler libprotobuf-dev libflatbuffers-dev flatbuffers-compiler
  flatbuffers-compiler-dev libboost-dev nlohmann-json3-dev libfmt-dev libspdlog-dev libcli11-dev libvalijson-dev libzip-dev libhwy-dev
  doctest-dev python3 python3-venv"

setup_packages() {
  command -v apt-get > /dev/null || { echo "note: no apt-get here; install by other means: $packages" >&2; return 0; }
  local missing="" package
  for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  local as_root=""
  [ "$(id -u)" -eq 0 ] || as_root=sudo
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing > /dev/null
}

# Builds the release preset; arguments go to cmake.
build_release() {
  cmake --preset release "$@" > build-configure.log 2>&1 || { cat build-configure.log >&2; rm -f build-configure.log; return 1; }
  rm -f build-configure.log
  cmake --build --preset release
}

# A Python environment for the tests, made anew only when its requirements change. Not needed by tflower itself.
setup_venv() {
  venv=$root/build/venv
  if ! cmp -s tests/requirements.txt "$venv/requirements.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/requirements.txt
    cp tests/requirements.txt "$venv/requirements.txt"
  fi
}
