"""One kind of work of a denoiser in diffusers and peft, in a process of its own. Called by passes.py; prints lines as `imagerl bench` does.

    python passes_diffusers.py SHAPE WORK --latent-size 64 --blocks 2 --repeats 3
"""

import argparse
import re
import sys
import time

import torch
from peft import LoraConfig


def sd15(args):
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    config = dict(cross_attention_dim=768, sample_size=64, attention_head_dim=8)
    text = torch.randn(1, 77, 768)
    latents = torch.randn(1, 4, args.latent_size, args.latent_size)
    return UNet2DConditionModel, config, lambda net: net(latents, torch.tensor([500]), text, return_dict=False)[0]


def sd35_medium(args):
    from diffusers.models.transformers.transformer_sd3 import SD3Transformer2DModel

    config = dict(
        sample_size=args.latent_size, pos_embed_max_size=args.latent_size // 2, num_layers=args.blocks,
        attention_head_dim=64, num_attention_heads=24, caption_projection_dim=1536, qk_norm="rms_norm",
        dual_attention_layers=tuple(range(int(args.blocks * 13 / 24 + 0.5))))
    text, pooled = torch.randn(1, 333, 4096), torch.randn(1, 2048)
    latents = torch.randn(1, 16, args.latent_size, args.latent_size)
    return SD3Transformer2DModel, config, lambda net: net(
        latents, text, pooled, torch.tensor([500.0]), return_dict=False)[0]


def flux(args):
    from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel

    config = dict(num_layers=args.blocks, num_single_layers=2 * args.blocks, guidance_embeds=True)
    text, pooled = torch.randn(1, 512, 4096), torch.randn(1, 768)
    side = args.latent_size // 2
    patches = torch.randn(1, side * side, 64)
    places = torch.stack([torch.zeros(side, side), *torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")], -1)
    places, words = places.reshape(-1, 3).float(), torch.zeros(512, 3)
    return FluxTransformer2DModel, config, lambda net: net(
        patches, text, pooled, torch.tensor([0.5]), places, words,
        torch.tensor([3.5]), return_dict=False)[0]




SHAPES = {"sd15": sd15, "sd35-medium": sd35_medium, "flux": flux}
JOINT = ["attn." + name for name in (
    "to_q", "to_k", "to_v", "to_out.0", "add_q_proj", "add_k_proj", "add_v_proj", "to_add_out")]
TARGETS = {"sd15": ["to_q", "to_k", "to_v", "to_out.0"], "sd35-medium": JOINT, "flux": JOINT}


def network(kind, config):
    with torch.device("meta"):
        net = kind(**config)
    net.to_empty(device="cpu")
    with torch.no_grad():
        for name, weight in [*net.named_parameters(), *net.named_buffers()]:
            weight.uniform_(-0.02, 0.02) if weight.ndim > 1 else weight.fill_(1 if name.endswith("weight") else 0)
    return net.requires_grad_(False)


def memory(field):
    return 1024 * int(re.search(field + r":\s+(\d+)", open("/proc/self/status").read()).group(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("work", choices=["forward", "step", "checkpointed-step"])
    parser.add_argument("--latent-size", type=int, default=64)
    parser.add_argument("--blocks", type=int, default=2)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    kind, config, call = SHAPES[args.shape](args)
    net = network(kind, config)
    if args.work != "forward":
        net.add_adapter(LoraConfig(
            r=args.rank, lora_alpha=args.rank, target_modules=TARGETS[args.shape], init_lora_weights="gaussian"))
    if args.work == "checkpointed-step":
        net.enable_gradient_checkpointing()
        net.train()
    trained = [weight for weight in net.parameters() if weight.requires_grad]
    print(f"{args.shape}; {len(trained)} trained tensors; {memory('VmRSS') / 1e9:.3f} GB resident with the weights")
    cotangent = None
    for _ in range(args.repeats):
        clock, processor = time.perf_counter(), time.process_time()
        if args.work == "forward":
            with torch.no_grad():
                call(net)
        else:
            y = call(net)
            cotangent = torch.randn(y.shape) if cotangent is None else cotangent
            y.backward(cotangent)
            del y
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        print(f"clock {clock:.3f} s, processor {processor:.3f} s, peak {memory('VmHWM') / 1e9:.3f} GB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
