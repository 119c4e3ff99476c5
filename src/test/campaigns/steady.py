#!/usr/bin/env python3
"""A long training of samples/words: resident memory, handles, threads and live arrays must not grow from update to update.

    python3 src/test/campaigns/steady.py [--updates 200] [--imagerl ./imagerl] [--work DIR] [WORD...]

Trains with tiny settings, one update an epoch, evaluations, sample grids and checkpoints among them; WORDs go to `train` beside these, for
instance `--set algorithm.preset=ddpo-sf`. Prints a line at each eleventh of the run. Arrays are the objects of DJL's PyTorch arrays
on the Java heap after a full collection, by jcmd of the JDK. Linux only (/proc); nothing outside the standard library.

Passes (exit 0) if between the third line and the last the handles, the threads and the arrays are no more, and resident memory grew by less
than a twentieth. The first lines are left out: caches of shapes fill, and the compiler's threads come and go.
"""
import argparse, json, os, re, shutil, subprocess, sys, time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
TINY = ["evaluation={prompts: prompts-held-out.txt, samples_per_prompt: 1}", "run.evaluate_every=50", "run.save_every=20", "run.sample_every=40",
        "rollout.steps=2", "algorithm.trained_steps={type: fixed, steps: [0, 1]}", "rollout.batch_size=8", "rollout.prompts_per_epoch=2",
        "rollout.samples_per_prompt=4", "optimiser.micro_batch=4", "optimiser.updates_per_epoch=1", "samples={prompts: 1, seeds: [0]}"]


def epochs(metrics):
    try:
        return sum(1 for line in open(metrics) if line.endswith("\n")) - 1  # without that before training
    except OSError:
        return 0


def arrays(pid):
    found = subprocess.run(["jcmd", str(pid), "GC.class_histogram"], capture_output=True, text=True).stdout
    return sum(int(line.split()[1]) for line in found.splitlines() if re.search(r"\bai\.djl\.pytorch\.engine\.PtNDArray(Ex)?\b", line)
               and not line.rstrip().endswith("Ex"))


def measure(pid):
    status = open(f"/proc/{pid}/status").read()
    live = arrays(pid)  # collects first
    status = open(f"/proc/{pid}/status").read()
    return {"rss_mb": int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024, "handles": len(os.listdir(f"/proc/{pid}/fd")),
            "threads": int(re.search(r"Threads:\s+(\d+)", status).group(1)), "arrays": live}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--updates", type=int, default=200)
    options.add_argument("--imagerl", default=os.path.join(ROOT, "imagerl"))
    options.add_argument("--work", default=os.path.join(ROOT, "target/steady"))
    chosen, words = options.parse_known_args()
    shutil.rmtree(chosen.work, ignore_errors=True)
    os.makedirs(chosen.work)
    command = [chosen.imagerl, "train", os.path.join(ROOT, "samples/words/ddpo.yaml")]
    for value in TINY + [f"epochs={chosen.updates}", "run.folder=" + chosen.work, "run.name=a"]:
        command += ["--set", value]
    process = subprocess.Popen(command + words, stdin=subprocess.DEVNULL, stdout=open(os.path.join(chosen.work, "output.txt"), "wb"),
                               stderr=subprocess.STDOUT)
    metrics, rows, parts = os.path.join(chosen.work, "a/metrics.jsonl"), [], 11
    print(f"{'update':>8}{'rss, MB':>10}{'handles':>10}{'threads':>10}{'arrays':>10}", flush=True)
    while process.poll() is None:
        done = epochs(metrics)
        if done >= chosen.updates * (len(rows) + 1) // parts and len(rows) < parts - 1:
            try:
                rows.append({"update": done, **measure(process.pid)})
            except (OSError, AttributeError):
                break  # it has ended
            print("".join(f"{rows[-1][k]:>{w}}" for k, w in (("update", 8), ("rss_mb", 10), ("handles", 10), ("threads", 10), ("arrays", 10))), flush=True)
        time.sleep(0.05)
    if process.wait():
        sys.exit(f"train ended with code {process.returncode}; {chosen.work}/output.txt")
    if len(rows) < 5 or not rows[-1]["arrays"]:
        sys.exit("too few measurements: take more updates, and a JDK whose jcmd is on the path")
    first, last = rows[2], rows[-1]
    grown = [k for k in ("handles", "threads", "arrays") if last[k] > first[k]] + (["rss"] if last["rss_mb"] > first["rss_mb"] * 1.05 else [])
    print("flat" if not grown else "grown: " + ", ".join(grown))
    sys.exit(bool(grown))


if __name__ == "__main__":
    main()
