#!/usr/bin/env python3
"""Runs on Apache Spark: the same numbers with any number of executors, after kills, and what Spark costs.

    python3 src/test/campaigns/spark.py equal|kills|measure [--imagerl ./imagerl] [--work DIR] [--trials N] [--pairs N]

SPARK_HOME must name an unpacked Spark 4.1 that can be written to (executors log into its folder work/), or a folder whose jars/ has Spark's jars.
equal: one process, and 1, 2 and 4 executors. kills: two executors; one of them, in turn while it samples, while it scores and while it computes
gradients, or the driver, which is resumed then. All are compared with the run of one process: LoRA and metrics must be equal. measure: an epoch of
samples/words-flow with 2 executors of one core, beside two processes that train at the same time without Spark, --pairs times.

Linux only (/proc); nothing outside the standard library. Exit 1 if one run differs or ends with another code than 0.
"""
import argparse, glob, hashlib, json, os, random, re, shutil, signal, statistics, subprocess, sys, time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
CONFIG = os.path.join(ROOT, "samples/words-flow/flow-grpo.yaml")
SMALL = ["epochs=2", "shards=4", "rollout.prompts_per_epoch=4", "rollout.samples_per_prompt=4", "rollout.batch_size=4", "optimiser.micro_batch=2",
         "optimiser.updates_per_epoch=2", "evaluation=null", "samples={prompts: 1, seeds: [0]}", "run.save_every=1", "run.sample_every=2"]
LARGE = ["epochs=2", "shards=4", "optimiser.micro_batch=16", "rollout.batch_size=16", "evaluation=null", "samples={prompts: 1, seeds: [0]}",
         "run.sample_every=2"]


class Run:
    def __init__(self, args, name, settings, executors=0, resume=False):
        self.folder = os.path.join(args.work, "runs", name)
        words = ["resume", self.folder] if resume else ["train", CONFIG] + [w for s in settings for w in ("--set", s)] + [
            "--set", "run.folder=" + os.path.join(args.work, "runs"), "--set", "run.name=" + name]
        if executors:
            words += ["--spark", f"local-cluster[{executors},1,1500]"]
        if not resume:
            shutil.rmtree(self.folder, ignore_errors=True)
        env = dict(os.environ, OMP_NUM_THREADS="1")
        env.setdefault("IMAGERL_JAVA_OPTS", "-XX:+UseSerialGC")
        self.log = os.path.join(args.work, name + ".log")
        self.process = subprocess.Popen([args.imagerl] + words, env=env, stdin=subprocess.DEVNULL, stdout=open(self.log, "ab" if resume else "wb"),
                                        stderr=subprocess.STDOUT)

    def said(self):
        return open(self.log, errors="replace").read()

    def wait(self):
        code = self.process.wait()
        if code:
            raise SystemExit(f"{self.log}: code {code}\n{self.said()[-3000:]}")
        return self

    def rows(self):
        """Metrics by epoch, without the clock."""
        lines = [json.loads(line) for line in open(os.path.join(self.folder, "metrics.jsonl"))]
        return [{k: v for k, v in line.items() if "seconds" not in k and k != "time"} for line in lines]

    def result(self):
        lora = open(os.path.join(self.folder, "pytorch_lora_weights.safetensors"), "rb").read()
        return hashlib.sha256(lora).hexdigest()[:16], hashlib.sha256(json.dumps(self.rows()).encode()).hexdigest()[:16]

    def executors(self):
        """Process numbers of executors that are ready or starting."""
        found = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                words = open(path, "rb").read()
                parent = int(open(os.path.dirname(path) + "/stat").read().rsplit(") ", 1)[1].split()[1])
            except OSError:
                continue
            if b"CoarseGrainedExecutorBackend" in words and parent == self.process.pid:
                found.append(int(path.split("/")[2]))
        return found

    def spin(self, ready):
        """Waits for something, as long as the run runs."""
        while self.process.poll() is None:
            got = ready()
            if got:
                return got
            time.sleep(0.01)
        raise SystemExit(f"{self.log}: ended before it could be killed\n{self.said()[-3000:]}")


def running_thread(pids, name):
    """An executor whose thread of this name computes at this moment."""
    for pid in pids:
        for task in glob.glob(f"/proc/{pid}/task/*/stat"):
            try:
                line = open(task).read()
            except OSError:
                continue
            if line[line.index("(") + 1:line.rindex(")")] == name and line[line.rindex(")") + 2] == "R":
                return pid
    return None


def kill_moment(run, moment):
    if moment == "driver":
        run.spin(lambda: "samples" in run.said())
        time.sleep(random.uniform(0, 3))
        run.process.kill()
        run.process.wait()
        return
    stage = "update 1/2" if moment == "update" else "samples"
    run.spin(lambda: stage in run.said())
    time.sleep(random.uniform(0, 1))
    thread = "scoring" if moment == "scoring" else "imagerl executo"  # Linux keeps 15 letters
    os.kill(run.spin(lambda: running_thread(run.executors(), thread)), signal.SIGKILL)


def equal(args):
    expected = Run(args, "process", SMALL).wait().result()
    bad = 0
    for executors in (1, 2, 4):
        got = Run(args, f"executors-{executors}", SMALL, executors).wait().result()
        bad += got != expected
        print(f"{executors} executors: {'equal' if got == expected else 'DIFFERENT'} {got} {expected}", flush=True)
    return bad


def kills(args):
    expected = Run(args, "process", SMALL).wait().result()
    bad = 0
    for trial in range(args.trials):
        for moment in ("rollout", "scoring", "update", "driver"):
            run = Run(args, "killed-" + moment, SMALL, 2)
            kill_moment(run, moment)
            if moment == "driver":
                run = Run(args, "killed-driver", SMALL, 2, resume=True)
            run.wait()
            got = run.result()
            told = moment == "driver" or "was lost" in run.said()
            bad += got != expected or not told
            print(f"{trial} {moment}: {'equal' if got == expected else 'DIFFERENT'}{'' if told else ', NOT TOLD'}", flush=True)
    return bad


def work_seconds(run):
    """Seconds of the clock for rollouts and updates of the last epoch: everything is loaded and warm by then."""
    rows = [json.loads(line) for line in open(os.path.join(run.folder, "metrics.jsonl"))]
    return rows[-1]["seconds_rollout"], rows[-1]["seconds_epoch"]


def measure(args):
    ratios = []
    for pair in range(args.pairs):
        two = [Run(args, f"beside-{i}", LARGE) for i in (0, 1)]
        alone = [work_seconds(run.wait()) for run in two]
        spark = work_seconds(Run(args, "spark", LARGE, 2).wait())
        # Two processes do twice the work of the one run that two executors do.
        best = statistics.mean(whole for _, whole in alone) / 2
        ratios.append(best / spark[1])
        print(f"pair {pair}: two processes {alone}, Spark {spark}, efficiency {ratios[-1]:.3f}, load {os.getloadavg()[0]:.1f}", flush=True)
    print(f"median efficiency {statistics.median(ratios):.3f} of {len(ratios)} pairs, {min(ratios):.3f} to {max(ratios):.3f}")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("equal", "kills", "measure"))
    parser.add_argument("--imagerl", default=os.path.join(ROOT, "imagerl"))
    parser.add_argument("--work", default=os.path.join(ROOT, "target/spark"))
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=3)
    args = parser.parse_args()
    args.work = os.path.abspath(args.work)
    os.makedirs(args.work, exist_ok=True)
    if not glob.glob(os.path.join(os.environ.get("SPARK_HOME", ""), "jars/spark-core_2.13-4.*.jar")):
        raise SystemExit("SPARK_HOME must name a folder whose jars/ has Spark 4.1")
    sys.exit(1 if globals()[args.what](args) else 0)


main()
