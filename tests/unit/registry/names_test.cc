// Names of operators and dtypes, plugin ids, paths, semantic versions.
#include "registry/names.h"

#include <doctest/doctest.h>

#include "registry/manifest.h"
#include "registry/semver.h"

namespace tflower {

TEST_CASE("operators and dtypes as in the schema") {
  CHECK(OperatorCode("ADD") == 0);
  CHECK(OperatorCode("CONV_2D") == 3);
  CHECK(OperatorCode("CUSTOM") == kCustomOperator);
  CHECK(OperatorCode("GELU") == 150);
  CHECK_FALSE(OperatorCode("conv_2d"));
  CHECK_FALSE(OperatorCode(""));
  CHECK(OperatorName(126) == "BATCH_MATMUL");
  CHECK(OperatorName(-1) == "operator -1");
  for (int32_t code = 0; code <= 200; ++code) CHECK(OperatorCode(OperatorName(code)) == code);
  CHECK(DtypeNumber("float32") == 0);
  CHECK(DtypeNumber("int8") == 9);
  CHECK_FALSE(DtypeNumber("FLOAT32"));
  CHECK_FALSE(DtypeNumber("float3"));
  CHECK(DtypeName(6) == "bool");
  CHECK(DtypeName(99) == "dtype 99");
  CHECK(DtypeSetName(0) == "any");
  CHECK(DtypeSetName(1 | 1 << 9) == "float32|int8");
}

TEST_CASE("plugin ids") {
  for (const char* id : {"a.b", "com.acme.audio", "tflower.tf_ops", "com.acme-corp.x9"}) CHECK(IsPluginId(id));
  for (const char* id : {"", "a", ".", "a.", ".a", "a..b", "A.b", "a.B", "1a.b", "a.1b", "a_b.c", "a.b c", "a.b/../c", "a.é"}) {
    CAPTURE(id);
    CHECK_FALSE(IsPluginId(id));
  }
  CHECK_FALSE(IsPluginId("a." + std::string(62, 'b')));
}

TEST_CASE("paths in manifests") {
  for (const char* path : {"lib.so", "lib/linux/x.so", "..lib/x..so"}) CHECK(IsSafeRelativePath(path));
  for (const char* path : {"", "/lib.so", "../lib.so", "a/../b", "a/..", "./a", "a//b", "a/", "a\\b", "."}) {
    CAPTURE(path);
    CHECK_FALSE(IsSafeRelativePath(path));
  }
  CHECK_FALSE(IsSafeRelativePath(std::string("a\0b", 3)));
}

TEST_CASE("semantic versions") {
  const char* ascending[] = {"0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11",
                             "1.0.0-rc.1", "1.0.0", "1.0.1", "1.9.0", "1.10.0", "10.0.0"};
  for (size_t i = 0; i < std::size(ascending); ++i) {
    CHECK(IsSemver(ascending[i]));
    for (size_t k = 0; k < std::size(ascending); ++k) {
      const int order = CompareSemver(ascending[i], ascending[k]);
      CAPTURE(ascending[i]);
      CAPTURE(ascending[k]);
      CHECK((order < 0) == (i < k));
      CHECK((order > 0) == (i > k));
    }
  }
  CHECK(IsSemver("1.2.3-x.7.z+build.001"));
  CHECK(CompareSemver("1.2.3+a", "1.2.3+b") == 0);
  for (const char* text : {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3+", "1.2.3-01", "1.2.3-a..b", "v1.2.3", "1.2.x",
                           "9999999999.0.0", "1.2.3-é"}) {
    CAPTURE(text);
    CHECK_FALSE(IsSemver(text));
  }
}

}  // namespace tflower
