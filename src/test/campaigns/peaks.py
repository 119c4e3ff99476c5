#!/usr/bin/env python3
"""How near the peak that `imagerl plan` prints is to the one that the training then has.

    python src/test/campaigns/peaks.py [--imagerl ./imagerl] [--work DIR] [--width 320] [--only WORD]

For each of the settings below it runs `plan`, then `train` for an epoch, and compares the line `peak` with the largest resident size of the
training. The settings are those of samples/words and samples/words-flow with fewer images, of a folder with the shapes of Stable Diffusion
1.5 and random weights as real_size.py makes it (--width 160 makes the UNet a quarter of the size), and of two blocks of SD3.5 medium. Needs
diffusers and transformers (../compat/golden/requirements.txt), 6 GB of disk and 12 GB of free memory. Ends with a table; exit 1 if a command
fails. A work folder that has the checkpoints already is used again.
"""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import real_size

SAMPLES = real_size.ROOT / "samples"


def sets(**values):
    return [word for key, value in values.items() for word in ("--set", f"{key.replace('__', '.')}={value}")]


def sized(batch, micro, size, **more):
    return ["run.yaml", *sets(rollout__batch_size=batch, optimiser__micro_batch=micro, rollout__width=size, rollout__height=size,
                              rollout__prompts_per_epoch=1, rollout__samples_per_prompt=max(2, batch), rollout__steps=2, **more)]


def shipped(name, **more):
    return [str(SAMPLES / name), *sets(evaluation="null", rollout__prompts_per_epoch=8, optimiser__updates_per_epoch=1, **more)]


CASES = {
    "words, ddpo": ("", shipped("words/ddpo.yaml")),
    "words, ddpo, batches of 8": ("", shipped("words/ddpo.yaml", rollout__batch_size=8, optimiser__micro_batch=8)),
    "words-flow, awm": ("", shipped("words-flow/awm.yaml")),
    "words-flow, flow-grpo": ("", shipped("words-flow/flow-grpo.yaml")),
    "SD 1.5, batches of 1": ("sd15", sized(1, 1, 256)),
    "SD 1.5, batches of 2": ("sd15", sized(2, 2, 256)),
    "SD 1.5, batches of 4": ("sd15", sized(4, 4, 256)),
    "SD 1.5, batches of 4, checkpointing": ("sd15", sized(4, 4, 256, memory__checkpointing="true")),
    "SD 1.5, batches of 2, 512 x 512": ("sd15", sized(2, 2, 512)),
    "SD3.5, 2 blocks, batches of 1": ("sd3", sized(1, 1, 256)),
    "SD3.5, 2 blocks, batches of 4": ("sd3", sized(4, 4, 256)),
}


def make_sd3(folder):
    """Two blocks of the shape of SD3.5 medium, its autoencoder, and text encoders of its widths with two layers each."""
    import clip_tokenizer
    import torch
    from common import Draws
    from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, SD3Transformer2DModel, StableDiffusion3Pipeline
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    torch.manual_seed(0)
    tokenizer = clip_tokenizer.tiny(folder.with_name("vocabulary"), Draws(0, "peaks"))
    ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.eos_token_id}

    def clip(width, heads):
        return CLIPTextModelWithProjection(CLIPTextConfig(
            vocab_size=49408, hidden_size=width, intermediate_size=4 * width, num_hidden_layers=2, num_attention_heads=heads,
            projection_dim=width, **ends))

    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, block_out_channels=(128, 256, 512, 512),
        layers_per_block=2, latent_channels=16, sample_size=1024, scaling_factor=1.5305, shift_factor=0.0609, use_quant_conv=False,
        use_post_quant_conv=False)
    transformer = SD3Transformer2DModel(
        sample_size=128, num_layers=2, num_attention_heads=24, attention_head_dim=64, caption_projection_dim=1536, pos_embed_max_size=384,
        qk_norm="rms_norm", dual_attention_layers=(0, 1))
    StableDiffusion3Pipeline(
        transformer=transformer, scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0), vae=vae, text_encoder=clip(768, 12),
        tokenizer=tokenizer, text_encoder_2=clip(1280, 20), tokenizer_2=tokenizer, text_encoder_3=None,
        tokenizer_3=None).save_pretrained(folder)


def prepare(work, checkpoint, width):
    """Makes the checkpoint of a setting and its run.yaml, where there are none yet."""
    work.mkdir(parents=True, exist_ok=True)
    if not checkpoint:
        return
    if not (work / "checkpoint/model_index.json").exists():
        make_sd3(work / "checkpoint") if checkpoint == "sd3" else real_size.make_checkpoint(work / "checkpoint", width)
    real_size.configuration(work, 256)
    if checkpoint == "sd3":
        run = (work / "run.yaml").read_text()
        run = run.replace("preset: ddpo", "preset: flow-grpo").replace("components: [unet]", "components: [transformer]")
        (work / "run.yaml").write_text(run)


def peak_of(imagerl, work, words):
    """Runs a command; its output and the largest resident size in bytes."""
    child = subprocess.Popen([imagerl, *words], cwd=work, stdout=subprocess.PIPE, text=True)
    out = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{words}: exit code {os.waitstatus_to_exitcode(status)}")
    return out, used.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--imagerl", default=str(real_size.ROOT / "imagerl"))
    parser.add_argument("--work", type=Path, default=Path("/tmp/imagerl-peaks"))
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--only", default="", help="settings whose name has this in it")
    arguments = parser.parse_args()
    print("| settings | plan | training | plan / training |\n|---|---|---|---|", flush=True)
    for number, (name, (checkpoint, words)) in enumerate(CASES.items()):
        if arguments.only not in name:
            continue
        work = (arguments.work / (checkpoint or "samples")).resolve()
        prepare(work, checkpoint, arguments.width)
        common = [*words, *sets(epochs=1, run__folder=work / "runs")]
        planned, _ = peak_of(arguments.imagerl, work, ["plan", *common])
        amount, unit = re.search(r"peak +about ([0-9.]+) ([GM])B", planned).groups()
        plan = float(amount) * (1e9 if unit == "G" else 1e6)
        _, measured = peak_of(arguments.imagerl, work, ["train", *common, *sets(run__name=f"peak-{os.getpid()}-{number}")])
        print(f"| {name} | {plan / 1e9:.2f} GB | {measured / 1e9:.2f} GB | {plan / measured:.2f} |", flush=True)


if __name__ == "__main__":
    main()
