#!/usr/bin/env bash
# Ends imagerl by signals at random moments, while OCR scores and while a training samples, scores and updates, and prints how often it
# ended with which code. Fails if a JVM crashed or did not end.
#
#   src/test/campaigns/signals.sh [TIMES [IMAGERL [VERB...]]]     50 times each, ./imagerl, all of: score train serve bench
#
# LATEST=N: the signal comes at most N seconds after the start (12); more on a busy machine, where starting takes longer.
set -uo pipefail
set -m # or jobs in the background ignore Ctrl-C
if trap -p INT | grep -q "''"; then
    echo "signals.sh: started in the background, where Ctrl-C is ignored and shells cannot change that; start it in the foreground" >&2
    exit 2
fi

root=$(cd "$(dirname "$0")/../../.." && pwd)
times=${1:-50}
imagerl=${2:-$root/imagerl}
shift $(($# < 2 ? $# : 2))
verbs=${*:-score train serve bench}
work=$(mktemp -d) # no trap deletes it: a subshell that is killed as it begins would run it
export IMAGERL_JAVA_OPTS="${IMAGERL_JAVA_OPTS:-} -XX:ErrorFile=$work/hs_err_%p.log"
ulimit -c 0
latest=${LATEST:-12}
patience=120 # seconds for an end in order, on a busy machine

"$imagerl" sample --checkpoint "$root/samples/words" --prompt 'a sign that says "472"' --seeds 0-255 --steps 2 --guidance 1 \
    --out "$work/images" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }

command_of() { # VERB FOLDER
    case $1 in
        score) echo "$imagerl" score "$work/images" --reward ocr --batch 2 --out "$2/scores.csv" ;;
        train) echo "$imagerl" train "$root/samples/words/ddpo.yaml" --set "run.folder=$2" --set evaluation=null \
            --set rollout.batch_size=16 --set rollout.prompts_per_epoch=4 --set optimiser.micro_batch=16 --set run.save_every=1 ;;
        serve) echo "$imagerl" serve-rewards --reward ocr --port 0 ;;
        bench) echo "$imagerl" bench rewards ;;
    esac
}

once() { # VERB SIGNALS(comma) SLEEP_MS
    local folder=$work/run
    rm -rf "$folder" && mkdir "$folder"
    # shellcheck disable=SC2046 # no word of a command has a blank
    $(command_of "$1" "$folder") >"$folder/out" 2>"$folder/err" &
    local pid=$!
    sleep "$(printf '%d.%03d' $(($3 / 1000)) $(($3 % 1000)))"
    for signal in ${2//,/ }; do
        kill -s "$signal" "$pid" 2>/dev/null
        sleep 0.05
    done
    (sleep $patience; kill -s KILL "$pid" 2>/dev/null) &
    local clock=$!
    wait "$pid" 2>/dev/null
    local code=$?
    kill -- -$clock 2>/dev/null
    wait $clock 2>/dev/null
    echo $code
}

bad=0
for verb in $verbs; do
    for signals in INT TERM HUP INT,INT TERM,TERM; do
        : >"$work/codes"
        for _ in $(seq "$times"); do
            once "$verb" "$signals" $((500 + RANDOM * 32768 % (latest * 1000) + RANDOM % 1000)) >>"$work/codes" 2>/dev/null
        done
        printf '%-6s %-10s' "$verb" "$signals"
        sort "$work/codes" | uniq -c | awk '{printf "   code %s: %d", $2, $1}'
        echo
        # 134 and 139 are crashes, 137 did not end in time, 1 is an internal error
        grep -qxE '1|134|137|139' "$work/codes" && bad=1
    done
done
for log in "$work"/hs_err_*.log; do
    [ -e "$log" ] && bad=1 && sed -n '1,40p' "$log"
done
rm -rf "$work"
exit $bad
