"""Makes golden cases of checkpoint folders that imagerl wrote, by diffusers on the CPU in float32.

    python checkpoints.py OUT FOLDER...
    mvn -B test -Dtest='Golden*PipelinesTest' -Dsurefire.failIfNoSpecifiedTests=false -Dgolden.root=OUT

Each FOLDER (samples/words, samples/words-flow, a folder of `imagerl pretrain` or of `imagerl export --merge`) is loaded by
from_pretrained and run; what diffusers made becomes OUT/pipelines/NAME in the layout of src/test/resources/golden. The test
then makes the same images with imagerl: every step within 1e-3, every byte of the image within 1. A folder that diffusers
does not load ends this script with its reason.

An SD3 folder without T5 is loaded as diffusers documents it, with text_encoder_3=None and tokenizer_3=None. The name
that transformers 5 has for fast tokenizers is one of transformers 4 too.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from diffusers import DDIMScheduler, DiffusionPipeline, FluxPipeline
from diffusers import StableDiffusion3Pipeline, StableDiffusionXLPipeline
from safetensors.torch import save_file

SEED = 21
PROMPTS = ["a photo of the cat", 'a sign that says "012"']


def load(folder):
    index = json.loads((folder / "model_index.json").read_text())
    if not hasattr(transformers, "TokenizersBackend"):
        setattr(sys.modules["transformers"], "TokenizersBackend", transformers.PreTrainedTokenizerFast)
    absent = {}
    if index["_class_name"] == "StableDiffusion3Pipeline" and index.get("text_encoder_3", [None])[0] is None:
        absent = {"text_encoder_3": None, "tokenizer_3": None}
    pipe = DiffusionPipeline.from_pretrained(folder, **absent)
    pipe.set_progress_bar_config(disable=True)
    return pipe, index


def call(pipe, index):
    steps = {"num_inference_steps": 4, "rtol": 1e-3}
    if isinstance(pipe, FluxPipeline):
        return steps | {"guidance_scale": 3.5, "height": 32, "width": 48, "max_sequence_length": 16,
                        "scheduler": "FlowMatchEuler"}
    guided = steps | {"guidance_scale": 4.0, "negative_prompt": ""}
    if isinstance(pipe, StableDiffusion3Pipeline):
        tokens = index.get("max_sequence_length")
        more = {"max_sequence_length": tokens} if tokens else {}
        return guided | more | {"scheduler": "FlowMatchEuler", "height": 32, "width": 64}
    # Euler and most others never clamp x0; the absent key would be true for DDIM.
    clip = {} if "clip_sample" in pipe.scheduler.config else {"clip_sample": False}
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config, **clip)
    return guided | {"scheduler": "DDIM", "eta": 0.0, "height": 32, "width": 64}


def make(folder, out):
    pipe, index = load(folder)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(folder, out)
    said = call(pipe, index)
    arguments = {n: v for n, v in said.items() if n not in ("scheduler", "rtol")}
    if isinstance(pipe, StableDiffusionXLPipeline):
        # No negative prompt and an empty one are the same for imagerl, for this pipeline they are not.
        arguments["negative_prompt"] = None
    elif "negative_prompt" in arguments:
        arguments["negative_prompt"] = [""] * len(PROMPTS)
    scale = pipe.vae_scale_factor
    height, width = said["height"] // scale, said["width"] // scale
    noise = torch.Generator().manual_seed(SEED)
    channels = pipe.vae.config.latent_channels
    if isinstance(pipe, FluxPipeline):
        # FluxPipeline's packing takes two latent elements along each side.
        latents = torch.randn(len(PROMPTS), channels, height, width, generator=noise)
        latents = pipe._pack_latents(latents, len(PROMPTS), channels, height, width)
    else:
        latents = torch.randn(len(PROMPTS), channels, height, width, generator=noise)
    states = {"in.latents": latents}
    embeddings = {}
    encode = pipe.encode_prompt

    def recorded(*args, **kwargs):
        result = encode(*args, **kwargs)
        names = (["prompt_embeds", "pooled_prompt_embeds"] if isinstance(pipe, FluxPipeline) else
                 ["prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds"])
        embeddings.update({n: t.clone() for n, t in zip(names, result) if t is not None})
        return result

    def keep(pipe, step, timestep, kwargs):
        states[f"latents.step{step}"] = kwargs["latents"].clone()
        return {}

    pipe.encode_prompt = recorded
    image = pipe(prompt=PROMPTS, latents=latents, output_type="np", callback_on_step_end=keep, **arguments).images
    image = torch.from_numpy(np.ascontiguousarray(image.transpose(0, 3, 1, 2)))
    tensors = states | embeddings | {"image": image, "image_uint8": (image * 255).round().to(torch.uint8)}
    save_file({k: v.contiguous() for k, v in tensors.items()}, str(out / "expected.safetensors"))
    (out / "case.json").write_text(json.dumps({"prompts": PROMPTS} | said, indent=1))
    print(folder, type(pipe).__name__, "->", out)


if __name__ == "__main__":
    torch.set_num_threads(1)
    with torch.no_grad():
        for name in sys.argv[2:]:
            make(Path(name), Path(sys.argv[1]) / "pipelines" / Path(name).resolve().name)
