#!/bin/sh
# Runs the whole suite as other processors, other numbers of threads and a busy machine would: tests may not lean on one machine's kernels.
#
#   src/test/campaigns/processors.sh [mvn options]     # for instance -o, or -pl rewards -am -Dtest=TextMatchTest
#
# Each setting is met at least once, beside `mvn -B verify` itself, which is "- 1 - alone". Three times as long as that. Prints a line a run as it ends;
# the logs lie in target/processors. Pairs that are not met: avx2 with 2 threads, with oneDNN's own choice and busy; default with 1 thread, with oneDNN's
# own choice and busy; 1 thread and AVX2 of oneDNN, each busy; ATen's own choice with AVX2 of oneDNN.
set -eu
cd "$(dirname "$0")/../../.."
logs=target/processors
mkdir -p "$logs"
busy=
failed=0

# ends the programs of the busy run, whatever happens
rest() {
    # shellcheck disable=SC2086 # a list of process numbers
    [ -z "$busy" ] || kill $busy 2>/dev/null || true
    busy=
}
trap rest EXIT
trap 'exit 130' INT TERM

# kernels of ATen, threads, kernels of oneDNN ("-": what the processor has), and whether other programs keep all cores busy
while read -r aten threads onednn load; do
    name=aten-$aten-threads-$threads-onednn-$onednn-$load
    if [ "$load" = busy ]; then
        for _ in $(seq "$(getconf _NPROCESSORS_ONLN)"); do
            (while :; do :; done) &
            busy="$busy $!"
        done
    fi
    began=$(date +%s)
    result=ok
    (
        unset ATEN_CPU_CAPABILITY ONEDNN_MAX_CPU_ISA
        [ "$aten" = - ] || export ATEN_CPU_CAPABILITY="$aten"
        [ "$onednn" = - ] || export ONEDNN_MAX_CPU_ISA="$onednn"
        export OMP_NUM_THREADS="$threads"
        mvn -B -ntp verify -Dspotless.check.skip "$@" </dev/null
    ) >"$logs/$name.log" 2>&1 || result=FAILED failed=1
    rest
    echo "$result $name: $(($(date +%s) - began)) s, $logs/$name.log"
    [ "$result" = ok ] || grep -E '^\[ERROR\] +[A-Za-z]+Test' "$logs/$name.log" | head -n 20
done <<'END'
default 2 AVX2 alone
avx2 1 AVX2 alone
- 2 - busy
END
exit "$failed"
