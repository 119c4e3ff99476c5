"""Checkpoints in bfloat16: what imagerl merges into them, and one step of every family in float32 and in bfloat16, against diffusers.

A merged weight must be the sum, computed in float32 and rounded once: at most half a unit in the last place of bfloat16 from the exact sum,
beside the error of float32. All other weights must be the same to the bit. An image of one step must be that of diffusers in float32 within one
of 255. In bfloat16 two programs round in other places: the image must be no further than 1.5 times as far from the image in float32 as that of
diffusers in bfloat16 is, plus half of 255ths.
"""

import json
import subprocess
import sys

import numpy as np
import torch
from diffusers import DiffusionPipeline
from PIL import Image

SIDE, SEED, PROMPT, TOKENS = 64, 5, "a photo of the cat", 16
GUIDANCE = 4.0  # of FLUX; 1000 times this is a number of bfloat16, to which diffusers rounds it: 3500 would be 3504 there
COMPONENTS = ("unet", "transformer", "vae", "text_encoder", "text_encoder_2")
DIGITS = 8  # of bfloat16, the leading one among them
FLOAT32 = 1e-7  # error of a sum in float32, of the largest change of a weight: other products cancel


def run(imagerl, *words):
    done = subprocess.run([imagerl, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"imagerl {' '.join(map(str, words))}: exit code {done.returncode}\n{done.stderr}")


def absent(folder):
    index = json.loads((folder / "model_index.json").read_text())
    return {name: None for name in ("text_encoder_3", "tokenizer_3") if name in index and index[name][0] is None}


def load(folder, dtype):
    pipe = DiffusionPipeline.from_pretrained(folder, torch_dtype=dtype, **absent(folder))
    pipe.set_progress_bar_config(disable=True)
    return pipe


def weights(pipe):
    return {f"{component}.{name}": weight.detach() for component in COMPONENTS if getattr(pipe, component, None) is not None
            for name, weight in getattr(pipe, component).named_parameters()}


def merged(before, after, changes):
    """The largest distance of a merged weight from the sum, in units of its last place; infinite if another weight has changed or is no bfloat16."""
    old, new = weights(before), weights(after)
    if set(old) != set(new):
        return float("inf")
    worst, changed = 0.0, 0
    for name, weight in old.items():
        change = changes.get(name.removesuffix(".weight"))
        if new[name].dtype != torch.bfloat16 or (change is None and not torch.equal(weight, new[name])):
            return float("inf")
        if change is not None:
            exact = weight.double() + change
            distance = (new[name].double() - exact).abs() - FLOAT32 * change.abs().max()
            unit = torch.ldexp(torch.tensor(1.0, dtype=torch.float64), exact.frexp().exponent - DIGITS)
            worst = max(worst, (distance / unit).max().item())
            changed += 1
    return worst if changed == len(changes) else float("inf")


@torch.no_grad()
def by_diffusers(folder, dtype, family):
    """The image of one step from the noise that imagerl draws: rounded from float32, where diffusers would draw in bfloat16."""
    pipe = load(folder, dtype)

    def noise(shape, generator=None, device=None, dtype=None, layout=None):
        return torch.randn(shape, generator=generator, dtype=torch.float32).to(dtype)

    sys.modules[type(pipe).__module__].randn_tensor = noise
    words = {"max_sequence_length": TOKENS} if family == "flux" else {}
    image = pipe(PROMPT, num_inference_steps=1, guidance_scale=GUIDANCE if family == "flux" else 1.0, width=SIDE, height=SIDE, output_type="np",
                 generator=torch.Generator().manual_seed(SEED), **words).images[0]
    return np.asarray(image, dtype=np.float64) * 255


def by_imagerl(imagerl, folder, dtype, family, out):
    words = ["--embedded-guidance", GUIDANCE, "--text-tokens", TOKENS] if family == "flux" else []
    run(imagerl, "sample", "--checkpoint", folder, "--prompt", PROMPT, "--seeds", SEED, "--steps", 1, "--guidance", 1, "--width", SIDE, "--height", SIDE,
        "--dtype", dtype, "--out", out, *words)
    return np.asarray(Image.open(out / f"p000-s{SEED}.png").convert("RGB"), dtype=np.float64)


def check(imagerl, folder, family, source, changes):
    """Lines of what, error and limit; `folder/checkpoint` is in float32."""
    whole, half = folder / "checkpoint", folder / "half"
    load(whole, torch.bfloat16).save_pretrained(half)
    base = (source, "--checkpoint", half)
    run(imagerl, "export", *base, "--merge", "--out", folder / "half-merged")
    run(imagerl, "export", *base, "--single-file", folder / "half.safetensors")
    before = load(half, torch.bfloat16)
    yield "--merge in bfloat16, units of the last place", merged(before, load(folder / "half-merged", torch.bfloat16), changes), 0.5
    if family.name != "flux":  # of which diffusers' conversion knows the real width alone
        single = type(before).from_single_file(str(folder / "half.safetensors"), config=str(half), local_files_only=True,
                                               torch_dtype=torch.bfloat16, **absent(half))
        yield "--single-file in bfloat16, units of the last place", merged(before, single, changes), 0.5
    exact = by_diffusers(half, torch.float32, family.name)
    ours = by_imagerl(imagerl, half, "float32", family.name, folder / "step-float32")
    yield "one step in float32, of 255", np.abs(ours - exact.round()).max(), 1
    theirs = np.abs(by_diffusers(half, torch.bfloat16, family.name) - exact).mean()
    rounded = np.abs(by_imagerl(imagerl, half, "bfloat16", family.name, folder / "step-bfloat16") - exact).mean()
    yield f"one step in bfloat16, mean of 255 (diffusers {theirs:.2f})", rounded, 1.5 * theirs + 0.5
