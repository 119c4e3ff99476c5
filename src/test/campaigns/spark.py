#!/usr/bin/env python3
"""Runs on Apache Spark: the same numbers with any number of executors, after kills, and what Spark costs.

    python3 src/test/campaigns/spark.py equal|kills|slow|measure|scoring|memory [--imagerl ./imagerl] [--work DIR] [--trials N]
        [--moment rollout|scoring|update|driver|still]... [--pairs N] [--epochs N] [--warm N] [--warm-alone N] [--ready FILE] [--config FILE]
        [--set KEY=VALUE]... [--spark-conf KEY=VALUE]... [--images N]

SPARK_HOME must name an unpacked Spark 4.1 that can be written to (executors log into its folder work/), or a folder whose jars/ has Spark's jars.
equal: one process, and 1, 2 and 4 executors. kills: two executors; one of them, in turn while it samples, while it scores and while it computes
gradients, or the driver, which is resumed then, or an executor is stopped for good while it computes gradients (--moment chooses some of these). slow:
one of two executors has a tenth of the time, and Spark's speculation is on. Spark starts no second copy on the host of the first one, so that this
starts a master and two workers, of 127.0.0.1 and 127.0.0.2. All are compared with the run of one process: LoRA and metrics must be equal. measure:
epochs of samples/words-flow by 2 executors of one core, and by two processes that train at the same time without Spark. Both are warmed up, --warm
epochs (the two processes --warm-alone, where it is given: they are warm sooner); then each in turn goes on for --epochs while the other stands still,
--pairs times. It also prints which threads used the processors. --ready FILE: makes the file when all are warm, and measures when it is deleted.
--config is trained in the place of samples/words-flow, with the settings --set. --spark-conf is passed on.
scoring: a folder of --images PNGs of 10 kB, scored by one process, by two executors of which one is killed, and by two whose driver is killed and which
then resume: the files of results must be equal. It prints the resident memory of driver and executors tenth by tenth of the run. memory: the same by two
executors alone.

Linux only (/proc); nothing outside the standard library. Exit 1 if one run differs or ends with another code than 0.
"""
import argparse, collections, glob, hashlib, json, os, random, re, shutil, signal, socket, statistics, struct, subprocess, sys, time, zlib

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
CONFIG = os.path.join(ROOT, "samples/words-flow/flow-grpo.yaml")
SMALL = ["epochs=2", "shards=4", "rollout.prompts_per_epoch=4", "rollout.samples_per_prompt=4", "rollout.batch_size=4", "optimiser.micro_batch=2",
         "optimiser.updates_per_epoch=2", "evaluation=null", "samples={prompts: 1, seeds: [0]}", "run.save_every=1", "run.sample_every=2"]
LARGE = ["shards=4", "optimiser.micro_batch=16", "rollout.batch_size=16", "evaluation=null", "samples={prompts: 1, seeds: [0]}"]


class Run:
    def __init__(self, args, name, settings, executors=0, resume=False, master=None):
        self.folder = os.path.join(args.work, "runs", name)
        words = ["resume", self.folder] if resume else ["train", args.config] + [w for s in settings for w in ("--set", s)] + [
            "--set", "run.folder=" + os.path.join(args.work, "runs"), "--set", "run.name=" + name]
        if executors:
            words += ["--spark", master or f"local-cluster[{executors},1,1500]"] + [w for p in args.spark_conf for w in ("--spark-conf", p)]
        if not resume:
            shutil.rmtree(self.folder, ignore_errors=True)
        env = dict(os.environ, OMP_NUM_THREADS="1")
        env.setdefault("IMAGERL_JAVA_OPTS", "-XX:+UseSerialGC")
        self.log = os.path.join(args.work, name + ".log")
        self.process = subprocess.Popen([args.imagerl] + words, env=env, stdin=subprocess.DEVNULL, stdout=open(self.log, "ab" if resume else "wb"),
                                        stderr=subprocess.STDOUT)
        self.parents = {self.process.pid}  # of executors

    def said(self):
        return open(self.log, errors="replace").read()

    def wait(self):
        code = self.process.wait()
        if code:
            raise SystemExit(f"{self.log}: code {code}\n{self.said()[-3000:]}")
        return self

    def rows(self):
        """Metrics by epoch, without the clock and the memory of the process."""
        lines = [json.loads(line) for line in open(os.path.join(self.folder, "metrics.jsonl"))]
        return [{k: v for k, v in line.items() if "seconds" not in k and k not in ("time", "memory_peak_gb")} for line in lines]

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
            if b"CoarseGrainedExecutorBackend" in words and parent in self.parents:
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
        run.spin(lambda: "epoch 1/2" in run.said())  # that is saved
        time.sleep(random.uniform(0, 1))
        run.process.kill()
        run.process.wait()
        return
    stage = "update 1/2" if moment in ("update", "still") else "samples"
    run.spin(lambda: stage in run.said())
    time.sleep(random.uniform(0, 1))
    thread = "scoring" if moment == "scoring" else "imagerl executo"  # Linux keeps 15 letters
    os.kill(run.spin(lambda: running_thread(run.executors(), thread)), signal.SIGSTOP if moment == "still" else signal.SIGKILL)


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
        for moment in args.moment:
            run = Run(args, "killed-" + moment, SMALL, 2)
            kill_moment(run, moment)
            begun = time.monotonic()
            if moment == "driver":
                run = Run(args, "killed-driver", SMALL, 2, resume=True)
            run.wait()
            got = run.result()
            told = moment == "driver" or "was lost" in run.said()
            bad += got != expected or not told
            print(f"{trial} {moment}: {'equal' if got == expected else 'DIFFERENT'}{'' if told else ', NOT TOLD'},"
                  f" {time.monotonic() - begun:.0f} s after it", flush=True)
    return bad


def standalone(args, hosts):
    """A master, and a worker of one core on each of these addresses of this machine."""
    home, port = os.environ["SPARK_HOME"], "27077"

    def start(name, role, *words):
        env = dict(os.environ, SPARK_HOME=home, SPARK_SCALA_VERSION="2.13", SPARK_WORKER_DIR=os.path.join(args.work, name))
        return subprocess.Popen(["java", "-Xmx256m", "-cp", home + "/jars/*", "org.apache.spark.deploy." + role, *words], env=env,
                                stdin=subprocess.DEVNULL, stdout=open(os.path.join(args.work, name + ".log"), "wb"), stderr=subprocess.STDOUT)

    master = start("master", "master.Master", "--host", hosts[0], "--port", port, "--webui-port", "0")
    while master.poll() is None and socket.socket().connect_ex((hosts[0], int(port))):
        time.sleep(0.1)
    return f"spark://{hosts[0]}:{port}", [master] + [
        start(f"worker-{host}", "worker.Worker", "--host", host, "--cores", "1", "--memory", "2g", "--webui-port", "0", f"spark://{hosts[0]}:{port}")
        for host in hosts]


def task_ends(events):
    return [json.loads(line) for path in glob.glob(events + "/*/events_*") for line in open(path) if '"Event":"SparkListenerTaskEnd"' in line]


def slow(args):
    expected = Run(args, "process", SMALL).wait().result()
    events = os.path.join(args.work, "events")
    args.spark_conf += ["spark.speculation=true", "spark.eventLog.enabled=true", "spark.eventLog.compress=false", "spark.eventLog.dir=file://" + events,
                        "spark.driver.host=127.0.0.1", "spark.executor.memory=1500m"]
    bad = 0
    master, processes = standalone(args, ("127.0.0.1", "127.0.0.2"))
    try:
        for trial in range(args.trials):
            shutil.rmtree(events, ignore_errors=True)
            os.makedirs(events)
            run = Run(args, "slow", SMALL, 2, master=master)
            run.parents = {process.pid for process in processes}
            pid = run.spin(lambda: "samples" in run.said() and run.executors())[0]
            begun = time.monotonic()
            try:
                while run.process.poll() is None:
                    for number, seconds in ((signal.SIGSTOP, 0.45), (signal.SIGCONT, 0.05)):
                        os.kill(pid, number)
                        time.sleep(seconds)
            except ProcessLookupError:
                pass  # it has ended with the run, or Spark has given it up
            got = run.wait().result()
            again = [task for task in task_ends(events) if task["Task Info"]["Speculative"]]
            won = sum(task["Task End Reason"]["Reason"] == "Success" for task in again)
            bad += got != expected or not won
            print(f"{trial}: {'equal' if got == expected else 'DIFFERENT'}, {won} of {len(again)} second copies were first,"
                  f" {time.monotonic() - begun:.0f} s beside the slow executor", flush=True)
    finally:
        for process in processes:
            process.kill()
    return bad


def processor_seconds(pids):
    """What the threads of processes have used, user and system, by kind of thread: the letters of a thread's name, as Linux cuts it."""
    used = collections.Counter()
    for pid in pids:
        for path in glob.glob(f"/proc/{pid}/task/*/stat"):
            try:
                line = open(path).read()
            except OSError:
                continue
            fields = line[line.rindex(")") + 2:].split()
            kind = re.sub(r"[^A-Za-z ]+.*", "", line[line.index("(") + 1:line.rindex(")")]).strip()
            used[kind] += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return used


def epochs_done(run):
    try:
        return sum(1 for _ in open(os.path.join(run.folder, "metrics.jsonl")))
    except OSError:
        return 0


def signal_all(run, number):
    for pid in [run.process.pid] + run.executors():
        os.kill(pid, number)


def turn(runs, epochs):
    """Lets runs go on that stand still at the end of an epoch, each for so many epochs. Of each: seconds of the clock, and processor seconds of its own
    process and of its executors by kind of thread, per epoch. Threads that have ended meanwhile are not counted."""
    begun, ends, result = time.monotonic(), {}, {}
    for run in runs:
        ends[run] = epochs_done(run) + epochs
        result[run] = processor_seconds([run.process.pid]), processor_seconds(run.executors())
        signal_all(run, signal.SIGCONT)
    while ends:
        for run in [run for run, end in ends.items() if epochs_done(run) >= end]:
            own, executors = result[run]
            result[run] = ((time.monotonic() - begun) / epochs, per_epoch(processor_seconds([run.process.pid]), own, epochs),
                           per_epoch(processor_seconds(run.executors()), executors, epochs))
            signal_all(run, signal.SIGSTOP)
            del ends[run]
        for run in ends:
            if run.process.poll() is not None:
                raise SystemExit(f"{run.log}: ended too soon\n{run.said()[-3000:]}")
        time.sleep(0.01)
    return [result[run] for run in runs]


def per_epoch(after, before, epochs):
    return collections.Counter({kind: (after[kind] - before[kind]) / epochs for kind in after})


def kinds(used):
    return ", ".join(f"{kind} {seconds:.2f}" for kind, seconds in used.most_common(8) if seconds >= 0.05)


def measure(args):
    clock, processor = [], []
    settings = (args.set or LARGE) + ["epochs=999", "run.sample_every=999", "run.save_every=999"]
    args.spark_conf += ["spark.network.timeout=1800s", "spark.executor.heartbeatInterval=60s"]  # they stand still while the others are measured
    two = [Run(args, f"beside-{i}", settings + ["workers=1"]) for i in (0, 1)]
    runs = two
    try:
        turn(two, args.warm if args.warm_alone is None else args.warm_alone)
        spark = Run(args, "spark", settings, 2)
        runs = two + [spark]
        turn([spark], args.warm)
        if args.ready:
            open(args.ready, "w").close()
            while os.path.exists(args.ready):
                time.sleep(0.1)
        print(f"warm; load {os.getloadavg()[0]:.1f}", flush=True)
        for pair in range(args.pairs):
            alone = turn(two, args.epochs)
            (seconds, driver, executors), = turn([spark], args.epochs)
            # Two processes do twice the work of the one run that two executors do.
            clock.append(statistics.mean(one[0] for one in alone) / 2 / seconds)
            processor.append(statistics.mean(one[1].total() for one in alone) / (driver.total() + executors.total()))
            print(f"pair {pair}: two processes {[f'{one[0]:.2f} s, {one[1].total():.2f} s of processor' for one in alone]}, Spark {seconds:.2f} s,"
                  f" processor: driver {driver.total():.2f} s, executors {executors.total():.2f} s; efficiency {clock[-1]:.3f} by the clock,"
                  f" {processor[-1]:.3f} by processor time, load {os.getloadavg()[0]:.1f}", flush=True)
            print(f"  one process: {kinds(alone[0][1])}\n  driver: {kinds(driver)}\n  executors: {kinds(executors)}", flush=True)
    finally:
        for run in runs:
            signal_all(run, signal.SIGKILL)
    for name, ratios in (("the clock", clock), ("processor time", processor)):
        print(f"by {name}: median efficiency {statistics.median(ratios):.3f} of {len(ratios)} pairs, {min(ratios):.3f} to {max(ratios):.3f}")
    return 0


def make_images(folder, count):
    """PNGs of noise that is not compressed, 58 x 58 pixels: ten thousand, of which the others are hard links; those that are there already are kept."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    os.makedirs(folder, exist_ok=True)
    have = len(os.listdir(folder))
    noise = random.Random(0).randbytes(1 << 22)
    for i in range(have, count):
        if i >= 10_000:
            os.link(os.path.join(folder, f"{i % 10_000}.png"), os.path.join(folder, f"{i}.png"))
            continue
        at = i * 7919 % (len(noise) - 58 * 58 * 3)
        rows = b"".join(b"\0" + noise[at + r * 174:at + (r + 1) * 174] for r in range(58))
        with open(os.path.join(folder, f"{i}.png"), "wb") as out:
            out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 58, 58, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows, 0))
                      + chunk(b"IEND", b""))


class Scoring(Run):
    def __init__(self, args, name, images, executors=0, resume=False):
        self.out = os.path.join(args.work, name + ".csv")
        if not resume:
            for path in glob.glob(os.path.join(args.work, name + ".*")):
                os.remove(path)
        words = ["score", images, "--reward", "jpeg-compressibility", "--out", self.out] + (["--resume"] if resume else [])
        if executors:
            words += ["--spark", f"local-cluster[{executors},1,500]"]
        env = dict(os.environ, OMP_NUM_THREADS="1")
        env.setdefault("IMAGERL_JAVA_OPTS", "-XX:+UseSerialGC -Xmx700m")
        self.log = os.path.join(args.work, name + ".log")
        self.process = subprocess.Popen([args.imagerl] + words, env=env, stdin=subprocess.DEVNULL, stdout=open(self.log, "ab" if resume else "wb"),
                                        stderr=subprocess.STDOUT)

    def rows(self):
        try:
            return sum(1 for _ in open(self.out, "rb")) - 1
        except OSError:
            return 0

    def result(self):
        return hashlib.sha256(open(self.out, "rb").read()).hexdigest()[:16]


def resident_mb(pid):
    try:
        return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) // 1024
    except (OSError, AttributeError):
        return 0


def watch_memory(run, images, kills):
    """Prints resident memory until the run ends, and kills an executor after a quarter of the images."""
    begun, killed, tenth = time.monotonic(), False, 0
    while run.process.poll() is None:
        rows = run.rows()
        if rows >= (tenth + 1) * images / 10:
            tenth = int(10 * rows / images)
            print(f"{time.monotonic() - begun:.0f} s, {rows} rows: driver {resident_mb(run.process.pid)} MB, executors"
                  f" {[resident_mb(pid) for pid in run.executors()]} MB", flush=True)
        if kills and not killed and rows > images / 4:
            os.kill(run.executors()[0], signal.SIGKILL)
            killed = True
        time.sleep(0.5)


def memory(args):
    images = os.path.join(args.work, "images")
    make_images(images, args.images)
    run = Scoring(args, "scores-memory", images, 2)
    watch_memory(run, args.images, kills=False)
    run.wait()
    return run.rows() != args.images


def scoring(args):
    images = os.path.join(args.work, "images")
    make_images(images, args.images)
    begun = time.monotonic()
    expected = Scoring(args, "scores-process", images).wait().result()
    print(f"one process: {time.monotonic() - begun:.0f} s", flush=True)
    begun = time.monotonic()
    run = Scoring(args, "scores-killed", images, 2)
    watch_memory(run, args.images, kills=True)
    same = run.wait().result() == expected
    told = "was lost" in run.said()
    print(f"two executors, one killed: {time.monotonic() - begun:.0f} s, {'equal' if same else 'DIFFERENT'}{'' if told else ', NOT TOLD'}", flush=True)
    run = Scoring(args, "scores-driver", images, 2)
    run.spin(lambda: run.rows() > args.images / 3)
    run.process.kill()
    run.process.wait()
    left = run.rows()
    again = Scoring(args, "scores-driver", images, 2, resume=True).wait().result() == expected
    print(f"driver killed after {left} rows: {'equal' if again else 'DIFFERENT'}", flush=True)
    return (not same) + (not again) + (not told)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("equal", "kills", "slow", "measure", "scoring", "memory"))
    parser.add_argument("--imagerl", default=os.path.join(ROOT, "imagerl"))
    parser.add_argument("--work", default=os.path.join(ROOT, "target/spark"))
    parser.add_argument("--trials", type=int, default=10)
    moments = ("rollout", "scoring", "update", "driver", "still")
    parser.add_argument("--moment", choices=moments, action="append")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--warm", type=int, default=2)
    parser.add_argument("--warm-alone", type=int)
    parser.add_argument("--ready")
    parser.add_argument("--config", default=CONFIG)
    parser.add_argument("--set", action="append")
    parser.add_argument("--spark-conf", action="append", default=[])
    parser.add_argument("--images", type=int, default=1_000_000)
    args = parser.parse_args()
    args.moment = args.moment or moments
    args.work = os.path.abspath(args.work)
    os.makedirs(args.work, exist_ok=True)
    if not glob.glob(os.path.join(os.environ.get("SPARK_HOME", ""), "jars/spark-core_2.13-4.*.jar")):
        raise SystemExit("SPARK_HOME must name a folder whose jars/ has Spark 4.1")
    sys.exit(1 if globals()[args.what](args) else 0)


main()
