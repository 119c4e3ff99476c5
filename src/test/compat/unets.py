"""Makes golden cases of UNets without a middle block and with an embedding of the guidance scale, by diffusers on the CPU.

    python unets.py GOLDEN

Writes GOLDEN/models/unet-no-middle, unet-plain-middle and unet-guidance in the layout that README.md there describes. The
case with guidance has the scale s as an input; diffusers is given get_guidance_scale_embedding(s - 1), as its pipelines do.
"""

import json
import sys
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import save_file

SEED = 11
SMALL = {"block_out_channels": (8, 16), "layers_per_block": 1, "norm_num_groups": 4, "attention_head_dim": 2,
         "cross_attention_dim": 12, "sample_size": 8, "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
         "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D")}


def make(folder, **more):
    torch.manual_seed(SEED)
    unet = UNet2DConditionModel(**SMALL, **more).eval()
    with torch.no_grad():
        for parameter in unet.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    unet.save_pretrained(folder)
    inputs = {"sample": torch.randn(2, 4, 8, 8), "encoder_hidden_states": torch.randn(2, 5, 12)}
    inputs = {name: tensor.requires_grad_() for name, tensor in inputs.items()}
    fixed = {"timestep": torch.tensor([981, 20])}
    condition = None
    if unet.config.time_cond_proj_dim:
        fixed["guidance"] = torch.tensor([7.5, 1.25])
        embedding = StableDiffusionPipeline.get_guidance_scale_embedding
        condition = embedding(None, fixed["guidance"] - 1, unet.config.time_cond_proj_dim)
    out = unet(inputs["sample"], fixed["timestep"], inputs["encoder_hidden_states"], timestep_cond=condition).sample
    cotangent = torch.randn_like(out)
    (out * cotangent).sum().backward()
    tensors = {f"in.{n}": t for n, t in (inputs | fixed).items()} | {"out.sample": out, "cotangent.sample": cotangent}
    tensors |= {f"grad.in.{n}": t.grad for n, t in inputs.items()}
    keys = ["conv_in.weight", "time_embedding.linear_1.weight", "up_blocks.0.resnets.0.conv1.weight"]
    keys += ["time_embedding.cond_proj.weight"] if condition is not None else []
    named = dict(unet.named_parameters())
    tensors |= {f"grad.weight.{key}": named[key].grad for key in keys}
    save_file({n: t.detach().contiguous() for n, t in tensors.items()}, folder / "io.safetensors")
    case = {"kind": "unet", "model_class": "UNet2DConditionModel", "inputs": sorted(inputs | fixed),
            "outputs": ["sample"], "forward_rtol": 1e-4, "grad_rtol": 1e-3}
    (folder / "case.json").write_text(json.dumps(case, indent=1))
    print(folder, tuple(out.shape))


if __name__ == "__main__":
    models = Path(sys.argv[1]) / "models"
    torch.set_num_threads(1)
    make(models / "unet-no-middle", mid_block_type=None)
    make(models / "unet-plain-middle", mid_block_type="UNetMidBlock2D")
    make(models / "unet-guidance", time_cond_proj_dim=10)
