#!/usr/bin/env python3
"""Cuts a weights file at random moments while `sample` reads and uses it: no moment may end the JVM by a signal, or leave a stack trace.

    python3 src/test/campaigns/truncate.py [--times 20] [--imagerl ./imagerl] [--work DIR]

The checkpoint is a float32 copy of samples/words, whose weights need no conversion. Each time one of its weights files is cut to a random
length, at a random moment of the processor time that an undisturbed run takes. In order are exit code 0 (it was read before; then the images are those of
the undisturbed run) and a refusal with code 2 or 3 that names the file. Each time is a line of DIR/truncate.jsonl; the same command goes on where it
stopped. Linux only; nothing outside the standard library.
"""
import argparse, collections, json, os, random, re, shutil, struct, sys, time

sys.dont_write_bytecode = True  # nothing is left beside the programs
from kill import ROOT, WORDS, World, differences, digest, processor_seconds

WEIGHTS = ("unet/diffusion_pytorch_model", "vae/diffusion_pytorch_model", "text_encoder/model")


def in_float32(path):
    raw = open(path, "rb").read()
    size = struct.unpack("<Q", raw[:8])[0]
    header, data, described, out = json.loads(raw[8:8 + size]), raw[8 + size:], {}, bytearray()
    for name in sorted((k for k in header if k != "__metadata__"), key=lambda k: header[k]["data_offsets"][0]):
        begin, end = header[name]["data_offsets"]
        code, width = ("e", 2) if header[name]["dtype"] == "F16" else ("f", 4)
        count = (end - begin) // width
        packed = struct.pack(f"<{count}f", *struct.unpack(f"<{count}{code}", data[begin:end]))
        described[name] = {"dtype": "F32", "shape": header[name]["shape"], "data_offsets": [len(out), len(out) + len(packed)]}
        out += packed
    text = json.dumps(described).encode()
    text += b" " * (-len(text) % 8)
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + out)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--times", type=int, default=20)
    options.add_argument("--imagerl", default=os.path.join(ROOT, "imagerl"))
    options.add_argument("--work", default=os.path.join(ROOT, "target/truncate"))
    chosen = options.parse_args()
    world, rng = World(os.path.abspath(chosen.imagerl), os.path.abspath(chosen.work)), random.Random()
    whole, copy = os.path.join(world.work, "whole"), os.path.join(world.work, "copy")
    if not os.path.exists(whole):
        shutil.copytree(WORDS, whole)
        for part in WEIGHTS:
            in_float32(f"{whole}/{part}.safetensors")
    words = ["sample", "--checkpoint", copy, "--prompt", 'a sign that says "472"', "--seeds", "0-7", "--steps", "2", "--guidance", "1",
             "--batch", "2", "--out", "out"]

    def once(moment):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(whole, copy)
        folder = os.path.join(world.work, "case")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        file = f"{copy}/{rng.choice(WEIGHTS)}.safetensors"
        process, now = world.start(words, folder), 0.0
        while process.poll() is None:
            now = processor_seconds(process.pid) or now
            if moment is not None and now >= moment:
                os.truncate(file, rng.choice([0, 7, 1000, rng.randrange(os.path.getsize(file))]))
                moment = None
            time.sleep(0.02)
        return process.returncode, world.output(), now, digest(folder), os.path.basename(os.path.dirname(file))

    reference, results = os.path.join(world.work, "reference.json"), os.path.join(world.work, "truncate.jsonl")
    if not os.path.exists(reference):
        code, said, last, expected, _ = once(None)
        if code:
            sys.exit(f"undisturbed, it ends with code {code}\n{said}")
        json.dump([last, expected], open(reference, "w"))
    last, expected = json.load(open(reference))
    lines = [json.loads(line) for line in open(results)] if os.path.exists(results) else []
    while len(lines) < chosen.times:
        moment = rng.uniform(last * 0.2, last)
        code, said, _, found, part = once(moment)
        wrong = code not in (0, 2, 3) or re.search(r"^\s+at [\w.$/]+\(|fatal error", said, re.M) or (code and part not in said) or (
            code == 0 and differences(expected, found))
        lines.append({"part": part, "moment": round(moment, 2), "code": code, "wrong": bool(wrong)})
        with open(results, "a") as out:
            out.write(json.dumps(lines[-1]) + "\n")
        if wrong:
            print(f"{part} cut at {moment:.2f} of {last:.2f} s: code {code}: {said[-600:]}", flush=True)
    codes, bad = collections.Counter(line["code"] for line in lines), sum(line["wrong"] for line in lines)
    print(f"cut {len(lines)} times: " + ", ".join(f"code {c}: {n}" for c, n in sorted(codes.items())) + f"; {bad} wrong")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
