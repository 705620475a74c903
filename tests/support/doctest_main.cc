// main() of test programs made of several files: doctest's implementation may be compiled into one of them only.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
