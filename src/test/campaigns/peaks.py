#!/usr/bin/env python3
"""How near the peak that `imagerl plan` prints is to the one that the training then has.

    python src/test/campaigns/peaks.py [--imagerl ./imagerl] [--work DIR] [--width 320]

Makes a folder with the shapes of Stable Diffusion 1.5 and random weights as real_size.py does (--width 160 makes the UNet a quarter of the
size). For each of the settings below it runs `plan`, then `train` for an epoch, and compares the line `peak` with the largest resident size
of the training. Needs diffusers and transformers (../compat/golden/requirements.txt), 5 GB of disk and 12 GB of free memory. Ends with a
table; exit 1 if a command fails.
"""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import real_size

CASES = {
    "batches of 1": [1, 1, 256, []],
    "batches of 4": [4, 4, 256, []],
    "batches of 4, checkpointing": [4, 4, 256, ["--set", "memory.checkpointing=true"]],
    "batches of 2, 512 x 512": [2, 2, 512, []],
}


def peak_of(imagerl, work, words):
    """Runs a command; its output and the largest resident size in bytes."""
    child = subprocess.Popen([imagerl, *words], cwd=work, stdout=subprocess.PIPE, text=True)
    out = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{words}: exit code {os.waitstatus_to_exitcode(status)}")
    return out, used.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--imagerl", default=str(real_size.ROOT / "imagerl"))
    parser.add_argument("--work", type=Path, default=Path("/tmp/imagerl-peaks"))
    parser.add_argument("--width", type=int, default=320)
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "checkpoint").exists():
        real_size.make_checkpoint(work / "checkpoint", arguments.width)
    print("| settings | plan | training | plan / training |\n|---|---|---|---|", flush=True)
    for number, (name, (batch, micro, size, sets)) in enumerate(CASES.items()):
        real_size.configuration(work, size)
        common = ["run.yaml", "--set", f"rollout.batch_size={batch}", "--set", f"optimiser.micro_batch={micro}", "--set", "epochs=1",
                  "--set", "rollout.samples_per_prompt=2", "--set", "rollout.steps=2", *sets]
        planned, _ = peak_of(arguments.imagerl, work, ["plan", *common])
        amount, unit = re.search(r"peak +about ([0-9.]+) ([GM])B", planned).groups()
        plan = float(amount) * (1e9 if unit == "G" else 1e6)
        _, measured = peak_of(arguments.imagerl, work, ["train", *common, "--set", f"run.name=peak-{os.getpid()}-{number}"])
        print(f"| {name} | {plan / 1e9:.2f} GB | {measured / 1e9:.2f} GB | {plan / measured:.2f} |", flush=True)


if __name__ == "__main__":
    main()
