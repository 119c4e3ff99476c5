"""Tiny checkpoints of every family, a LoRA for each, and the change of every weight that this LoRA means.

The depths are those of the published models where a tool's names of layers depend on them (the UNets of SD 1.5 and SDXL); the widths are small.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "golden"))
import clip_tokenizer  # noqa: E402
from common import Draws, fill  # noqa: E402
from diffusers import (  # noqa: E402
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
from pipelines import DDIM, t5_tokenizer  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, T5Config, T5EncoderModel  # noqa: E402

SEED = 41
RANK, ALPHA = 3, 6.0
TEXT = ("q_proj", "v_proj", "out_proj", "mlp.fc1")
UNET = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2")
SD3_LAYERS = ("attn.to_q", "attn.to_k", "attn.to_v", "attn.to_out.0", "attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj", "attn.to_add_out",
              "ff.net.0.proj", "ff.net.2", "ff_context.net.0.proj", "attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0")
FLUX_LAYERS = SD3_LAYERS[:11] + ("proj_mlp", "proj_out")


@dataclass
class Family:
    """A checkpoint and its LoRA: `targets` are the ends of the names of adapted layers, by component."""

    name: str
    title: str
    make: object
    targets: dict


def draws(name):
    return Draws(SEED, f"interop/{name}")


def clip(name, tokenizer, projection=False, width=32):
    """The encoders of a checkpoint have different widths, as the published ones: diffusers tells them apart by that in a single file."""
    config = CLIPTextConfig(vocab_size=len(tokenizer), hidden_size=width, intermediate_size=2 * width, num_hidden_layers=2, num_attention_heads=4,
                            projection_dim=width, bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
                            pad_token_id=tokenizer.eos_token_id)
    return fill((CLIPTextModelWithProjection if projection else CLIPTextModel)(config), draws(name))


def vae(name, channels=4, **more):
    return fill(AutoencoderKL(down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, norm_num_groups=4,
                              block_out_channels=(8, 8, 8, 8), latent_channels=channels, sample_size=64, **more), draws(name))


def t5(name, tokenizer, width):
    return fill(T5EncoderModel(T5Config(vocab_size=len(tokenizer), d_model=width, d_kv=8, d_ff=32, num_layers=1, num_heads=4,
                                        feed_forward_proj="gated-gelu")), draws(name))


def sd15(scratch):
    tokenizer = clip_tokenizer.tiny(scratch, draws("tokenizer"))
    unet = UNet2DConditionModel(sample_size=8, cross_attention_dim=32, block_out_channels=(32, 32, 64, 64), attention_head_dim=4,
                                layers_per_block=2)
    return StableDiffusionPipeline(vae=vae("sd/vae"), text_encoder=clip("sd/text", tokenizer), tokenizer=tokenizer, unet=fill(unet, draws("sd/unet")),
                                   scheduler=DDIMScheduler(**DDIM), safety_checker=None, feature_extractor=None, requires_safety_checker=False)


def sdxl(scratch):
    tokenizer = clip_tokenizer.tiny(scratch, draws("tokenizer"))
    unet = UNet2DConditionModel(
        sample_size=8, cross_attention_dim=80, block_out_channels=(32, 64, 64), attention_head_dim=(2, 4, 4), layers_per_block=2,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), transformer_layers_per_block=(1, 2, 10),
        use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=8, projection_class_embeddings_input_dim=96)
    return StableDiffusionXLPipeline(
        vae=vae("xl/vae"), text_encoder=clip("xl/text", tokenizer), tokenizer=tokenizer, text_encoder_2=clip("xl/text2", tokenizer, True, 48),
        tokenizer_2=tokenizer, unet=fill(unet, draws("xl/unet")), scheduler=DDIMScheduler(**DDIM))


def sd3(scratch):
    """Without T5. ComfyUI and sd-scripts compute the width from the depth: 64 for each block."""
    tokenizer = clip_tokenizer.tiny(scratch, draws("tokenizer"))
    first = clip("sd3/text", tokenizer, True)
    with torch.no_grad():  # a single file has no projection of this encoder, because it is the identity in the published checkpoint
        first.text_projection.weight.copy_(torch.eye(*first.text_projection.weight.shape))
    transformer = SD3Transformer2DModel(sample_size=8, num_layers=2, attention_head_dim=64, num_attention_heads=2, caption_projection_dim=128,
                                        joint_attention_dim=96, pooled_projection_dim=80, qk_norm="rms_norm", dual_attention_layers=(0,),
                                        pos_embed_max_size=12)
    return StableDiffusion3Pipeline(
        transformer=fill(transformer, draws("sd3/transformer")), scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=vae("sd3/vae", 16, shift_factor=0.0609, use_quant_conv=False, use_post_quant_conv=False), text_encoder=first,
        tokenizer=tokenizer, text_encoder_2=clip("sd3/text2", tokenizer, True, 48), tokenizer_2=tokenizer, text_encoder_3=None, tokenizer_3=None)


def flux(scratch):
    tokenizer, tokenizer_2 = clip_tokenizer.tiny(scratch, draws("tokenizer")), t5_tokenizer()
    transformer = FluxTransformer2DModel(in_channels=64, num_layers=2, num_single_layers=2, attention_head_dim=16, num_attention_heads=2,
                                         joint_attention_dim=32, pooled_projection_dim=32, guidance_embeds=True, axes_dims_rope=(4, 6, 6))
    return FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
        vae=vae("flux/vae", 16, shift_factor=0.1159, use_quant_conv=False, use_post_quant_conv=False), text_encoder=clip("flux/text", tokenizer),
        tokenizer=tokenizer, text_encoder_2=t5("flux/t5", tokenizer_2, 32), tokenizer_2=tokenizer_2,
        transformer=fill(transformer, draws("flux/transformer")))


FAMILIES = [
    Family("sd", "Stable Diffusion 1.x", sd15, {"unet": UNET, "text_encoder": TEXT}),
    Family("sdxl", "Stable Diffusion XL", sdxl, {"unet": UNET, "text_encoder": TEXT, "text_encoder_2": TEXT}),
    Family("sd3", "SD3", sd3, {"transformer": SD3_LAYERS}),
    Family("flux", "FLUX.1", flux, {"transformer": FLUX_LAYERS}),
]


def layers(pipe, family):
    """The adapted layers with their modules: unet.mid_block.attentions.0..."""
    for component, targets in family.targets.items():
        for name, module in getattr(pipe, component).named_modules():
            if isinstance(module, torch.nn.Linear) and name.endswith(tuple("." + target for target in targets)):
                yield f"{component}.{name}", module


def make_lora(pipe, family, file):
    """Writes diffusers' layout as its documentation describes it, and returns the change of each weight."""
    random, tensors, changes, configs = draws(family.name + "/lora"), {}, {}, {}
    for name, module in layers(pipe, family):
        down, up = random.normal(RANK, module.in_features), random.normal(module.out_features, RANK)
        tensors |= {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up}
        changes[name] = ALPHA / RANK * up.double() @ down.double()
    for component in family.targets:
        ends = sorted({name.split(".", 1)[1] for name in changes if name.startswith(component + ".")})
        configs |= {f"{component}.r": RANK, f"{component}.lora_alpha": ALPHA, f"{component}.target_modules": ends}
    save_file(tensors, file, {"format": "pt", "lora_adapter_metadata": json.dumps(configs, sort_keys=True)})
    return changes


FLUX_WIDTH = 3072


def make_wide_flux_lora(file, columns):
    """A LoRA for one double and one single block of FLUX.1 in its real width, for loaders that know no other; the first columns of each change."""
    random, tensors, changes = draws("flux/wide"), {}, {}
    sizes = {f"transformer_blocks.0.attn.{name}": (FLUX_WIDTH, FLUX_WIDTH)
             for name in ("to_q", "to_k", "to_v", "to_out.0", "add_q_proj", "add_k_proj", "add_v_proj", "to_add_out")}
    sizes |= {f"single_transformer_blocks.0.attn.{name}": (FLUX_WIDTH, FLUX_WIDTH) for name in ("to_q", "to_k", "to_v")}
    sizes |= {"single_transformer_blocks.0.proj_mlp": (4 * FLUX_WIDTH, FLUX_WIDTH), "single_transformer_blocks.0.proj_out": (FLUX_WIDTH, 5 * FLUX_WIDTH)}
    for name, (rows, inputs) in sizes.items():
        down, up = random.normal(RANK, inputs), random.normal(rows, RANK)
        tensors |= {f"transformer.{name}.lora_A.weight": down, f"transformer.{name}.lora_B.weight": up}
        changes[f"transformer.{name}"] = ALPHA / RANK * up.double() @ down[:, :columns].double()
    facts = {"r": RANK, "lora_alpha": ALPHA, "target_modules": sorted(sizes)}
    save_file(tensors, file, {"format": "pt", "lora_adapter_metadata": json.dumps({f"transformer.{key}": value for key, value in facts.items()})})
    return changes


def unet_block(layer):
    """down_blocks.1.attentions.0 as the original code numbers it; each level has two layers, the upward ones three."""
    part, level, rest = layer.split(".", 2)
    if part == "mid_block":
        return "middle_block.1." + rest.split(".", 1)[1]
    _, number, inner = rest.split(".", 2)
    if part == "down_blocks":
        return f"input_blocks.{1 + 3 * int(level) + int(number)}.1.{inner}"
    return f"output_blocks.{3 * int(level) + int(number)}.1.{inner}"


SD3_FUSED = {"to_q": 0, "to_k": 1, "to_v": 2, "add_q_proj": 0, "add_k_proj": 1, "add_v_proj": 2}
SD3_PLAIN = {"attn.to_out.0": "x_block.attn.proj", "attn.to_add_out": "context_block.attn.proj", "ff.net.0.proj": "x_block.mlp.fc1",
             "ff.net.2": "x_block.mlp.fc2", "ff_context.net.0.proj": "context_block.mlp.fc1", "attn2.to_out.0": "x_block.attn2.proj"}
FLUX_PLAIN = {"attn.to_out.0": "img_attn.proj", "attn.to_add_out": "txt_attn.proj", "ff.net.0.proj": "img_mlp.0", "ff.net.2": "img_mlp.2",
              "ff_context.net.0.proj": "txt_mlp.0"}


def original(family, layer, width):
    """The key of the model's own code without `.weight`, and the first row of the layer in it. `layer` has no component."""
    if family.name in ("sd", "sdxl"):
        return unet_block(layer), 0
    _, block, inner = layer.split(".", 2)
    end = inner.rsplit(".", 1)[-1]
    if family.name == "sd3":
        if end in SD3_FUSED:
            side = "context_block.attn" if end.startswith("add_") else "x_block." + inner.split(".")[0]
            return f"joint_blocks.{block}.{side}.qkv", SD3_FUSED[end] * width
        return f"joint_blocks.{block}.{SD3_PLAIN[inner]}", 0
    if layer.startswith("single_"):
        parts = {"attn.to_q": 0, "attn.to_k": 1, "attn.to_v": 2, "proj_mlp": 3}
        return (f"single_blocks.{block}.linear2", 0) if inner == "proj_out" else (f"single_blocks.{block}.linear1", parts[inner] * width)
    if end in SD3_FUSED:
        return f"double_blocks.{block}.{'txt' if end.startswith('add_') else 'img'}_attn.qkv", SD3_FUSED[end] * width
    return f"double_blocks.{block}.{FLUX_PLAIN[inner]}", 0


def in_original_names(family, changes, shapes):
    """The changes of the denoiser by keys of the model's own code; `shapes` are those of its weights."""
    found = {}
    for name, change in changes.items():
        component, layer = name.split(".", 1)
        if component not in ("unet", "transformer"):
            continue
        width = 128 if family.name == "sd3" else 32
        key, row = original(family, layer, width)
        whole = found.setdefault(key, torch.zeros(shapes[key], dtype=torch.float64))
        if whole.ndim == 4:
            change = change[:, :, None, None]
        whole[row : row + change.shape[0]] = change
    return found


def text_changes(changes, component):
    return {name.split(".", 1)[1]: change for name, change in changes.items() if name.startswith(component + ".")}
