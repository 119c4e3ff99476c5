"""pipelines: whole tiny checkpoints in diffusers' layout, and what diffusers' pipelines make with them."""

import shutil
import sys
from inspect import signature

import clip_tokenizer
import models
import numpy as np
import torch
import transformers
from common import PIPELINE_RTOL, Draws, fill, read_json, read_tensors, write_json, write_tensors
from diffusers import (
    DDIMScheduler,
    DiffusionPipeline,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
)
from tokenizers import Tokenizer, decoders, pre_tokenizers, processors
from tokenizers.models import Unigram
from transformers import T5TokenizerFast

PROMPTS = ["a photo of the cat", "the dog and the cat in a photo", "hello on the wall", "the sign that says hello over the city"]
DDIM = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "clip_sample": False,
        "set_alpha_to_one": False, "steps_offset": 1}


def t5_tokenizer():
    """A Unigram model as T5's: a few words, else characters; a piece is the better the longer it is."""
    letters = sorted(set("".join(PROMPTS)) - {" "})
    words = sorted({"▁" + word for prompt in PROMPTS for word in prompt.split()[::2]})
    pieces = [("▁", -4.0)] + [(letter, -5.0) for letter in letters] + [(word, -3.0 - 0.1 * i) for i, word in enumerate(words)]
    tokenizer = Tokenizer(Unigram([("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + pieces, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return T5TokenizerFast(tokenizer_object=tokenizer, extra_ids=0, model_max_length=512)


class Parts:
    """Makes the components of one checkpoint, each with random numbers of its own."""

    def __init__(self, seed, name, folder):
        self.seed, self.name, self.scratch = seed, name, folder / "scratch"

    def draws(self, part):
        return Draws(self.seed, f"pipelines/{self.name}/{part}")

    def tokenizer(self):
        return clip_tokenizer.tiny(self.scratch, self.draws("tokenizer"))

    def clip(self, part, tokenizer, projection=False, **more):
        draws = self.draws(part)
        ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
                "pad_token_id": tokenizer.eos_token_id, "vocab_size": len(tokenizer) + draws.one_of(0, 5)}
        return fill(models.create(*models.clip(draws, projection, **(ends | {"hidden_act": "quick_gelu"} | more))), draws)

    def t5(self, part, tokenizer, width):
        draws = self.draws(part)
        config = {"vocab_size": len(tokenizer) + 3, "d_model": width, "num_heads": 4, "d_kv": 4, "d_ff": 24}
        return fill(models.create(*models.t5(draws, **config)), draws)

    def network(self, part, maker, *arguments, **more):
        draws = self.draws(part)
        return fill(models.create(*maker(draws, *arguments, **more)), draws)


def stable_diffusion(parts, draws):
    tokenizer = parts.tokenizer()
    encoder = parts.clip("text_encoder", tokenizer)
    unet = parts.network("unet", models.unet, channels=(16, 16, 32), cross_attention_dim=encoder.config.hidden_size)
    return StableDiffusionPipeline(
        vae=parts.network("vae", models.autoencoder, 4, scaling_factor=0.18215), text_encoder=encoder, tokenizer=tokenizer,
        unet=unet, scheduler=DDIMScheduler(**DDIM), safety_checker=None, feature_extractor=None, requires_safety_checker=False)


def stable_diffusion_small(parts, draws):
    """One level, with attention in the middle block alone: what trainings in tests run on, as each operation costs them time."""
    tokenizer = parts.tokenizer()
    encoder = parts.clip("text_encoder", tokenizer, num_hidden_layers=1)
    unet = parts.network("unet", models.unet, channels=(16,), cross_attention_dim=encoder.config.hidden_size)
    vae = parts.network("vae", models.autoencoder, 4, (8, 16), layers_per_block=1, scaling_factor=0.18215)
    return StableDiffusionPipeline(
        vae=vae, text_encoder=encoder, tokenizer=tokenizer, unet=unet, scheduler=DDIMScheduler(**DDIM), safety_checker=None,
        feature_extractor=None, requires_safety_checker=False)


def stable_diffusion_2(parts, draws):
    """Predicts the velocity on a schedule that ends in pure noise."""
    tokenizer = parts.tokenizer()
    encoder = parts.clip("text_encoder", tokenizer, hidden_act="gelu")
    unet = parts.network("unet", models.unet, channels=(8, 16), cross_attention_dim=encoder.config.hidden_size,
                         attention_head_dim=[2, 4], use_linear_projection=True)
    trained = {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    return StableDiffusionPipeline(
        vae=parts.network("vae", models.autoencoder, 4, (8, 16), scaling_factor=0.18215), text_encoder=encoder, tokenizer=tokenizer,
        unet=unet, scheduler=DDIMScheduler(**DDIM, **trained), safety_checker=None, feature_extractor=None,
        requires_safety_checker=False)


def stable_diffusion_xl(parts, draws, in_channels=4):
    tokenizer = parts.tokenizer()
    encoder = parts.clip("text_encoder", tokenizer)
    encoder_2 = parts.clip("text_encoder_2", tokenizer, True, hidden_act="gelu", projection_dim=draws.one_of(32, 20))
    width = encoder.config.hidden_size + encoder_2.config.hidden_size
    unet = parts.network("unet", models.unet, "last", channels=(8, 16), cross_attention_dim=width, layers_per_block=2,
                         attention_head_dim=[2, 4], use_linear_projection=True, transformer_layers_per_block=[1, 2],
                         addition_embed_type="text_time", addition_time_embed_dim=8, in_channels=in_channels,
                         projection_class_embeddings_input_dim=48 + encoder_2.config.projection_dim)
    return StableDiffusionXLPipeline(
        vae=parts.network("vae", models.autoencoder, 4, (8, 16), scaling_factor=0.13025), text_encoder=encoder, tokenizer=tokenizer,
        text_encoder_2=encoder_2, tokenizer_2=tokenizer, unet=unet, scheduler=DDIMScheduler(**DDIM))


def stable_diffusion_3(parts, draws, with_t5=False):
    tokenizer = parts.tokenizer()
    encoders = [parts.clip("text_encoder", tokenizer, True), parts.clip("text_encoder_2", tokenizer, True, hidden_act="gelu")]
    tokenizer_3 = t5_tokenizer() if with_t5 else None
    width = sum(encoder.config.hidden_size for encoder in encoders) + draws.one_of(32, 16)
    transformer = parts.network("transformer", models.sd3, joint_attention_dim=width, num_layers=3, qk_norm="rms_norm",
                                pooled_projection_dim=sum(encoder.config.projection_dim for encoder in encoders),
                                dual_attention_layers=draws.one_of([0], [1], [0, 1]))
    vae = parts.network("vae", models.autoencoder, 16, scaling_factor=1.5035, shift_factor=0.0609, use_quant_conv=False,
                        use_post_quant_conv=False)
    return StableDiffusion3Pipeline(
        transformer=transformer, scheduler=FlowMatchEulerDiscreteScheduler(shift=draws.one_of(3.0, 2.0)), vae=vae,
        text_encoder=encoders[0], tokenizer=tokenizer, text_encoder_2=encoders[1], tokenizer_2=tokenizer,
        text_encoder_3=parts.t5("text_encoder_3", tokenizer_3, width) if with_t5 else None, tokenizer_3=tokenizer_3)


def flux(parts, draws):
    tokenizer, tokenizer_2 = parts.tokenizer(), t5_tokenizer()
    encoder = parts.clip("text_encoder", tokenizer)
    width = draws.one_of(32, 40)
    transformer = parts.network("transformer", models.flux, in_channels=64, joint_attention_dim=width, guidance_embeds=True,
                                pooled_projection_dim=encoder.config.hidden_size)
    vae = parts.network("vae", models.autoencoder, 16, scaling_factor=0.3611, shift_factor=0.1159, use_quant_conv=False,
                        use_post_quant_conv=False)
    return FluxPipeline(scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True), vae=vae,
                        text_encoder=encoder, tokenizer=tokenizer, text_encoder_2=parts.t5("text_encoder_2", tokenizer_2, width),
                        tokenizer_2=tokenizer_2, transformer=transformer)


def families(draws):
    """By name: what makes the checkpoint, and the call that is made of it."""
    def steps(*guidance):
        return {"num_inference_steps": draws.one_of(4, 5, 6), "guidance_scale": draws.one_of(*guidance), "rtol": PIPELINE_RTOL}

    def sized():
        height, width = draws.one_of((32, 32), (24, 32), (32, 48))
        return {"height": height, "width": width, "scheduler": "FlowMatchEuler"}

    empty, ddim, t5 = {"negative_prompt": ""}, {"eta": 0.0, "scheduler": "DDIM"}, {"max_sequence_length": draws.one_of(16, 12)}
    return {
        "sd-tiny": (stable_diffusion, empty | steps(5.0, 3.5) | ddim),
        "sd-small": (stable_diffusion_small, empty | steps(5.0, 2.5) | ddim),
        "sd2-tiny": (stable_diffusion_2, {"negative_prompt": "a dog"} | steps(7.5, 4.0) | ddim),
        "sdxl-tiny": (stable_diffusion_xl, steps(5.0, 6.0) | ddim | {"height": 32, "width": draws.one_of(48, 64)}),
        "sd3-tiny": (stable_diffusion_3, empty | steps(4.5, 7.0) | sized()),
        "sd3-t5-tiny": (lambda parts, draws: stable_diffusion_3(parts, draws, True), empty | steps(4.5, 2.0) | sized() | t5),
        "flux-tiny": (flux, steps(3.5, 2.5) | sized() | t5),
    }


def load(folder):
    """A checkpoint folder; diffusers wants to be told of text encoders that an SD3 checkpoint does without."""
    if not hasattr(transformers, "TokenizersBackend"):  # what transformers 5 calls a fast tokenizer of any kind
        sys.modules["transformers"].TokenizersBackend = transformers.PreTrainedTokenizerFast
    index = read_json(folder / "model_index.json")
    alone = {name: None for name in ("text_encoder_3", "tokenizer_3") if name in index and index[name][0] is None}
    pipe = DiffusionPipeline.from_pretrained(folder, **alone)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def first_latents(pipe, case, draws):
    """Noise in the form that the pipeline takes: for FLUX the tokens of its transformer."""
    usual = pipe.default_sample_size * pipe.vae_scale_factor if hasattr(pipe, "default_sample_size") else 0
    if not usual:
        usual = pipe.unet.config.sample_size * pipe.vae_scale_factor
    height, width = (case.get(edge, usual) // pipe.vae_scale_factor for edge in ("height", "width"))
    batch, channels = len(case["prompts"]), pipe.vae.config.latent_channels
    latents = draws.normal(batch, channels, height, width)
    if isinstance(pipe, FluxPipeline):
        latents = pipe._pack_latents(latents, batch, channels, height, width)
    return latents


@torch.no_grad()
def record(pipe, case, latents):
    """Runs the call of a case and keeps the embeddings, the latents after every step and the image."""
    states, embeddings = {"in.latents": latents}, {}
    encode = pipe.encode_prompt

    def recorded(*args, **kwargs):
        result = encode(*args, **kwargs)
        names = ["prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds"]
        names = names[::2] if isinstance(pipe, FluxPipeline) else names
        embeddings.update({name: tensor.clone() for name, tensor in zip(names, result) if tensor is not None})
        return result

    def keep(_, step, __, kwargs):
        states[f"latents.step{step}"] = kwargs["latents"].clone()
        return {}

    known = signature(type(pipe).__call__).parameters
    arguments = {name: value for name, value in case.items() if name in known}
    if "negative_prompt" in case:
        arguments["negative_prompt"] = [case["negative_prompt"]] * len(case["prompts"])
    pipe.encode_prompt = recorded
    try:
        image = pipe(prompt=case["prompts"], latents=latents, output_type="np", callback_on_step_end=keep, **arguments).images
    finally:
        del pipe.encode_prompt
    image = torch.from_numpy(np.ascontiguousarray(image.transpose(0, 3, 1, 2)))
    if type(pipe) is StableDiffusionPipeline:
        ids = pipe.tokenizer(case["prompts"], padding="max_length", truncation=True, max_length=clip_tokenizer.LENGTH)
        embeddings["input_ids"] = torch.tensor(ids.input_ids)
    return states | embeddings | {"image": image, "image_uint8": (image * 255).round().to(torch.uint8)}


def make(out, seed, _):
    for name, (family, call) in families(Draws(seed, "pipelines")).items():
        folder, draws = out / "pipelines" / name, Draws(seed, f"pipelines/{name}")
        shutil.rmtree(folder, ignore_errors=True)
        parts = Parts(seed, name, folder)
        family(parts, draws).save_pretrained(folder)
        shutil.rmtree(parts.scratch)
        case = {"prompts": PROMPTS[: draws.one_of(2, 3)]} | call
        pipe = load(folder)
        write_json(folder / "case.json", case)
        write_tensors(folder / "expected.safetensors", record(pipe, case, first_latents(pipe, case, draws)))


def check(golden, report, _):
    for file in sorted(golden.glob("pipelines/*/case.json")):
        folder, case, name = file.parent, read_json(file), f"pipelines/{file.parent.name}"
        wanted = read_tensors(folder / "expected.safetensors")
        made = record(load(folder), case, wanted["in.latents"])
        for exact in {"input_ids"} & set(wanted):
            report.equal(f"{name} {exact}", made[exact].tolist(), wanted.pop(exact).tolist())
        difference = (made["image_uint8"].int() - wanted.pop("image_uint8").int()).abs().max().item()
        report.error(f"{name} image, bytes", difference, 1)
        report.tensors(name, {key: made[key] for key in wanted}, wanted, case["rtol"])
