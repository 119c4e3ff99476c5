#!/usr/bin/env python3
"""A checkpoint of a real size through every command: trained, resumed, sampled, exported in all layouts, merged, loaded in diffusers.

    python src/test/campaigns/real_size.py [--family sd15|sdxl] [--imagerl ./imagerl] [--work DIR] [--size 256] [--set KEY=VALUE ...]

Makes a folder with the shapes of Stable Diffusion 1.5 (860 million parameters of the UNet, 1.07 billion in all, float32, 4.3 GB) or XL (2.57
billion, 3.47 in all, bfloat16, 6.9 GB) and random weights, so the images are noise: what is measured is time and memory. A run has 2 epochs of
2 images of 4 steps. Needs diffusers, transformers and peft (../compat/golden/requirements.txt), 16 GB of disk (XL: 22) and about 8 GB of free
memory (XL: 13); with two cores it takes about ten minutes.

Every command is a line of the table at the end: seconds by the clock, processor seconds, the peak of the resident memory. The files of LoRA
and the merged folder are then loaded by diffusers, and one step of the UNet is compared between the layouts. Exit 1 if a command fails or
a file gives another result. A work folder that has the checkpoint already is used again.
"""
import argparse
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "src/test/compat/golden"))
PROMPTS = ["a photo of the cat", "the dog in the garden"]
SCHEDULE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}


def make_checkpoint(folder, width=320, family="sd15"):
    """
    The configurations are those of the published checkpoint; the vocabulary is a small one of CLIP's kind.

    width: channels of the UNet's first level, of which the others have a multiple
    """
    import clip_tokenizer
    import torch
    from common import Draws
    from diffusers import (AutoencoderKL, EulerDiscreteScheduler, PNDMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline,
                           UNet2DConditionModel)
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(0)
    xl = family == "sdxl"
    torch.set_default_dtype(torch.bfloat16 if xl else torch.float32)
    tokenizer = clip_tokenizer.tiny(folder.with_name("vocabulary"), Draws(0, "real-size"))
    ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.eos_token_id}
    text = CLIPTextModel(CLIPTextConfig(vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
                                        num_attention_heads=12, projection_dim=768, **ends))
    four = {"block_out_channels": (128, 256, 512, 512), "layers_per_block": 2, "latent_channels": 4}
    four |= {"sample_size": 1024, "scaling_factor": 0.13025, "force_upcast": True} if xl else {"sample_size": 512}
    vae = AutoencoderKL(down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, **four)
    if xl:
        second = CLIPTextModelWithProjection(CLIPTextConfig(vocab_size=49408, hidden_size=1280, intermediate_size=5120, num_hidden_layers=32,
                                                            num_attention_heads=20, projection_dim=1280, hidden_act="gelu", **ends))
        attention = ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D")
        unet = UNet2DConditionModel(
            sample_size=128, block_out_channels=(width, 2 * width, 4 * width), down_block_types=attention,
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=(5, 10, 20),
            transformer_layers_per_block=(1, 2, 10), cross_attention_dim=2048, use_linear_projection=True, addition_embed_type="text_time",
            addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816)
        StableDiffusionXLPipeline(vae=vae, text_encoder=text, text_encoder_2=second, tokenizer=tokenizer, tokenizer_2=tokenizer, unet=unet,
                                  scheduler=EulerDiscreteScheduler(**SCHEDULE), add_watermarker=False).save_pretrained(folder)
    else:
        unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, block_out_channels=(width, 2 * width, 4 * width, 4 * width))
        schedule = PNDMScheduler(set_alpha_to_one=False, skip_prk_steps=True, **SCHEDULE)
        StableDiffusionPipeline(vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=schedule, safety_checker=None,
                                feature_extractor=None, requires_safety_checker=False).save_pretrained(folder)
    torch.set_default_dtype(torch.float32)


def configuration(work, size, dtype="float32"):
    (work / "prompts.txt").write_text("\n".join(PROMPTS) + "\n")
    (work / "run.yaml").write_text(f"""\
checkpoint: checkpoint
dtype: {dtype}
prompts: prompts.txt
epochs: 2
algorithm: {{preset: ddpo, advantage: {{type: batch}}}}
rollout: {{width: {size}, height: {size}, steps: 4, guidance: 1.0, prompts_per_epoch: 2, samples_per_prompt: 1, batch_size: 1}}
tuning: {{type: lora, components: [unet], rank: 4, alpha: 8, targets: [to_q, to_k, to_v, to_out.0], init: gaussian}}
optimiser: {{updates_per_epoch: 1, micro_batch: 1, learning_rate: 3.0e-4}}
evaluation: null
samples: {{prompts: 1, seeds: [0]}}
run: {{folder: runs, name: real, save_every: 1, sample_every: 2}}
rewards: [{{type: jpeg-compressibility}}]
""")


class Measured:
    """Runs commands and keeps what each took."""

    def __init__(self, imagerl, work):
        self.imagerl, self.work, self.rows = imagerl, work, []

    def run(self, what, *words, stop=None):
        """Until it ends; or until there is a file that the pattern `stop` matches, then with Ctrl-C."""
        print("+ imagerl", *words, flush=True)
        began, expected = time.monotonic(), 0
        heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # what starts in the background of a shell would ignore it
        child = subprocess.Popen([self.imagerl, *map(str, words)], cwd=self.work, preexec_fn=heed)
        ended = (0, 0, None)
        while not ended[0]:
            if stop and next(self.work.glob(stop), None):
                child.send_signal(signal.SIGINT)
                stop, expected = None, 130
            time.sleep(0.2)
            ended = os.wait4(child.pid, os.WNOHANG)
        child.returncode, used = os.waitstatus_to_exitcode(ended[1]), ended[2]
        self.rows.append((what, time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9))
        if child.returncode != expected:
            sys.exit(f"{what}: exit code {child.returncode}")

    def print(self):
        print("\n| command | seconds | processor seconds | peak memory |\n|---|---|---|---|")
        for what, clock, processor, peak in self.rows:
            print(f"| {what} | {clock:.0f} | {processor:.0f} | {peak:.1f} GB |")


def commands(measured, sets, dtype):
    measured.run("`inspect`", "inspect", "checkpoint")
    measured.run("`train`, stopped by Ctrl-C after the first run checkpoint", "train", "run.yaml", *sets,
                 stop="runs/real/checkpoints/step-*[1-9]")
    measured.run("`resume` to the end of the second epoch", "resume", "runs/real")
    measured.run("`sample`, 1 image, 4 steps", "sample", "--checkpoint", "checkpoint", "--lora", "runs/real", "--prompt", PROMPTS[0], "--seeds", "0",
                 "--steps", "4", "--guidance", "5", "--out", "images", "--width", "256", "--height", "256", "--dtype", dtype)
    for layout in ("diffusers", "kohya", "peft"):
        out = layout if layout == "peft" else f"{layout}.safetensors"
        measured.run(f"`export --format {layout}`", "export", "runs/real", "--format", layout, "--checkpoint", "checkpoint", "--out", out)
    measured.run("`export --merge`", "export", "runs/real", "--merge", "--checkpoint", "checkpoint", "--out", "merged")
    single_file(measured, dtype)


def single_file(measured, dtype):
    """Writes one, and makes an image with it: the tokenizer is that of the folder, whose vocabulary is a small one."""
    measured.run("`export --single-file`", "export", "runs/real", "--checkpoint", "checkpoint", "--single-file", "single.safetensors")
    measured.run("`sample` from the single file, 1 image, 2 steps", "sample", "--checkpoint", "single.safetensors", "--component",
                 "tokenizer=checkpoint/tokenizer", "--prompt", PROMPTS[0], "--seeds", "0", "--steps", "2", "--guidance", "1", "--out", "single-images",
                 "--width", "256", "--height", "256", "--dtype", dtype)


def compare(work, family):
    """What one step of the UNet gives, in float32, with each of the files; what is merged is compared with what diffusers merges."""
    import torch
    from common import largest_error
    from diffusers import DiffusionPipeline, UNet2DConditionModel
    from peft import PeftModel

    torch.manual_seed(1)
    xl = family == "sdxl"
    given = {"sample": torch.randn(1, 4, 32, 32), "timestep": torch.tensor(500), "encoder_hidden_states": torch.randn(1, 77, 2048 if xl else 768)}
    if xl:
        given["added_cond_kwargs"] = {"text_embeds": torch.randn(1, 1280), "time_ids": torch.tensor([[256.0, 256, 0, 0, 256, 256]])}

    def step(unet):
        with torch.no_grad():
            return unet(**given).sample

    absent = {name: None for name in ("vae", "text_encoder", "tokenizer") + (("text_encoder_2", "tokenizer_2") if xl else ())}
    pipe = DiffusionPipeline.from_pretrained(work / "checkpoint", torch_dtype=torch.float32, **absent)
    base = step(pipe.unet)
    found = {}
    for layout in ("diffusers", "kohya"):
        pipe.load_lora_weights(work, weight_name=f"{layout}.safetensors")
        found[layout] = step(pipe.unet)
        if layout == "diffusers":
            pipe.unload_lora_weights()
    pipe.fuse_lora(components=["unet"])
    pipe.unload_lora_weights()
    fused = step(pipe.unet)
    del pipe
    adapter = work / "peft" / "unet" if (work / "peft/unet").is_dir() else work / "peft"
    unet = UNet2DConditionModel.from_pretrained(work / "checkpoint", subfolder="unet", torch_dtype=torch.float32)
    found["peft"] = step(PeftModel.from_pretrained(unet, adapter))
    del unet
    merged = {"merged folder": step(UNet2DConditionModel.from_pretrained(work / "merged", subfolder="unet", torch_dtype=torch.float32)),
              "single file": step(UNet2DConditionModel.from_single_file(str(work / "single.safetensors"), config=str(work / "checkpoint"),
                                                                        subfolder="unet", local_files_only=True, torch_dtype=torch.float32))}
    changed = largest_error(base, found["diffusers"])
    print(f"\nthe LoRA changes one step of the UNet by {changed:.1e}")
    errors = {layout: largest_error(output, found["diffusers"]) for layout, output in found.items()}
    merges = {kind: largest_error(output, fused) for kind, output in merged.items()}
    for layout, error in errors.items():
        print(f"{layout}, loaded by {'peft' if layout == 'peft' else 'diffusers'}, against the layout of diffusers: {error:.1e}")
    for kind, error in merges.items():
        print(f"{kind}, against what diffusers merges: {error:.1e}")
    return changed > 1e-5 and max(list(errors.values()) + list(merges.values())) < min(1e-4, 0.1 * changed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", choices=["sd15", "sdxl"], default="sd15")
    parser.add_argument("--imagerl", default=str(ROOT / "imagerl"))
    parser.add_argument("--work", type=Path, help="by default target/real-size, or target/real-size-sdxl")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the run")
    options = parser.parse_args()
    work = (options.work or ROOT / ("target/real-size" + ("" if options.family == "sd15" else "-" + options.family))).resolve()
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "checkpoint/model_index.json").exists():
        # By another process: what this one ever had would count in the peaks of the programs that it starts.
        maker = multiprocessing.Process(target=make_checkpoint, args=(work / "checkpoint",), kwargs={"family": options.family})
        maker.start()
        maker.join()
        if maker.exitcode:
            sys.exit(maker.exitcode)
    for old in ("runs", "images", "single-images", "merged", "peft"):
        shutil.rmtree(work / old, ignore_errors=True)
    for old in ("diffusers.safetensors", "kohya.safetensors", "single.safetensors"):
        (work / old).unlink(missing_ok=True)
    dtype = "bfloat16" if options.family == "sdxl" else "float32"
    configuration(work, options.size, dtype)
    measured = Measured(os.path.abspath(options.imagerl), work)
    commands(measured, [word for value in options.set for word in ("--set", value)], dtype)
    good = compare(work, options.family)
    measured.print()
    sys.exit(0 if good else "the files do not give the same result")
