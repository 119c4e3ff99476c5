#!/usr/bin/env bash
# Trains, scores and serves under strace, in a network without routes where the system allows one, and fails if a process connects to anything
# but this machine, looks up a name, or writes a file outside its run folder and the caches that docs/rewards.md names.
#
#   src/test/campaigns/privacy.sh [IMAGERL]     needs strace; uses unshare and ip
set -uo pipefail

root=$(cd "$(dirname "$0")/../../.." && pwd)
imagerl=${1:-$root/imagerl}
command -v strace >/dev/null || { echo "privacy.sh: there is no strace; install it" >&2; exit 2; }
work=$(mktemp -d)
mkdir "$work/home" "$work/tmp" "$work/out"
export DJL_CACHE_DIR=${DJL_CACHE_DIR:-$HOME/.djl.ai} HOME=$work/home TMPDIR=$work/tmp
export IMAGERL_JAVA_OPTS="${IMAGERL_JAVA_OPTS:-} -Duser.home=$work/home -Djava.io.tmpdir=$work/tmp"
unset XDG_CACHE_HOME IMAGERL_CACHE_DIR ORT_DISABLE_TELEMETRY

separate=()
if unshare -rn sh -c 'ip link set lo up' 2>/dev/null; then
    separate=(unshare -rn sh -c 'ip link set lo up; exec "$0" "$@"')
else
    echo "privacy.sh: no network of its own (unshare -rn); the tracer alone looks"
fi

traced() { # NAME COMMAND...
    local name=$1
    shift
    "${separate[@]}" strace -f -qq -s 200 -e signal=none -e trace=connect,sendto,sendmsg,sendmmsg,openat,open,creat,rename,renameat2,mkdir \
        -o "$work/$name.trace" "$@" >"$work/$name.log" 2>&1
    echo "$name: exit code $?"
}

traced train "$imagerl" train "$root/samples/words/ddpo.yaml" --set "run.folder=$work/out" --set epochs=1 --set evaluation=null \
    --set rollout.batch_size=4 --set rollout.prompts_per_epoch=2 --set rollout.samples_per_prompt=2 --set optimiser.micro_batch=4 \
    --set optimiser.updates_per_epoch=1
image=$(find "$work/out/ddpo/samples" -name '*.png' | sort | head -n 1)
traced score "$imagerl" score "$image" --reward ocr --prompt 'a "1"' --out "$work/out/scores.csv"
traced serve timeout -s TERM 60 "$imagerl" serve-rewards --reward ocr --port 0
traced doctor "$imagerl" doctor

bad=0
grep -q 'http://' "$work/serve.log" || { bad=1; echo "the server did not listen within 60 s"; cat "$work/serve.log"; }
# Java asks the kernel for its interfaces and tries IPv6 by addresses of this machine alone.
sent=$(grep -hE 'connect\(|send(to|msg|mmsg)\(' "$work"/*.trace | grep -E 'AF_INET' |
    grep -vE 'inet_addr\("127\.|"::1"|"::ffff:127\.|AF_NETLINK')
[ -n "$sent" ] && bad=1 && printf 'sent or connected:\n%s\n' "$sent"
# JVMs share counters in /tmp/hsperfdata_USER, which -XX:-UsePerfData switches off
written=$(grep -hE 'open(at)?\(.*O_(WRONLY|RDWR|CREAT)|creat\(|mkdir\(' "$work"/*.trace | grep -v '= -1' |
    grep -oE '"[^"]+"' | tr -d '"' | grep '^/' | sort -u |
    grep -vE "^($work/(out|tmp|home/\.cache$|home/\.cache/(imagerl|JNA)|home/\.java)|$DJL_CACHE_DIR|/dev/|/proc/|/tmp/hsperfdata_)")
[ -n "$written" ] && bad=1 && printf 'written:\n%s\n' "$written"
left=$(find "$work/home" "$work/tmp" -type f | grep -vE "/home/\.(cache/imagerl|java/fonts)/")
[ -n "$left" ] && bad=1 && printf 'left behind:\n%s\n' "$left"
[ $bad = 0 ] && echo "nothing was sent, nothing was left behind"
rm -rf "$work"
exit $bad
