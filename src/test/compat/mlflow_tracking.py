"""Reads what the tracker mlflow sent with MLflow's own client, from MLflow's own tracking server.

    python mlflow_tracking.py IMAGERL FOLDER

IMAGERL is the launcher of the distribution; this Python needs `pip install mlflow`. A small training of samples/words is begun
in FOLDER and sends to a server that is started here. The server is stopped while it trains, then the training is killed with
epochs behind its checkpoint, then the server is started again and the training continued. At the end the server must have every
finite number of metrics.jsonl once, in order and exactly, the configuration, and the sample grids byte for byte. Ends with the
number of values compared.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from mlflow.tracking import MlflowClient

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = [
    "epochs=8", "run.save_every=3", "run.sample_every=2", "run.evaluate_every=2",
    "rollout.steps=2", "rollout.prompts_per_epoch=2", "rollout.samples_per_prompt=2", "rollout.batch_size=4",
    "algorithm.trained_steps={type: fixed, steps: [0]}", "optimiser.updates_per_epoch=1", "optimiser.micro_batch=2",
    "optimiser.warmup_steps=0", "samples={prompts: 1, seeds: [0, 1]}", "rewards=[jpeg-compressibility]", "evaluation=null",
]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def server(folder, port):
    log = open(folder / "server.log", "a")
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1",
         "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")],
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        stdout=log, stderr=log, start_new_session=True)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
            return process
        except OSError:
            time.sleep(1)
    raise SystemExit("the server does not start; see server.log")


def stop(process):
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def rows(run):
    log = run / "metrics.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def wait(run, epochs, training):
    while len(rows(run)) <= epochs:
        if training.poll() is not None:
            raise SystemExit("the training ended before it was killed; see first.log")
        time.sleep(0.05)


def check(client, run):
    [record] = run.glob("mlflow-*.json")
    there = client.get_run(json.loads(record.read_text())["run_id"])
    experiment = client.get_experiment_by_name("compat")
    assert len(client.search_runs([experiment.experiment_id])) == 1
    assert there.info.status == "FINISHED", there.info.status
    assert float(there.data.params["optimiser.learning_rate"]) == 3e-3
    assert there.data.params["rewards.0.type"] == "jpeg-compressibility"
    wanted = {}
    for row in rows(run):
        for name, value in row.items():
            if name != "step" and value is not None:
                wanted.setdefault(name, []).append((row["step"], value))
    assert set(there.data.metrics) == set(wanted), set(there.data.metrics) ^ set(wanted)
    again = 0
    for name, points in wanted.items():
        found = [(metric.step, metric.value) for metric in client.get_metric_history(there.info.run_id, name)]
        assert [step for step, _ in found] == [step for step, _ in points], (name, found, points)
        # Seconds that an epoch took are others when it is measured again; all else is the same on a CPU.
        again += sum(one != other for one, other in zip(found, points))
        assert name.startswith("seconds") or name.endswith("_seconds") or found == points, (name, found, points)
    grids = sorted((run / "samples").glob("step-*/grid.png"))
    names = [file.path for file in client.list_artifacts(there.info.run_id, "samples")]
    assert sorted(names) == [f"samples/{grid.parent.name}.png" for grid in grids], names
    for grid in grids:
        copy = client.download_artifacts(there.info.run_id, f"samples/{grid.parent.name}.png")
        assert Path(copy).read_bytes() == grid.read_bytes()
    copy = client.download_artifacts(there.info.run_id, "config.yaml")
    assert Path(copy).read_bytes() == (run / "config.yaml").read_bytes()
    print({"values": sum(map(len, wanted.values())), "of these measured again and other": again, "images": len(grids),
           "settings": len(there.data.params)})


def main(imagerl, folder):
    run = folder / "runs" / "tracked"
    (folder / "runs").mkdir(parents=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    tracker = f"run.trackers=[csv, {{type: mlflow, url: '{url}', experiment: compat}}]"
    sets = [f"run.folder={run.parent}", "run.name=tracked", tracker] + SETTINGS
    tracking = server(folder, port)
    with open(folder / "first.log", "w") as log:
        training = subprocess.Popen(
            [imagerl, "train", str(ROOT / "samples/words/ddpo.yaml")] + [word for each in sets for word in ("--set", each)],
            stdout=log, stderr=log, start_new_session=True)
        try:
            wait(run, 1, training)
            stop(tracking)
            wait(run, 5, training)
        finally:
            stop(training)
    print("killed after epoch", rows(run)[-1]["step"], "with a server that was gone")
    tracking = server(folder, port)
    try:
        subprocess.run([imagerl, "resume", str(run)], check=True, stdout=subprocess.DEVNULL)
        check(MlflowClient(url), run)
    finally:
        stop(tracking)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve())
