#!/usr/bin/env python3
"""Kill -9 at random moments, then go on: what is left in the end must equal what an uninterrupted run leaves.

    python3 src/test/campaigns/kill.py [--kills 200] [--imagerl ./imagerl] [--work DIR] [VERB...]

VERBs: train study score score-jsonl classifier sample; all of them if none is given. A trial starts the command in an empty folder, kills it up to
three times, each time at a random moment, gives the command again (`resume` for a training, `--resume` for scores), lets the last one end,
and compares all files with those of the uninterrupted run. Moments are drawn in processor time, so that a busy machine changes nothing, and
three of four lie after the first file was written. What a clock wrote is left out of the comparison (see CLOCK).

Linux only (/proc); nothing outside the standard library. Each trial is a line of DIR/kill.jsonl; the same command goes on where it
stopped, and the counts are those of all lines. Exit 1 if one trial differs, or a command ends with another code than 0.
"""
import argparse, hashlib, json, os, random, re, shutil, signal, subprocess, sys, time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
WORDS = os.path.join(ROOT, "samples/words")
TINY = ["evaluation=null", "epochs=3", "rollout.steps=2", "algorithm.trained_steps={type: fixed, steps: [0, 1]}", "rollout.batch_size=8",
        "rollout.prompts_per_epoch=2", "rollout.samples_per_prompt=2", "optimiser.micro_batch=4", "optimiser.updates_per_epoch=1",
        "run.save_every=1", "run.sample_every=1", "samples={prompts: 1, seeds: [0]}", "rewards=[{type: jpeg-compressibility}]"]
# Keys of JSON, columns and files whose content a clock, a process number or the words of the command line decide.
CLOCK = re.compile(r"^started$|seconds|commandLine|elapsed|Seconds|memory")
LEFT_OUT = re.compile(r"(^|/)(lock|log\.txt|curves\.png)$|(^|/)\.[^/]*\.lock$")
TICK = os.sysconf("SC_CLK_TCK")


def sets(values):
    return [word for value in values for word in ("--set", value)]


class Verb:
    """How to begin, how to go on, and what must lie ready."""

    def __init__(self, begin, go_on=None, ready=None):
        self.begin, self.go_on, self.ready = begin, go_on or begin, ready or (lambda world, folder: None)


def write_study(world, folder):
    ddpo = os.path.join(WORDS, "ddpo.yaml")
    arms = "".join(f"  - {{name: {name}, config: {json.dumps(ddpo)}, set: [algorithm.trust_region.range={clip}]}}\n"
                   for name, clip in (("narrow", "1.0e-4"), ("wide", "1.0e-2")))
    keep = [s for s in TINY if not s.startswith(("evaluation", "epochs"))] + ["epochs=2", "evaluation.prompts=" + os.path.join(world.work, "few.txt"),
                                                                             "evaluation.samples_per_prompt=1", "run.evaluate_every=1"]
    open(os.path.join(world.work, "few.txt"), "w").write('a sign that says "472"\n')
    open(os.path.join(folder, "study.yaml"), "w").write(
        "question: Does the clip matter?\nseeds: [0]\nset:\n" + "".join(f"  - {json.dumps(s)}\n" for s in keep)
        + "arms:\n" + arms + "tables:\n  - {type: last, metrics: [evaluation_reward_mean]}\n")


def write_classifier(world, folder):
    open(os.path.join(folder, "classifier.yaml"), "w").write(
        f"type: control-classifier\nseed: 0\ndata:\n  folder: {json.dumps(world.images)}\n  width: 64\n  height: 32\n  labels:\n"
        "    - {type: scored, control: brightness, reward: {type: background-brightness}, thresholds: [0.5]}\n"
        "channels: 8\nepochs: 4\npatience: 4\n")


def score(out):
    return lambda world: ["score", world.images, "--reward", "jpeg-compressibility", "--reward", "background-brightness", "--batch", "2",
                          "--out", out]


TRAIN = Verb(lambda world: ["train", os.path.join(WORDS, "ddpo.yaml"), "--set", "run.folder=runs", "--set", "run.name=a"] + sets(TINY),
             lambda world: ["resume", "runs/a"])
VERBS = {
    "train": TRAIN,
    "study": Verb(lambda world: ["study", "study.yaml", "--out", "report", "--runs", "runs"], ready=write_study),
    "score": Verb(score("out/scores.csv"), lambda world: score("out/scores.csv")(world) + ["--resume"]),
    "score-jsonl": Verb(score("out/scores.jsonl"), lambda world: score("out/scores.jsonl")(world) + ["--resume"]),
    "classifier": Verb(lambda world: ["ctrl", "classifier", "classifier.yaml", "--out", "classifier"], ready=write_classifier),
    "sample": Verb(lambda world: ["sample", "--checkpoint", WORDS, "--prompt", 'a sign that says "472"', "--seeds", "0-15", "--steps", "2",
                                  "--guidance", "1", "--batch", "2", "--out", "images"]),
}


class World:
    def __init__(self, imagerl, work):
        self.imagerl, self.work, self.images = imagerl, work, os.path.join(work, "images")
        self.env = dict(os.environ, OMP_NUM_THREADS="1")
        self.env.setdefault("IMAGERL_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        os.makedirs(work, exist_ok=True)
        if not os.path.exists(os.path.join(self.images, "grid.png")):
            self.whole(["sample", "--checkpoint", WORDS, "--prompt", 'a sign that says "472"', "--prompt", 'a sign that says "081"',
                        "--seeds", "0-39", "--steps", "4", "--guidance", "1", "--batch", "40", "--out", self.images], work)

    def start(self, words, folder):
        log = open(os.path.join(self.work, "output.txt"), "wb")
        return subprocess.Popen([self.imagerl] + words, cwd=folder, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def output(self):
        return open(os.path.join(self.work, "output.txt"), errors="replace").read()[-2000:]

    def whole(self, words, folder):
        code = self.start(words, folder).wait()
        if code:
            raise SystemExit(f"{' '.join(words)}: code {code}\n{self.output()}")

    def empty(self, verb, name):
        folder = os.path.join(self.work, name)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(os.path.join(folder, "out"))
        VERBS[verb].ready(self, folder)
        return folder


def processor_seconds(pid):
    """None once the process has ended."""
    try:
        stat = open(f"/proc/{pid}/stat").read()
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2:].split()
    return None if fields[0] == "Z" else (int(fields[11]) + int(fields[12])) / TICK


def files(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names)


def without_clock(value):
    if isinstance(value, dict):
        return {k: without_clock(v) for k, v in value.items() if not CLOCK.search(k)}
    return [without_clock(v) for v in value] if isinstance(value, list) else value


def content(path):
    data = open(path, "rb").read()
    if path.endswith((".json", ".jsonl")):
        try:
            lines = [data] if path.endswith(".json") else data.splitlines()
            data = json.dumps([without_clock(json.loads(line)) for line in lines]).encode()
        except ValueError:
            return "not JSON: " + hashlib.sha256(data).hexdigest()
    return hashlib.sha256(data).hexdigest()


def digest(folder):
    return {name: content(os.path.join(folder, name)) for name in files(folder) if not LEFT_OUT.search(name)}


def differences(expected, found):
    return [f"{name}: " + ("missing" if name not in found else "left over" if name not in expected else "differs")
            for name in sorted(expected.keys() | found.keys()) if expected.get(name) != found.get(name)]


def reference(world, verb):
    """What the uninterrupted run leaves, and the processor time of its first file and of its end."""
    kept = os.path.join(world.work, f"reference-{verb}.json")
    if os.path.exists(kept):
        return json.load(open(kept))
    folder = world.empty(verb, "whole-" + verb)
    before, process, first, last = files(folder), world.start(VERBS[verb].begin(world), folder), None, 0.0
    while process.poll() is None:
        last = processor_seconds(process.pid) or last
        if first is None and files(folder) != before:
            first = last
        time.sleep(0.01)
    if process.returncode:
        raise SystemExit(f"{verb}: the uninterrupted run ends with code {process.returncode}\n{world.output()}")
    found = {"digest": digest(folder), "first": first if first is not None else last / 2, "last": last}
    # A second one must be equal, or equality says nothing of the interrupted ones.
    again = world.empty(verb, "whole-" + verb)
    world.whole(VERBS[verb].begin(world), again)
    unequal = differences(found["digest"], digest(again))
    if unequal:
        raise SystemExit(f"{verb}: two uninterrupted runs differ: {unequal}")
    json.dump(found, open(kept, "w"))
    return found


def go_on(world, verb, folder):
    # A training that died before it had a folder is begun, not resumed.
    begun = verb != "train" or os.path.exists(os.path.join(folder, "runs/a/config.yaml"))
    return (VERBS[verb].go_on if begun else VERBS[verb].begin)(world)


def trial(world, verb, expected, rng):
    folder, moments, words = world.empty(verb, "trial-" + verb), [], VERBS[verb].begin(world)
    while True:
        kill_at = rng.uniform(0.0 if rng.random() < 0.25 else expected["first"], expected["last"]) if len(moments) < 3 else None
        process, now = world.start(words, folder), 0.0
        while process.poll() is None:
            now = processor_seconds(process.pid) or now
            if kill_at is not None and now >= kill_at:
                time.sleep(rng.uniform(0, 0.02))
                process.send_signal(signal.SIGKILL)
                kill_at = None
            time.sleep(0.01)
        if process.returncode == -signal.SIGKILL:
            moments.append(round(now, 2))
            words = go_on(world, verb, folder)
        elif process.returncode:
            return moments, [f"code {process.returncode}: {' '.join(words)}: {world.output()}"], folder
        else:
            return moments, differences(expected["digest"], digest(folder)), folder


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--imagerl", default=os.path.join(ROOT, "imagerl"))
    options.add_argument("--work", default=os.path.join(ROOT, "target/kill"))
    options.add_argument("--seed", type=int, default=None, help="of the moments; default: another one each time")
    options.add_argument("verbs", nargs="*", choices=[[], *VERBS], default=[])
    chosen = options.parse_args()
    world = World(os.path.abspath(chosen.imagerl), os.path.abspath(chosen.work))
    results, rng, verbs = os.path.join(world.work, "kill.jsonl"), random.Random(chosen.seed), chosen.verbs or list(VERBS)
    lines = [json.loads(line) for line in open(results)] if os.path.exists(results) else []
    share = -(-chosen.kills // len(verbs))
    while True:
        done = {v: sum(len(line["killed"]) for line in lines if line["verb"] == v) for v in verbs}
        verb = min(verbs, key=lambda v: done[v])
        if done[verb] >= share:
            break
        moments, wrong, folder = trial(world, verb, reference(world, verb), rng)
        lines.append({"verb": verb, "killed": moments, "wrong": wrong})
        with open(results, "a") as out:
            out.write(json.dumps(lines[-1]) + "\n")
        if wrong:
            kept = os.path.join(world.work, f"wrong-{len(lines)}")
            os.rename(folder, kept)
            print(f"{verb}, killed at {moments} s: {wrong}; kept in {kept}", flush=True)
    for verb in verbs:
        mine = [line for line in lines if line["verb"] == verb]
        print(f"{verb:12} trials {len(mine)}, kills {sum(len(line['killed']) for line in mine)}, not equal {sum(bool(l['wrong']) for l in mine)}")
    sys.exit(any(line["wrong"] for line in lines))


if __name__ == "__main__":
    main()
