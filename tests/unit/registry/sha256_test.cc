// Vectors of FIPS 180-4's examples.
#include "registry/sha256.h"

#include <doctest/doctest.h>

namespace tflower {
namespace {

std::string Hash(const std::string& text, size_t step) {
  Sha256 sha;
  for (size_t i = 0; i < text.size(); i += step) sha.Add(text.data() + i, std::min(step, text.size() - i));
  return sha.HexDigest();
}

}  // namespace

TEST_CASE("known hashes, in pieces of any size") {
  const std::string million(1000000, 'a');
  for (const size_t step : {size_t{1}, size_t{7}, size_t{64}, size_t{65}, size_t{100000}}) {
    CAPTURE(step);
    CHECK(Hash("", step) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(Hash("abc", step) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(Hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", step) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(Hash(million, step) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

}  // namespace tflower
