"""single-files: tiny checkpoints in the layouts of the models' own code, and the layouts of the published ones, key by key."""

import gzip
import json
import shutil

import clip_tokenizer
import models
import original
import pipelines
import torch
from common import PIPELINE_RTOL, Draws, fill, read_json, read_tensors, write_json, write_tensors
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.loaders import single_file_utils as published
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, T5Config, T5EncoderModel

PROMPTS = pipelines.PROMPTS
# No shape tells these: they are as in the published checkpoints.
NORMS = {"norm_num_groups": 32}
SHIFT = {"sd": (0.18215, 0.0), "xl": (0.13025, 0.0), "sd3": (1.5305, 0.0609), "flux": (0.3611, 0.1159)}


class Parts(pipelines.Parts):
    """Components whose number of heads follows from their widths as in the published ones."""

    def tokenizer(self, pad=clip_tokenizer.END):
        tokenizer = super().tokenizer()
        tokenizer.pad_token = pad
        return tokenizer

    def encoder(self, part, tokenizer, activation, projection=False, **more):
        """Diffusers tells the two of a file by their widths."""
        width = 128 if part == "text_encoder_2" else 64
        return self.clip(part, tokenizer, projection, hidden_size=width, num_attention_heads=width // 64, hidden_act=activation,
                         eos_token_id=2, **({"projection_dim": width} | more))

    def unet(self, cross, heads, **more):
        config = {"attention_head_dim": heads, "cross_attention_dim": cross, **NORMS} | more
        return self.network("unet", models.unet, more.pop("attention", "first"), **config)

    def vae(self, family, channels=4):
        scaling, shift = SHIFT[family]
        more = {} if channels == 4 else {"use_quant_conv": False, "use_post_quant_conv": False}
        return self.network("vae", models.autoencoder, channels, (32, 32), scaling_factor=scaling, shift_factor=shift,
                            layers_per_block=1, **NORMS, **more)


def first(parts, draws):
    tokenizer = parts.tokenizer()
    unet = parts.unet(64, 8, channels=(32, 32), layers_per_block=draws.one_of(1, 2))
    return StableDiffusionPipeline(
        vae=parts.vae("sd"), text_encoder=parts.encoder("text_encoder", tokenizer, "quick_gelu"), tokenizer=tokenizer, unet=unet,
        scheduler=DDIMScheduler(**pipelines.DDIM), safety_checker=None, feature_extractor=None, requires_safety_checker=False)


def second(parts, draws):
    tokenizer = parts.tokenizer("!")
    unet = parts.unet(64, [1, 1], channels=(32, 32), use_linear_projection=True)
    return StableDiffusionPipeline(
        vae=parts.vae("sd"), text_encoder=parts.encoder("text_encoder", tokenizer, "gelu"), tokenizer=tokenizer, unet=unet,
        scheduler=DDIMScheduler(**pipelines.DDIM, prediction_type="v_prediction"), safety_checker=None, feature_extractor=None,
        requires_safety_checker=False)


def large(parts, draws):
    tokenizer, tokenizer_2 = parts.tokenizer(), parts.tokenizer("!")
    projected = draws.one_of(40, 64)
    encoder_2 = parts.encoder("text_encoder_2", tokenizer_2, "gelu", True, projection_dim=projected)
    unet = parts.network("unet", models.unet, "last", channels=(32, 32), cross_attention_dim=192, attention_head_dim=[1, 1],
                         use_linear_projection=True, transformer_layers_per_block=[1, 2], addition_embed_type="text_time",
                         addition_time_embed_dim=8, projection_class_embeddings_input_dim=48 + projected, **NORMS)
    return StableDiffusionXLPipeline(
        vae=parts.vae("xl"), text_encoder=parts.encoder("text_encoder", tokenizer, "quick_gelu"), tokenizer=tokenizer,
        text_encoder_2=encoder_2, tokenizer_2=tokenizer_2, unet=unet, scheduler=DDIMScheduler(**pipelines.DDIM))


@torch.no_grad()
def third(parts, draws, with_t5=True):
    """With T5 as SD3.5, without as SD3. CLIP's first projection is the identity, which is in no file."""
    tokenizer, tokenizer_2 = parts.tokenizer(), parts.tokenizer("!")
    encoder = parts.encoder("text_encoder", tokenizer, "quick_gelu", True)
    encoder.text_projection.weight.copy_(torch.eye(64))
    encoder_2 = parts.encoder("text_encoder_2", tokenizer_2, "gelu", True, projection_dim=draws.one_of(40, 64))
    tokenizer_3 = pipelines.t5_tokenizer() if with_t5 else None
    newer = {"qk_norm": "rms_norm", "dual_attention_layers": draws.one_of([0], [0, 1])} if with_t5 else {}
    transformer = parts.network(
        "transformer", models.sd3, joint_attention_dim=208, num_layers=3 if with_t5 else 2, attention_head_dim=16 if with_t5 else 64,
        num_attention_heads=2 if with_t5 else 1, caption_projection_dim=32 if with_t5 else 64,
        pooled_projection_dim=64 + encoder_2.config.projection_dim, **newer)
    return StableDiffusion3Pipeline(
        transformer=transformer, scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0), vae=parts.vae("sd3", 16), text_encoder=encoder,
        tokenizer=tokenizer, text_encoder_2=encoder_2, tokenizer_2=tokenizer_2,
        text_encoder_3=parts.t5("text_encoder_3", tokenizer_3, 208) if with_t5 else None, tokenizer_3=tokenizer_3)


def flux(parts, draws, guided=True):
    tokenizer, tokenizer_2 = parts.tokenizer(), pipelines.t5_tokenizer()
    transformer = parts.network("transformer", models.flux, in_channels=64, joint_attention_dim=32, guidance_embeds=guided,
                                pooled_projection_dim=64, attention_head_dim=32, axes_dims_rope=(4, 14, 14))
    shift = {"shift": 3.0, "use_dynamic_shifting": True} if guided else {"shift": 1.0}
    return FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(**shift), vae=parts.vae("flux", 16),
        text_encoder=parts.encoder("text_encoder", tokenizer, "quick_gelu"), text_encoder_2=parts.t5("text_encoder_2", tokenizer_2, 32),
        tokenizer=tokenizer, tokenizer_2=tokenizer_2, transformer=transformer)


def families(draws):
    def steps(*guidance):
        return {"num_inference_steps": draws.one_of(3, 4), "guidance_scale": draws.one_of(*guidance), "rtol": PIPELINE_RTOL}

    def sized(scheduler):
        height, width = draws.one_of((32, 32), (16, 32))
        return {"height": height, "width": width, "scheduler": scheduler}

    ddim, flow, t5 = {"eta": 0.0} | sized("DDIM"), sized("FlowMatchEuler"), {"max_sequence_length": draws.one_of(16, 12)}
    return {
        "sd1": (first, "F16", steps(5.0, 3.5) | ddim | {"negative_prompt": ""}),
        "sd2": (second, "BF16", steps(5.0, 3.5) | ddim | {"negative_prompt": ""}),
        "sdxl": (large, "F16", steps(5.0, 3.5) | ddim),
        "sd3": (lambda parts, draws: third(parts, draws, False), "F16", steps(4.5, 7.0) | flow | t5 | {"negative_prompt": ""}),
        "sd35": (third, "BF16", steps(4.5, 7.0) | flow | t5 | {"negative_prompt": ""}),
        "flux-dev": (flux, "F8_E4M3", steps(3.5, 2.5) | flow | t5),
        "flux-schnell": (lambda parts, draws: flux(parts, draws, False), "F8_SCALED", steps(0.0) | flow | t5),
        "sd2-described": (pipelines.stable_diffusion_2, "F32", steps(5.0, 3.5) | ddim | {"negative_prompt": "a dog"}),
    }


TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F8_E4M3": torch.float8_e4m3fn,
         "F8_SCALED": torch.float8_e4m3fn}


def stored(own, dtype, denoiser):
    """The tensors of a file and their values: of fp8 the matrices of the denoiser alone, the rest in bfloat16."""
    written, values = {}, {}
    for key, tensor in own.items():
        eighth = dtype.startswith("F8") and key.startswith(denoiser) and tensor.ndim == 2
        type_ = TYPES[dtype] if eighth or not dtype.startswith("F8") else torch.bfloat16
        scale = (tensor.abs().max() / 448).float() if eighth and dtype == "F8_SCALED" else torch.ones(())
        written[key] = (tensor / scale).to(type_)
        values[key] = written[key].float() * scale
        if eighth and dtype == "F8_SCALED":
            written[key.removesuffix("weight") + "scale_weight"] = scale
    return written, values


def networks(pipe):
    names = ("unet", "transformer", "vae", "text_encoder", "text_encoder_2", "text_encoder_3")
    return {name: getattr(pipe, name) for name in names if getattr(pipe, name, None) is not None}


def split(own):
    """As files are given for FLUX: the transformer alone and without a prefix, and files of its VAE and text encoders."""
    prefixes = {"transformer": "model.diffusion_model.", "vae": "vae.", "text_encoder": "text_encoders.clip_l.transformer.",
                "text_encoder_2": "text_encoders.t5xxl.transformer."}
    return {name: {key.removeprefix(prefix): tensor for key, tensor in own.items() if key.startswith(prefix)}
            for name, prefix in prefixes.items()}


@torch.no_grad()
def back(pipe, own, values):
    """Gives a pipeline the values that the file has: each tensor of the file shows the places of the weights in it."""
    state = {name: original.without_buffers(part.state_dict()) for name, part in networks(pipe).items()}
    counted, start = {}, 1
    for name, part in state.items():
        counted[name] = {}
        for key, tensor in part.items():
            counted[name][key] = torch.arange(start, start + tensor.numel(), dtype=torch.float64).reshape(tensor.shape)
            start += tensor.numel()
    everything = torch.zeros(start, dtype=torch.float32)
    for name, part in state.items():
        for key, tensor in part.items():
            everything[counted[name][key].long()] = tensor

    class Counted:
        def __init__(self, part, name):
            self.config, self.part, self.name = part.config, part, name

        def state_dict(self):
            return counted[self.name]

        def parameters(self):
            return self.part.parameters()

    unused = (lambda tensor: torch.zeros(tensor.shape, dtype=torch.float64)) if "cond_stage_model.model.ln_final.bias" in own else None
    places = original.whole({name: Counted(part, name) for name, part in networks(pipe).items()}, unused)
    for key, place in places.items():
        everything[place.long().reshape(-1)] = values[key].reshape(-1)
    for name, part in networks(pipe).items():
        part.load_state_dict({key: everything[place.long()] for key, place in counted[name].items()}, strict=False)


def make(out, seed, _):
    shutil.rmtree(out / "single-files", ignore_errors=True)
    for name, (family, dtype, call) in families(Draws(seed, "single-files")).items():
        folder, draws = out / "single-files" / name, Draws(seed, f"single-files/{name}")
        parts = Parts(seed, f"single-files/{name}", folder)
        pipe = family(parts, draws)
        shutil.rmtree(parts.scratch)
        pipe.set_progress_bar_config(disable=True)
        unused = (lambda tensor: draws.normal(*tensor.shape)) if name.startswith("sd2") else None
        own = original.whole(networks(pipe), unused)
        if name in ("sd3", "sd35"):
            own.pop("text_encoders.clip_l.transformer.text_projection.weight")
        written, values = stored(own, dtype, "model.diffusion_model.")
        if name in ("sd3", "sd35"):
            values["text_encoders.clip_l.transformer.text_projection.weight"] = torch.eye(64)
        back(pipe, own, values)
        case = {"prompts": PROMPTS[: draws.one_of(2, 3)]} | call
        # One has heads and groups of norms that no shape tells, and is opened with its descriptions, as diffusers opens all.
        case["components"] = {"config": "folder"} if name.endswith("-described") else components(pipe)
        write_files(folder, name, written, case)
        descriptions(pipe, folder / "folder")
        latents = pipelines.first_latents(pipe, case, draws)
        write_json(folder / "case.json", case)
        write_tensors(folder / "expected.safetensors", pipelines.record(pipe, case, latents))
    for name, layout in layouts().items():
        write_layout(out / "single-files" / "layouts" / f"{name}.json.gz", layout)


def components(pipe):
    """What no single file has."""
    return {name: f"folder/{name}" for name in ("tokenizer", "tokenizer_2", "tokenizer_3") if getattr(pipe, name, None)}


def write_files(folder, name, written, case):
    if name != "flux-schnell":
        return write_tensors(folder / "checkpoint.safetensors", written)
    for part, tensors in split(written).items():
        write_tensors(folder / ("checkpoint.safetensors" if part == "transformer" else f"{part}.safetensors"), tensors)
        if part != "transformer":
            case["components"][part] = f"{part}.safetensors"


def descriptions(pipe, folder):
    """The checkpoint folder without weights: the configurations and tokenizers that diffusers is to take."""
    pipe.save_pretrained(folder)
    for weights in folder.rglob("*.safetensors"):
        weights.unlink()


def opened(folder, case):
    """By diffusers' own loader of single files; FLUX has the sizes of the published model in its code, and is checked by layout."""
    kinds = {"sd1": StableDiffusionPipeline, "sd2": StableDiffusionPipeline, "sdxl": StableDiffusionXLPipeline,
             "sd3": StableDiffusion3Pipeline, "sd35": StableDiffusion3Pipeline}
    kind = kinds.get(folder.name.removesuffix("-described"))
    if kind is None:
        return None
    absent = {"text_encoder_3": None, "tokenizer_3": None} if folder.name == "sd3" else {}
    absent |= {"safety_checker": None, "feature_extractor": None} if kind is StableDiffusionPipeline else {}
    with torch.no_grad():
        pipe = kind.from_single_file(str(folder / "checkpoint.safetensors"), config=str(folder / "folder"), local_files_only=True, **absent)
    for part in networks(pipe).values():
        part.float().eval()
    pipe.set_progress_bar_config(disable=True)
    return pipe


def check(golden, report, _):
    for file in sorted(golden.glob("single-files/*/case.json")):
        folder, case, name = file.parent, read_json(file), f"single-files/{file.parent.name}"
        pipe = opened(folder, case)
        if pipe is None:
            report.skip(name, "diffusers opens single files of FLUX in the published size only")
            continue
        wanted = read_tensors(folder / "expected.safetensors")
        made = pipelines.record(pipe, case, wanted["in.latents"])
        for exact in {"input_ids"} & set(wanted):
            report.equal(f"{name} {exact}", made[exact].tolist(), wanted.pop(exact).tolist())
        difference = (made["image_uint8"].int() - wanted.pop("image_uint8").int()).abs().max().item()
        report.error(f"{name} image, bytes", difference, 1)
        report.tensors(name, {key: made[key] for key in wanted}, wanted, case["rtol"])
    for name, layout in layouts().items():
        file = golden / "single-files" / "layouts" / f"{name}.json.gz"
        if file.exists():
            report.equal(f"single-files/layouts/{name}", json.loads(gzip.decompress(file.read_bytes())), json.loads(json.dumps(layout)))
    check_published(report)
    check_rows(report)


def write_layout(path, layout):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(layout, indent=0).encode()
    path.write_bytes(gzip.compress(text, mtime=0))


CLIP_L = {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12, "projection_dim": 768,
          "vocab_size": 49408, "hidden_act": "quick_gelu", "eos_token_id": 2}
CLIP_H = CLIP_L | {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 23,
                   "projection_dim": 1024, "hidden_act": "gelu"}
CLIP_G = CLIP_L | {"hidden_size": 1280, "intermediate_size": 5120, "num_attention_heads": 20, "num_hidden_layers": 32,
                   "projection_dim": 1280, "hidden_act": "gelu"}
T5_XXL = {"d_model": 4096, "d_ff": 10240, "d_kv": 64, "num_heads": 64, "num_layers": 24, "vocab_size": 32128,
          "feed_forward_proj": "gated-gelu"}
VAE = {"block_out_channels": [128, 256, 512, 512], "down_block_types": ["DownEncoderBlock2D"] * 4,
       "up_block_types": ["UpDecoderBlock2D"] * 4, "layers_per_block": 2, "latent_channels": 4, "sample_size": 512}
VAE_16 = VAE | {"latent_channels": 16, "use_quant_conv": False, "use_post_quant_conv": False, "sample_size": 1024}
UNET_1 = {"cross_attention_dim": 768, "attention_head_dim": 8, "sample_size": 64}
UNET_2 = {"cross_attention_dim": 1024, "attention_head_dim": [5, 10, 20, 20], "use_linear_projection": True, "sample_size": 96}
UNET_XL = {"block_out_channels": [320, 640, 1280], "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
           "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], "transformer_layers_per_block": [1, 2, 10],
           "attention_head_dim": [5, 10, 20], "cross_attention_dim": 2048, "use_linear_projection": True, "sample_size": 128,
           "addition_embed_type": "text_time", "addition_time_embed_dim": 256, "projection_class_embeddings_input_dim": 2816}
SD3 = {"sample_size": 128, "num_layers": 24, "attention_head_dim": 64, "num_attention_heads": 24, "joint_attention_dim": 4096,
       "caption_projection_dim": 1536, "pooled_projection_dim": 2048, "pos_embed_max_size": 192, "out_channels": 16}
SD35_MEDIUM = SD3 | {"pos_embed_max_size": 384, "qk_norm": "rms_norm", "dual_attention_layers": list(range(13))}
SD35_LARGE = SD3 | {"num_layers": 38, "num_attention_heads": 38, "caption_projection_dim": 2432, "qk_norm": "rms_norm"}
FLUX = {"guidance_embeds": True}
BUFFERS_1 = ["alphas_cumprod", "alphas_cumprod_prev", "betas", "log_one_minus_alphas_cumprod", "posterior_log_variance_clipped",
             "posterior_mean_coef1", "posterior_mean_coef2", "posterior_variance", "sqrt_alphas_cumprod",
             "sqrt_one_minus_alphas_cumprod", "sqrt_recip_alphas_cumprod", "sqrt_recipm1_alphas_cumprod"]


def clip_text(config, projection=False):
    kind = CLIPTextModelWithProjection if projection else CLIPTextModel
    return kind(CLIPTextConfig(**config, architectures=[kind.__name__]))


def published_parts():
    """The published checkpoints by their configurations, without numbers."""
    def made(kind, config):
        return kind.from_config(config)

    with torch.device("meta"):
        clips = {"text_encoder": clip_text(CLIP_L, True), "text_encoder_2": clip_text(CLIP_G, True)}
        t5 = T5EncoderModel(T5Config(**T5_XXL, architectures=["T5EncoderModel"]))
        sixteen = {"scaling_factor": 1.5305, "shift_factor": 0.0609}
        return {
            "sd15": {"unet": made(UNet2DConditionModel, UNET_1), "vae": made(AutoencoderKL, VAE), "text_encoder": clip_text(CLIP_L)},
            "sd21": {"unet": made(UNet2DConditionModel, UNET_2), "vae": made(AutoencoderKL, VAE | {"sample_size": 768}),
                     "text_encoder": clip_text(CLIP_H)},
            "sdxl": {"unet": made(UNet2DConditionModel, UNET_XL), "text_encoder": clip_text(CLIP_L),
                     "text_encoder_2": clip_text(CLIP_G, True),
                     "vae": made(AutoencoderKL, VAE | {"sample_size": 1024, "scaling_factor": 0.13025})},
            "sd3-medium": clips | {"transformer": made(SD3Transformer2DModel, SD3), "vae": made(AutoencoderKL, VAE_16 | sixteen)},
            "sd35-medium": clips | {"transformer": made(SD3Transformer2DModel, SD35_MEDIUM), "text_encoder_3": t5,
                                    "vae": made(AutoencoderKL, VAE_16 | sixteen)},
            "sd35-large": clips | {"transformer": made(SD3Transformer2DModel, SD35_LARGE), "text_encoder_3": t5,
                                   "vae": made(AutoencoderKL, VAE_16 | sixteen)},
            "flux-dev": {"transformer": made(FluxTransformer2DModel, FLUX), "text_encoder": clip_text(CLIP_L), "text_encoder_2": t5,
                         "vae": made(AutoencoderKL, VAE_16 | {"scaling_factor": 0.3611, "shift_factor": 0.1159})},
            "flux-schnell": {"transformer": made(FluxTransformer2DModel, {}), "text_encoder": clip_text(CLIP_L), "text_encoder_2": t5,
                             "vae": made(AutoencoderKL, VAE_16 | {"scaling_factor": 0.3611, "shift_factor": 0.1159})},
        }


def layouts():
    """Names and shapes of the published single files, and the configurations that must follow from them."""
    found = {}
    for name, parts in published_parts().items():
        own = original.whole(parts, (lambda tensor: torch.empty_like(tensor)) if name == "sd21" else None)
        own.pop("text_encoders.clip_l.transformer.text_projection.weight", None)
        shapes = {key: list(tensor.shape) for key, tensor in own.items()}
        if name == "sd15":
            shapes |= {key: [1000] for key in BUFFERS_1} | {"cond_stage_model.transformer.text_model.embeddings.position_ids": [1, 77]}
        configs = {part: json.loads(network.config.to_json_string() if hasattr(network.config, "to_json_string")
                                    else network.to_json_string()) for part, network in parts.items()}
        found[name] = {"tensors": dict(sorted(shapes.items())), "configs": configs}
    return found


def check_rows(report):
    """Diffusers' conversion of FLUX, of which only the published width is possible: every row is known by its number."""
    with torch.device("meta"):
        state = FluxTransformer2DModel(num_layers=1, num_single_layers=1, guidance_embeds=True).state_dict()
    numbered = {}
    for i, (key, tensor) in enumerate(sorted(state.items())):
        rows = torch.arange(len(tensor), dtype=torch.int32) + 100_000 * i
        numbered[key] = rows.reshape(-1, *[1] * (tensor.ndim - 1)).expand(tensor.shape)
    made = published.convert_flux_transformer_checkpoint_to_diffusers(original.flux(numbered))
    wrong = [key for key in numbered if not torch.equal(made.get(key, torch.zeros(())), numbered[key])]
    report.equal("single-files/layouts/flux rows by diffusers", [sorted(made), wrong], [sorted(numbered), []])


def check_published(report):
    """Diffusers' conversions take the layouts of published size, and give the keys and shapes of diffusers' models."""
    for name, parts in published_parts().items():
        own = original.whole(parts, (lambda tensor: torch.empty_like(tensor)) if name == "sd21" else None)
        if "unet" in parts:
            config = dict(parts["unet"].config)
            made = {"unet": published.convert_ldm_unet_checkpoint(dict(own), config),
                    "vae": published.convert_ldm_vae_checkpoint(dict(own), dict(parts["vae"].config))}
        else:
            convert = (published.convert_flux_transformer_checkpoint_to_diffusers if name.startswith("flux")
                       else published.convert_sd3_transformer_checkpoint_to_diffusers)
            denoiser = {key: tensor for key, tensor in own.items() if key.startswith("model.diffusion_model.")}
            made = {"transformer": convert(denoiser), "vae": published.convert_ldm_vae_checkpoint(dict(own), dict(parts["vae"].config))}
        if name in ("sd21", "sdxl"):
            part = "text_encoder" if name == "sd21" else "text_encoder_2"
            prefix = "cond_stage_model.model." if name == "sd21" else "conditioner.embedders.1.model."
            made[part] = published.convert_open_clip_checkpoint(parts[part], dict(own), prefix=prefix)
        for part, state in made.items():
            wanted = {key: list(tensor.shape) for key, tensor in original.without_buffers(parts[part].state_dict()).items()}
            report.equal(f"single-files/layouts/{name} {part} by diffusers", {key: list(state[key].shape) for key in state}, wanted)
