"""Makes pipelines/flux-tiny and pipelines/sd3-t5-tiny from the other golden cases, by diffusers on the CPU in float32.

    python make_flow_pipelines.py GOLDEN_FOLDER

Needs diffusers, transformers, tokenizers, torch and safetensors; their versions go into each case's provenance.json.
"""

import json
import shutil
import sys
from pathlib import Path

import diffusers
import numpy as np
import tokenizers
import torch
import transformers
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
from diffusers import StableDiffusion3Pipeline
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import CLIPTextModel, CLIPTokenizer, PreTrainedTokenizerFast, T5Config, T5EncoderModel

SEED = 21
PROMPTS = ["a photo of the cat", "the dog and the cat in a photo of the dog and the cat in the photo"]


def t5_tokenizer():
    """A Unigram model as T5's, of a few tokens."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=60, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(PROMPTS * 5, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=512
    )


def t5(width):
    torch.manual_seed(SEED)
    config = T5Config(vocab_size=64, d_model=width, d_kv=4, d_ff=24, num_heads=4, num_layers=2,
                      feed_forward_proj="gated-gelu", tie_word_embeddings=False)
    model = T5EncoderModel(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def finish(folder, pipe, call, arguments, latents):
    states = {"in.latents": latents}
    embeddings = {}
    encode = pipe.encode_prompt

    def recorded(*args, **kwargs):
        result = encode(*args, **kwargs)
        names = (["prompt_embeds", "pooled_prompt_embeds"] if isinstance(pipe, FluxPipeline) else
                 ["prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds"])
        embeddings.update({n: t.clone() for n, t in zip(names, result)})
        return result

    pipe.encode_prompt = recorded

    def keep(pipe, step, timestep, kwargs):
        states[f"latents.step{step}"] = kwargs["latents"].clone()
        return {}

    image = pipe(prompt=PROMPTS, latents=latents, output_type="np", callback_on_step_end=keep, **arguments).images
    image = torch.from_numpy(np.ascontiguousarray(image.transpose(0, 3, 1, 2)))
    tensors = states | embeddings | {"image": image, "image_uint8": (image * 255).round().to(torch.uint8)}
    save_file({k: v.contiguous() for k, v in tensors.items()}, str(folder / "expected.safetensors"))
    (folder / "case.json").write_text(json.dumps({"prompts": PROMPTS} | call, indent=1))
    versions = {m.__name__: m.__version__ for m in (diffusers, transformers, tokenizers, torch)}
    (folder / "provenance.json").write_text(json.dumps(versions | {"seed": SEED}, indent=1))


def flux(golden):
    folder = golden / "pipelines/flux-tiny"
    shutil.rmtree(folder, ignore_errors=True)
    sd = golden / "pipelines/sd-tiny"
    pipe = FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
        vae=AutoencoderKL.from_pretrained(golden / "pipelines/sd3-tiny/vae"),
        text_encoder=CLIPTextModel.from_pretrained(sd / "text_encoder").eval(),
        tokenizer=CLIPTokenizer.from_pretrained(sd / "tokenizer"),
        text_encoder_2=t5(32),
        tokenizer_2=t5_tokenizer(),
        transformer=FluxTransformer2DModel.from_pretrained(golden / "models/flux-dev"),
    )
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)
    shutil.rmtree(folder / "tokenizer")
    shutil.copytree(sd / "tokenizer", folder / "tokenizer")
    call = {"num_inference_steps": 4, "guidance_scale": 3.5, "height": 32, "width": 48, "max_sequence_length": 16,
            "scheduler": "FlowMatchEuler", "rtol": 1e-3}
    latents = torch.randn(2, 16, 16, 24, generator=torch.Generator().manual_seed(SEED))
    packed = pipe._pack_latents(latents, 2, 16, 16, 24)
    names = ("num_inference_steps", "guidance_scale", "height", "width", "max_sequence_length")
    finish(folder, pipe, call, {n: call[n] for n in names}, packed)


def sd3(golden):
    folder = golden / "pipelines/sd3-t5-tiny"
    shutil.rmtree(folder, ignore_errors=True)
    source = golden / "pipelines/sd3-tiny"
    pipe = StableDiffusion3Pipeline.from_pretrained(source, text_encoder_3=t5(96), tokenizer_3=t5_tokenizer())
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)
    for name in ("tokenizer", "tokenizer_2", "text_encoder", "text_encoder_2"):
        shutil.rmtree(folder / name)
        shutil.copytree(source / name, folder / name)
    call = {"negative_prompt": "", "num_inference_steps": 4, "guidance_scale": 4.5, "height": 24, "width": 32,
            "max_sequence_length": 16, "scheduler": "FlowMatchEuler", "rtol": 1e-3}
    latents = torch.randn(2, 16, 12, 16, generator=torch.Generator().manual_seed(SEED))
    names = ("num_inference_steps", "guidance_scale", "height", "width", "max_sequence_length")
    arguments = {n: call[n] for n in names} | {"negative_prompt": ["", ""]}
    finish(folder, pipe, call, arguments, latents)


if __name__ == "__main__":
    torch.set_num_threads(1)
    with torch.no_grad():
        flux(Path(sys.argv[1]))
        sd3(Path(sys.argv[1]))
