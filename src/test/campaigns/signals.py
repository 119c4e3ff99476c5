#!/usr/bin/env python3
"""Ends imagerl by signals, and by closing what reads its output, at random moments: it must end in order, soon, and without a crash.

    python3 src/test/campaigns/signals.py [--times 50] [--imagerl ./imagerl] [--work DIR] [VERB...]

VERBs: score (with OCR), serve (OCR, while requests come), bench, train; all of them if none is given. Each is ended --times times by each of INT, TERM,
HUP, INT twice, TERM twice, pipe, which closes the other end of its standard output and standard error, and error: from then on no file can grow.
A server writes no file; after an error or a closed pipe it may go on until SIGTERM. Moments are drawn in processor time, so that a busy machine changes
nothing: from the start of the virtual machine to the end of an undisturbed run. Each trial is a line of DIR/signals.jsonl; the same command goes on where
it stopped. Exit 1 after a crash (a code of SIGSEGV or SIGABRT, a file hs_err), a stack trace, an internal error (code 1), a code that CONTRIBUTING.md
does not name for that ending, or no end in ten minutes. Linux only; nothing outside the standard library.
"""
import argparse, base64, collections, glob, json, os, random, re, resource, shutil, signal, subprocess, sys, threading, time, urllib.request

sys.dont_write_bytecode = True  # nothing is left beside the programs
from disk import IN_ORDER, STACK
from kill import ROOT, TINY, WORDS, World, processor_seconds, sets

PATIENCE = 600
# The codes of each ending; the work may have ended first (0), and a signal that comes before Java listens to it ends the process by itself.
ENDINGS = {"INT": {0, 130, -signal.SIGINT}, "TERM": {0, 143, -signal.SIGTERM}, "HUP": {0, 129, -signal.SIGHUP}, "pipe": {0, 141, -signal.SIGPIPE},
           "error": IN_ORDER}
ENDINGS |= {"INT,INT": ENDINGS["INT"], "TERM,TERM": ENDINGS["TERM"]}
SERVED = 2.0  # seconds of processor time for which a server that is ready is left alone at most


def command(world, verb):
    return {
        "score": ["score", world.few, "--reward", "ocr", "--batch", "2", "--out", "scores.csv"],
        "serve": ["serve-rewards", "--reward", "ocr", "--port", "0"],
        "bench": ["bench", "rewards", "--set", "images=1", "--set", "threads=[2]", "--set", "layers=1", "--set", "folder=" + world.work],
        "train": ["train", os.path.join(WORDS, "ddpo.yaml"), "--set", "run.folder=runs"] + sets(TINY[:-1]) + ["--set", "rewards=[{type: ocr, mode: line}]"],
    }[verb]


def heed_signals():
    """A signal that this program ignores, as under nohup or in the background, would be ignored by what it starts."""
    for name in ("INT", "TERM", "HUP", "PIPE"):
        signal.signal(getattr(signal, "SIG" + name), signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that cannot grow is an error of the call, as on a full disk


class Process:
    """imagerl, whose output is read by a thread, as a pipe would be, until it is closed."""

    def __init__(self, world, verb, folder):
        env = dict(world.env, IMAGERL_JAVA_OPTS=world.env["IMAGERL_JAVA_OPTS"] + f" -XX:ErrorFile={folder}/hs_err_%p.log")
        self.process = subprocess.Popen([world.imagerl] + command(world, verb), cwd=folder, env=env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=heed_signals)
        self.said, self.ready, self.request = b"", None, world.request
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        try:
            while part := os.read(self.process.stdout.fileno(), 4096):
                self.said += part
                port = re.search(rb"http://[^ ]*:(\d+)", self.said)
                if port and self.ready is None:
                    self.ready = self.used()
                    threading.Thread(target=self.ask, args=(int(port.group(1)),), daemon=True).start()
        except (OSError, ValueError):
            pass  # closed

    def ask(self, port):
        while self.process.poll() is None:
            try:
                urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/compute", self.request, {"Content-Type": "application/json"})).read()
            except OSError:
                time.sleep(0.05)

    def used(self):
        return processor_seconds(self.process.pid) or 0.0

    def close_pipe(self):
        # A read that is in flight keeps the pipe open: the descriptor is replaced under it.
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, self.process.stdout.fileno())
        os.close(null)

    def end(self, how):
        if how == "pipe":
            self.close_pipe()
            return
        if how == "error":
            try:
                resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (0, 0))
            except ProcessLookupError:
                pass  # it has ended
            return
        for name in how.split(","):
            self.process.send_signal(getattr(signal, "SIG" + name))
            time.sleep(0.05)

    def wait(self):
        try:
            code = self.process.wait(PATIENCE)
            self.reader.join(10)  # its last words
            return code
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "no end"


def fresh(world):
    folder = os.path.join(world.work, "trial")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def longest(world, verb):
    """The processor time of an undisturbed run; of a server, that until it listens and answers for a while."""
    kept = os.path.join(world.work, f"longest-{verb}.json")
    if not os.path.exists(kept):
        process, last = Process(world, verb, fresh(world)), 0.0
        while process.process.poll() is None and not (verb == "serve" and process.ready and last > process.ready + SERVED):
            last = process.used() or last
            time.sleep(0.02)
        if verb == "serve":
            process.end("TERM")
        code = process.wait()
        if code not in (0, 143):
            sys.exit(f"{verb}: undisturbed, it ends with code {code}: {process.said.decode(errors='replace')[-2000:]}")
        json.dump(last, open(kept, "w"))
    return json.load(open(kept))


def trial(world, verb, how, moment):
    folder = fresh(world)
    process = Process(world, verb, folder)
    while process.process.poll() is None and process.used() < moment:
        time.sleep(0.02)
    process.end(how)
    if how in ("pipe", "error") and verb == "serve":  # a server may go on; that it can be ended is what matters
        time.sleep(0.2)
        process.end("TERM")
    code = process.wait()
    allowed = ENDINGS[how] | (ENDINGS["TERM"] if verb == "serve" else set())
    said = process.said.decode(errors="replace")
    wrong = [] if code in allowed else [f"code {code}"]
    wrong += ["crash"] if glob.glob(os.path.join(folder, "hs_err*")) else []
    wrong += ["stack trace"] if STACK.search(said) else []
    return {"verb": verb, "how": how, "moment": round(moment, 2), "code": code, "wrong": wrong,
            "said": said[-2000:] if wrong else ""}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--times", type=int, default=50, help="for each verb and ending")
    options.add_argument("--imagerl", default=os.path.join(ROOT, "imagerl"))
    options.add_argument("--work", default=os.path.join(ROOT, "target/signals"))
    options.add_argument("verbs", nargs="*", choices=[[], "score", "serve", "bench", "train"], default=[])
    chosen = options.parse_args()
    world = World(os.path.abspath(chosen.imagerl), os.path.abspath(chosen.work))
    world.few = os.path.join(world.work, "few")
    images = sorted(glob.glob(os.path.join(world.images, "**/*.png"), recursive=True))
    if not os.path.isdir(world.few):
        os.makedirs(world.few)
        for image in [i for i in images if "grid" not in os.path.basename(i)][:12]:
            shutil.copy(image, world.few)
    world.request = json.dumps({"prompt": ["472"], "image": [base64.b64encode(open(images[0], "rb").read()).decode()]}).encode()
    results, lines = os.path.join(world.work, "signals.jsonl"), []
    if os.path.exists(results):
        lines = [json.loads(line) for line in open(results)]
    verbs = chosen.verbs or ["score", "serve", "bench", "train"]
    count = collections.Counter((line["verb"], line["how"]) for line in lines)
    while waiting := [(v, h) for v in verbs for h in ENDINGS if count[v, h] < chosen.times]:
        verb, how = min(waiting, key=lambda pair: count[pair])
        lines.append(trial(world, verb, how, random.uniform(0.1, longest(world, verb))))
        count[verb, how] += 1
        with open(results, "a") as out:
            out.write(json.dumps(lines[-1]) + "\n")
        if lines[-1]["wrong"]:
            print(lines[-1], flush=True)
    for verb in verbs:
        for how in ENDINGS:
            codes = collections.Counter(str(line["code"]) for line in lines if (line["verb"], line["how"]) == (verb, how))
            print(f"{verb:6} {how:10}" + "".join(f"   code {code}: {n}" for code, n in sorted(codes.items())))
    wrong = sum(bool(line["wrong"]) for line in lines)
    print(f"{len(lines)} ended, {wrong} wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
