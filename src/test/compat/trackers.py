"""Reads what the trackers of a run wrote with the programs that they are written for.

    python trackers.py IMAGERL FOLDER

IMAGERL is the launcher of the distribution. A small training of samples/words is begun in FOLDER with all trackers that
write files, killed when its curves are seen and epochs lie behind its checkpoint, and continued. After each of the two parts
TensorBoard's own reader must find every finite number of metrics.jsonl, each step of a tag once and in order, the sample
grids byte for byte, the configuration as a text, and the hyperparameters. Ends with the number of values compared.
"""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy
from tensorboard.backend.event_processing import data_provider, plugin_event_accumulator, plugin_event_multiplexer
from tensorboard import context
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import backend_context, metadata
from tensorboard.util import tensor_util

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = [
    "epochs=8", "run.save_every=3", "run.sample_every=2", "run.evaluate_every=2", "run.trackers=[tensorboard, csv]",
    "rollout.steps=2", "rollout.prompts_per_epoch=2", "rollout.samples_per_prompt=2", "rollout.batch_size=4",
    "algorithm.trained_steps={type: fixed, steps: [0]}", "optimiser.updates_per_epoch=1", "optimiser.micro_batch=2",
    "optimiser.warmup_steps=0", "samples={prompts: 1, seeds: [0, 1]}", "rewards=[jpeg-compressibility]", "evaluation=null",
]


def read(run):
    """By TensorBoard's reader for all its plugins, which keeps only some values of a tag if it is not asked for all."""
    everything = dict.fromkeys(["scalars", "images", "text", "hparams"], 0)
    events = plugin_event_accumulator.EventAccumulator(
        str(run / "tensorboard"), size_guidance={"tensors": 0}, tensor_size_guidance=everything)
    return events.Reload()


def check_scalars(events, run):
    wanted = {}
    for line in (run / "metrics.jsonl").read_text().splitlines():
        row = json.loads(line)
        for name, value in row.items():
            if name != "step" and value is not None:
                wanted.setdefault(name, []).append((row["step"], value))
    found = events.PluginTagToContent("scalars")
    assert set(found) == set(wanted), set(found) ^ set(wanted)
    for name, points in wanted.items():
        read_back = [(e.step, tensor_util.make_ndarray(e.tensor_proto).item()) for e in events.Tensors(name)]
        assert [step for step, _ in read_back] == [step for step, _ in points], (name, read_back, points)
        for (step, value), (_, other) in zip(read_back, points):
            assert value == numpy.float32(other), (name, step, value, other)
    return sum(map(len, wanted.values()))


def check_images(events, run):
    assert list(events.PluginTagToContent("images")) == ["samples"]
    grids = sorted((run / "samples").glob("step-*/grid.png"))
    found = events.Tensors("samples")
    assert [e.step for e in found] == [int(grid.parent.name[5:]) for grid in grids]
    for event, grid in zip(found, grids):
        width, height, png = tensor_util.make_ndarray(event.tensor_proto)
        assert png == grid.read_bytes()
        assert (int(width), int(height)) == (int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big"))
    return len(grids)


def check_configuration(events, run, finished):
    [text] = events.Tensors("configuration")
    markdown = tensor_util.make_ndarray(text.tensor_proto).item().decode()
    assert "".join(line[4:] + "\n" for line in markdown.splitlines()) == (run / "config.yaml").read_text()
    found = events.PluginTagToContent("hparams")
    start = metadata.parse_session_start_info_plugin_data(found[metadata.SESSION_START_INFO_TAG])
    assert start.hparams["optimiser.learning_rate"].number_value == 3e-3
    assert start.hparams["run.keep_best"].bool_value is True
    assert start.hparams["rollout.dynamics.type"].string_value == "ddim"
    assert (metadata.SESSION_END_INFO_TAG in found) == finished
    if finished:
        assert metadata.parse_session_end_info_plugin_data(found[metadata.SESSION_END_INFO_TAG]).status == 1
    return len(start.hparams)


def check_hparams_page(run):
    """What the page of hyperparameters asks for: TensorBoard finds the run and names its settings and metrics."""
    runs = plugin_event_multiplexer.EventMultiplexer(tensor_size_guidance={"hparams": 0})
    runs.AddRunsFromDirectory(str(run.parent)).Reload()
    provider = data_provider.MultiplexerDataProvider(runs, str(run.parent))
    page = backend_context.Context(base_plugin.TBContext(data_provider=provider))
    request = context.RequestContext()
    experiment = page.experiment_from_metadata(
        request, "", True, page.hparams_metadata(request, ""), page.hparams_from_data_provider(request, "", 1000))
    assert "optimiser.learning_rate" in {info.name for info in experiment.hparam_infos}
    metrics = {info.name.tag for info in experiment.metric_infos}
    assert "reward_mean" in metrics, metrics
    return len(metrics)


def check(run, finished):
    events = read(run)
    counts = {"scalars": check_scalars(events, run), "images": check_images(events, run),
              "settings": check_configuration(events, run, finished), "metrics": check_hparams_page(run)}
    if (run / "metrics.csv").exists():
        counts["cells"] = check_csv(run)
    print("finished" if finished else "killed", counts, flush=True)


def check_csv(run):
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    with open(run / "metrics.csv", newline="") as file:
        table = list(csv.DictReader(file))
    assert [int(row["step"]) for row in table] == [row["step"] for row in rows]
    for row, wanted in zip(table, rows):
        for name, value in wanted.items():
            assert row[name] == "" if value is None else float(row[name]) == value, (name, row[name], value)
        assert all(cell == "" for name, cell in row.items() if name not in wanted), row
    return sum(map(len, rows))


def killed_behind_its_checkpoint(command, run):
    """Kills the training when TensorBoard sees epochs that will be taken back."""
    with open(run.parent.parent / "first.log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        while process.poll() is None:
            time.sleep(0.05)
            if seen(run) >= 5:
                return
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    raise SystemExit("the training ended before it was killed; see first.log")


def seen(run):
    """The last epoch of the curve while the run trains; -1 if there is none yet."""
    if not (run / "tensorboard").exists():
        return -1
    events = read(run)
    return events.Tensors("reward_mean")[-1].step if "reward_mean" in events.Tags()["tensors"] else -1


def main(imagerl, folder):
    run = folder / "runs" / "tracked"
    (folder / "runs").mkdir(parents=True)
    sets = [f"run.folder={run.parent}", "run.name=tracked"] + SETTINGS
    killed_behind_its_checkpoint(
        [imagerl, "train", str(ROOT / "samples/words/ddpo.yaml")] + [word for each in sets for word in ("--set", each)], run)
    last = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])["step"]
    assert last > 3, last
    subprocess.run([imagerl, "resume", str(run)], check=True, stdout=subprocess.DEVNULL)
    print("killed after epoch", last, "with its checkpoint of epoch 3")
    check(run, True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve())
