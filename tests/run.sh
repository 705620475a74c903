#!/usr/bin/env bash
# Sets up everything and runs the whole suite: C++ tests, then the parity suites against live TensorFlow and stock LiteRT.
# The last line says how many tests ran. Exit status 0 only when all passed.
set -euo pipefail
source "$(dirname "$0")/support/setup.sh"

setup_packages
setup_venv
build_release -DTFLOWER_BUILD_TESTS=ON -DPython3_EXECUTABLE="$venv/bin/python"

passed=0 failed=0
count() {  # adds "N passed, M failed"
  passed=$((passed + $1)) failed=$((failed + $2))
}

# doctest programs and others, by CTest; each doctest case counts.
log=build/release/ctest.log
ctest --test-dir build/release --parallel 2 --verbose --no-tests=error > "$log" 2>&1 && ok=1 || ok=0
cases=$(sed -n 's/.*\[doctest\] test cases: *\([0-9]*\) *| *\([0-9]*\) passed *| *\([0-9]*\) failed.*/\2 \3/p' "$log" | awk '{p += $1; f += $2} END {print p + 0, f + 0}')
other=$(grep -c '^ *[0-9]*/[0-9]* Test .*\(Passed\)' "$log" || true)
broken=$(grep -c '^ *[0-9]*/[0-9]* Test .*\*\*\*' "$log" || true)
[ "$ok" = 1 ] || { grep -E 'ERROR:|\*\*\*|error:' "$log" | head -n 60; tail -n 30 "$log"; }
echo "CTest: $other programs passed, $broken failed; doctest cases: $cases (passed failed)"
count ${cases}
[ "$broken" = 0 ] || [ "$failed" != 0 ] || failed=$broken

# Python suites: each ends with "N passed, M failed".
python_suite() {
  local out
  echo "== $*"
  TFLOWER=$root/build/release/bin/tflower "$venv/bin/python" "$@" > build/suite.out 2> build/suite.err || true
  cat build/suite.out
  out=$(tail -n 1 build/suite.out)
  local p f
  p=$(sed -n 's/^\([0-9]*\) passed.*/\1/p' <<< "$out") f=$(sed -n 's/.* \([0-9]*\) failed.*/\1/p' <<< "$out")
  if [ -z "$p" ] || [ -z "$f" ]; then
    cat build/suite.err >&2
    p=0 f=1
  fi
  count "$p" "$f"
}
"$venv/bin/python" tests/support/selftest.py > build/selftest.log 2>&1 || { cat build/selftest.log; failed=$((failed + 1)); }  # the judges themselves
python_suite tests/parity/litert_facts.py
python_suite tests/parity/parity.py
python_suite tests/parity/op_parity.py
python_suite tests/parity/graph_parity.py
python_suite tests/parity/custom_ops.py
python_suite tests/parity/quant_parity.py
python_suite tests/parity/rnn_kernels.py
python_suite tests/parity/walkthroughs.py
python_suite tests/parity/operator_fuzz.py --count 400 --seed 1

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
