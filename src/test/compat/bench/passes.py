"""Measures passes of denoisers against diffusers and peft on this machine, in pairs of processes that take turns.

    python src/test/compat/bench/passes.py [--pairs 5] [--latent-size 64] [--threads 1] [--imagerl PROGRAM] [SHAPE:WORK ...]

SHAPE is sd15, sd35-medium or flux (--blocks of them), WORK forward, step or checkpointed-step. A process makes random weights, does the work
three times (--repeats), and counts the fastest but the first. Prints medians over the pairs: the ratio of processor times (what other programs take
falls on neither), that of times by the clock, and that of the most memory the whole process ever had (VmHWM: weights, JVM or Python and libraries too).
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WORKS = ["sd15:forward", "sd15:step", "sd15:checkpointed-step", "sd35-medium:step", "sd35-medium:checkpointed-step",
         "flux:step", "flux:checkpointed-step"]
LINE = re.compile(r"clock ([\d.]+) s, processor ([\d.]+) s, peak ([\d.]+) GB")


def measured(command, threads):
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    out = subprocess.run(command, env=environment, capture_output=True, text=True)
    lines = [[float(x) for x in match] for match in LINE.findall(out.stdout)]
    if out.returncode or len(lines) < 2:
        sys.exit(f"{command} ended with {out.returncode}\n{out.stdout}\n{out.stderr}")
    later = lines[1:]
    return {"clock": min(x[0] for x in later), "processor": min(x[1] for x in later), "peak": lines[-1][2]}


def ours(args, shape, work):
    command = [args.imagerl, "bench", shape, "--set", f"work={work}", "--set", f"repeats={args.repeats}",
               "--set", f"latent_size={args.latent_size}"]
    return command + ([] if shape == "sd15" else ["--set", f"blocks={args.blocks}"])


def theirs(args, shape, work):
    return [sys.executable, os.path.join(HERE, "passes_diffusers.py"), shape, work, "--latent-size", str(args.latent_size),
            "--blocks", str(args.blocks), "--repeats", str(args.repeats)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("works", nargs="*", default=WORKS)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--latent-size", type=int, default=64)
    parser.add_argument("--blocks", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3, help="of the work in a process; the first does not count")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--imagerl", default="./imagerl")
    args = parser.parse_args()
    print("| work | ours, processor s | theirs | ratio | by the clock | ours, peak GB | theirs | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for name in args.works:
        shape, work = name.split(":")
        pairs = []
        for _ in range(args.pairs):
            pairs.append((measured(ours(args, shape, work), args.threads), measured(theirs(args, shape, work), args.threads)))
            print(json.dumps([name, *pairs[-1]]), file=sys.stderr, flush=True)
        middle = lambda side, key: statistics.median(pair[side][key] for pair in pairs)
        ratio = lambda key: statistics.median(a[key] / b[key] for a, b in pairs)
        print(f"| {name} | {middle(0, 'processor'):.2f} | {middle(1, 'processor'):.2f} | {ratio('processor'):.2f} "
              f"| {ratio('clock'):.2f} | {middle(0, 'peak'):.2f} | {middle(1, 'peak'):.2f} | {ratio('peak'):.2f} |", flush=True)


if __name__ == "__main__":
    main()
