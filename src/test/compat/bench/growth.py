"""How the cost of an epoch grows: with steps, prompts, samples of a prompt, and the size of batches.

    python src/test/compat/bench/growth.py bin/imagerl --svg docs/images/growth.svg

Runs samples/words/ddpo.yaml with one size changed at a time, some epochs each, and takes the median processor time of
the epochs after the first. Of a size that makes more work a line is fitted, and printed are its seconds per unit, what
it has at zero, and how far the farthest point lies from it, in percent of the point. Of the size of a batch, which
makes no more work, printed are the seconds at each size. Needs only Python; run it on an idle machine, as other work
changes processor time too. The seconds are kept beside the drawing as JSON.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
BASE = {"rollout.prompts_per_epoch": 8, "rollout.samples_per_prompt": 8, "rollout.steps": 6,
        "rollout.batch_size": 16, "optimiser.micro_batch": 16}
SIZES = {"rollout.steps": [2, 4, 8, 12], "rollout.prompts_per_epoch": [2, 4, 8, 12],
         "rollout.samples_per_prompt": [2, 4, 8, 12], "rollout.batch_size": [4, 16, 64],
         "optimiser.micro_batch": [4, 16, 64]}
WORK = ["rollout.steps", "rollout.prompts_per_epoch", "rollout.samples_per_prompt"]
FIXED = {"evaluation": "null", "run.save_every": 1000, "run.sample_every": 1000, "algorithm.trained_steps": "all",
         "algorithm.advantage.min_count": 2, "optimiser.updates_per_epoch": 1, "samples.prompts": 1}


def measure(imagerl, key, value, epochs):
    """Median processor seconds of an epoch, and the peak memory in GB."""
    settings = BASE | FIXED | {key: value, "epochs": epochs}
    if settings["rollout.samples_per_prompt"] * settings["rollout.prompts_per_epoch"] % settings["optimiser.micro_batch"]:
        raise SystemExit(f"{key} {value}: the images of an epoch are no multiple of a micro-batch")
    with tempfile.TemporaryDirectory() as folder:
        words = [imagerl, "train", str(ROOT / "samples/words/ddpo.yaml"), "--set", f"run.folder={folder}"]
        for name, set_to in settings.items():
            words += ["--set", f"{name}={set_to}"]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{key} {value}: " + done.stderr)
        rows = [json.loads(line) for line in (Path(folder) / "ddpo/metrics.jsonl").read_text().splitlines()]
    counted = [row for row in rows if row["step"] > 1]
    return (statistics.median(row["seconds_processor"] for row in counted),
            max(row["memory_peak_gb"] for row in counted))


def line(points):
    """Least squares: seconds at zero, seconds per unit, greatest distance of a point in percent of it."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    mx, my = statistics.mean(xs), statistics.mean(ys)
    slope = sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x in xs)
    zero = my - slope * mx
    return zero, slope, max(100 * abs(y - zero - slope * x) / y for x, y in points)


def svg(found):
    """A row of small plots, one for each size: points, and the line where one is fitted."""
    width, height, left, top = 190, 150, 44, 26
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * len(found)}" height="{height + 46}" '
             'font-family="sans-serif" font-size="10">',
             f'<rect width="{width * len(found)}" height="{height + 46}" fill="white"/>']
    for i, (key, points) in enumerate(found.items()):
        xmax, ymax = max(p[0] for p in points), 1.1 * max(p[1] for p in points)
        inner_w, inner_h = width - left - 14, height - top
        at = lambda x, y: (i * width + left + inner_w * x / xmax, top + inner_h * (1 - y / ymax))
        x0, y0 = at(0, 0)
        parts.append(f'<text x="{i * width + left}" y="14">{key}</text>')
        parts.append(f'<path d="M{x0:.1f} {top} V{y0:.1f} H{x0 + inner_w:.1f}" fill="none" stroke="#888"/>')
        if key in WORK:
            zero, slope, _ = line([(p[0], p[1]) for p in points])
            (ax, ay), (bx, by) = at(0, max(0, zero)), at(xmax, zero + slope * xmax)
            parts.append(f'<path d="M{ax:.1f} {ay:.1f} L{bx:.1f} {by:.1f}" stroke="#36c" fill="none"/>')
        for x, y, _ in points:
            cx, cy = at(x, y)
            parts.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="3" fill="#c33"/>')
            parts.append(f'<text x="{cx:.1f}" y="{y0 + 13:.1f}" text-anchor="middle">{x}</text>')
        parts.append(f'<text x="{x0 - 4:.1f}" y="{at(0, ymax / 1.1)[1] + 3:.1f}" text-anchor="end">'
                     f'{ymax / 1.1:.2g} s</text><text x="{x0 - 4:.1f}" y="{y0:.1f}" text-anchor="end">0</text>')
    parts.append(f'<text x="8" y="{height + 36}">processor seconds of an epoch</text></svg>')
    return "\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imagerl")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--svg", type=Path, help="the drawing; FILE.json beside it keeps the seconds, and what it has"
                        " already is not measured again")
    options = parser.parse_args()
    kept = options.svg.with_suffix(".json") if options.svg else None
    found = json.loads(kept.read_text()) if kept and kept.exists() else {}
    for key, values in SIZES.items():
        points = found.setdefault(key, [])
        for value in values:
            if value not in [p[0] for p in points]:
                seconds, memory = measure(options.imagerl, key, value, options.epochs)
                points.append([value, seconds, memory])
                print(f"{key} {value}: {seconds:.2f} s, {memory:.2f} GB", file=sys.stderr, flush=True)
                if kept:
                    kept.write_text(json.dumps(found, indent=1) + "\n")
        if key in WORK:
            zero, slope, far = line([(p[0], p[1]) for p in points])
            print(f"{key}: {slope:.3f} s each, {zero:.2f} s at zero, farthest point {far:.1f} %")
    if options.svg:
        options.svg.write_text(svg(found))


if __name__ == "__main__":
    main()
