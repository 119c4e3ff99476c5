#!/usr/bin/env python3
"""A full disk, a read-only folder and a folder that is moved away, in every command that writes: each must end in order and say what to do.

    python3 src/test/campaigns/disk.py [--imagerl ./imagerl] [--work DIR] [--only WORD]

full       a file system of memory (tmpfs) that has room for a part of what is written; needs root, or runs in `unshare -rm`
limit      files may have at most 64 KiB (RLIMIT_FSIZE with SIGXFSZ ignored), as under a quota
read-only  the same file system, mounted so that nothing can be written
gone       the folder is renamed while the command runs

In order is: exit code 0, 2, 3 or 4, no stack trace, and where the code is not 0 a message that says what cannot be written; after a
full disk, no temporary file is left, and the same command (or `resume`) with room again ends with 0. Prints a line per case; exit 1 if one fails.
Linux only; nothing outside the standard library.
"""
import argparse, os, re, resource, shutil, signal, subprocess, sys, time

sys.dont_write_bytecode = True  # nothing is left beside the programs
from kill import ROOT, TINY, VERBS, WORDS, World, files, processor_seconds, sets

STACK = re.compile(r"^\s+at [\w.$/]+\(|Exception in thread|A fatal error|hs_err", re.M)
IN_ORDER = {0, 2, 3, 4}
# What messages say of a place that cannot be written to (IoProblems, Folders, RunFolder, ScoreFile, Failures).
REASON = re.compile(r"^imagerl: .*(cannot be (read|written|made|created|deleted|opened|locked)|the disk is full|no such (file|folder)|there is no |is no folder|"
                    r"is no longer (there|what)|was moved or deleted|is taken|is gone|its folder is not there|does not exist)", re.M)


def verbs(world):
    """Command and, where it is another, the command that goes on, both relative to the folder they run in."""
    run, lora = world.run, os.path.join(world.run, "pytorch_lora_weights.safetensors")
    scores = os.path.join(world.work, "scores.csv")
    found = {name: (VERBS[name].begin(world), VERBS[name].go_on(world)) for name in ("train", "study", "score", "score-jsonl", "classifier", "sample")}
    found["sample"][0][found["sample"][0].index("--out") + 1] = "out/images"
    found["resume"] = (["resume", "copy/a"],) * 2
    found["export"] = (["export", lora, "--out", "out/lora.safetensors"],) * 2
    found["export-merge"] = (["export", run, "--merge", "--checkpoint", WORDS, "--out", "out/merged"],) * 2
    found["compare"] = (["compare", scores, scores, "--out", "out/compared.json", "--sheet", "out/sheet.png"],) * 2
    return found


def prepare(world):
    world.run = os.path.join(world.work, "runs/a")
    if not os.path.exists(os.path.join(world.run, "pytorch_lora_weights.safetensors")):
        world.whole(["train", os.path.join(WORDS, "ddpo.yaml"), "--set", "run.folder=runs", "--set", "run.name=a"] + sets(TINY), world.work)
    if not os.path.exists(os.path.join(world.work, "scores.csv")):
        world.whole(["score", world.images, "--reward", "jpeg-compressibility", "--out", "scores.csv"], world.work)


def begin(world, verb, folder):
    """What must lie in the folder before the command."""
    os.makedirs(os.path.join(folder, "out"), exist_ok=True)
    if verb in VERBS:
        VERBS[verb].ready(world, folder)
    if verb == "resume":
        shutil.copytree(world.run, os.path.join(folder, "copy/a"))
        steps = sorted(os.listdir(os.path.join(folder, "copy/a/checkpoints")))
        shutil.rmtree(os.path.join(folder, "copy/a/checkpoints", steps[-1]))


def start(world, words, folder, limit=None):
    def child():
        if limit:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    out = open(os.path.join(world.work, "said.txt"), "wb")
    return subprocess.Popen([world.imagerl] + words, cwd=folder, env=world.env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                            preexec_fn=child)


def ended(world, process, allowed=IN_ORDER):
    code = process.wait()
    said = open(os.path.join(world.work, "said.txt"), errors="replace").read()
    wrong = []
    if code not in allowed:
        wrong.append(f"code {code}")
    if STACK.search(said):
        wrong.append("stack trace")
    if code and not REASON.search(said):
        wrong.append("says no reason")
    last = [line for line in said.splitlines() if line.startswith("imagerl: ")] or said.splitlines()[-2:] or [""]
    return code, wrong, " | ".join(last[-2:])[:400]


def mount(folder, size):
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)


def unmount(folder):
    subprocess.run(["umount", "-l", folder], check=False)


def temporary(folder):
    return [name for name in files(folder) if re.search(r"(^|/)\.[^/]+\.tmp(/|$)", name)]


def full(world, verb, words, go_on, folder, room):
    mount(folder, "64m")
    try:
        begin(world, verb, folder)
        used = shutil.disk_usage(folder).used
        subprocess.run(["mount", "-o", f"remount,size={used + room}", folder], check=True)
        code, wrong, said = ended(world, start(world, words, folder))
        left = temporary(folder)
        if left:
            wrong.append(f"left {left[:3]}")
        subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
        if code:
            begun = verb != "train" or os.path.exists(os.path.join(folder, "runs/a/config.yaml"))
            again, more, what = ended(world, start(world, go_on if begun else words, folder), {0})
            wrong += [f"then, with room, {problem}: {what}" for problem in more]
        return code, wrong, said
    finally:
        unmount(folder)


def limited(world, verb, words, folder):
    os.makedirs(folder)
    begin(world, verb, folder)
    code, wrong, said = ended(world, start(world, words, folder, 65536))
    return code, wrong + [f"left {name}" for name in temporary(folder)[:3]], said


def read_only(world, verb, words, folder):
    mount(folder, "64m")
    try:
        begin(world, verb, folder)
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        code, wrong, said = ended(world, start(world, words, folder))
        return code, wrong + ([] if code else ["code 0, though nothing could be written"]), said
    finally:
        unmount(folder)


# When it is moved, and what of the folder: once this file is there.
MOVED = {"train": ("runs/a/metrics.jsonl", "runs"), "study": ("runs/narrow-seed0/metrics.jsonl", "runs"), "resume": ("copy/a/checkpoints", "copy"),
         "classifier": ("classifier", "classifier"), "sample": ("out/images", "out"), "score": ("out/scores.csv", "out"),
         "score-jsonl": ("out/scores.jsonl", "out")}


def gone(world, verb, words, folder):
    """Renames what the command writes into while it runs. Where it ends with 0 nevertheless, what it says it has written must be there."""
    os.makedirs(folder)
    begin(world, verb, folder)
    marker, place = MOVED.get(verb, ("out", "out"))
    process = start(world, words, folder)
    while process.poll() is None:
        if os.path.exists(os.path.join(folder, marker)) and (verb != "resume" or cpu(process.pid) > 2.0):
            time.sleep(0.05)
            os.rename(os.path.join(folder, place), os.path.join(folder, "moved-away"))
            break
        time.sleep(0.002)
    code, wrong, said = ended(world, process)
    whole = open(os.path.join(world.work, "said.txt"), errors="replace").read()
    names = [name.strip() for line in re.findall(r"^imagerl: written: ([^(\n]*)|^written: ([^(\n]*)", whole, re.M) for part in line for name in part.split(",") if name.strip()]
    return code, wrong + [f"says that it wrote {name}" for name in names if not os.path.exists(os.path.join(folder, name))], said


def cpu(pid):
    return processor_seconds(pid) or 0.0


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--imagerl", default=os.path.join(ROOT, "imagerl"))
    options.add_argument("--work", default=os.path.join(ROOT, "target/disk"))
    options.add_argument("--only", default="", help="cases whose name contains this")
    chosen = options.parse_args()
    world = World(os.path.abspath(chosen.imagerl), os.path.abspath(chosen.work))
    prepare(world)
    failed, count = 0, 0
    for verb, (words, go_on) in verbs(world).items():
        cases = {f"full-{room >> 10}k": lambda f, room=room: full(world, verb, words, go_on, f, room) for room in (8 << 10, 100 << 10, 1 << 20)}
        cases |= {"limit": lambda f: limited(world, verb, words, f), "read-only": lambda f: read_only(world, verb, words, f),
                  "gone": lambda f: gone(world, verb, words, f)}
        for kind, case in cases.items():
            name = f"{verb} {kind}"
            if chosen.only not in name:
                continue
            folder = os.path.join(world.work, "case")
            shutil.rmtree(folder, ignore_errors=True)
            code, wrong, said = case(folder)
            count, failed = count + 1, failed + bool(wrong)
            print(f"{'WRONG' if wrong else 'ok':6}{name:24} code {code}  {'; '.join(wrong)}\n      {said}", flush=True)
    print(f"{count} cases, {failed} wrong")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
