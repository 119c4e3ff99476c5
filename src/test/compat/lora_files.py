"""Makes small LoRA files with the layer names of other tools, and the change of every weight that each means.

    python lora_files.py GOLDEN [SDXL_FOLDER]

Writes GOLDEN/lora-foreign/NAME.safetensors and NAME.expected, which GoldenForeignLoraTest compares with what imagerl reads.
The shapes are those of GOLDEN/pipelines/*-tiny; with SDXL_FOLDER, a tiny SDXL checkpoint in the layout of diffusers, there
are cases of SDXL too. What the names mean is taken from the tools themselves: XLabs' by the converter of diffusers, those of
the models' own code from the models (Black Forest Labs' flux, Stability AI's sd3 and generative-models), and a part of a
fused layer is cut from the product of the matrices, so that no rule of imagerl's reader is used.
"""

import re
import sys
from pathlib import Path

import torch
from diffusers.loaders.lora_conversion_utils import _convert_xlabs_flux_lora_to_diffusers
from safetensors.torch import load_file, save_file

KINDS = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def shapes(folder):
    found = {}
    for component in ("unet", "transformer", "text_encoder", "text_encoder_2"):
        for file in sorted((folder / component).glob("*.safetensors")):
            for key, value in load_file(file).items():
                if key.endswith(".weight") and value.ndim in (2, 4):
                    found[f"{component}.{key[:-7]}"] = value.shape
    return found


def pair(shape, rank, kind):
    up = (shape[0], rank) + (1,) * (len(shape) - 2)
    return torch.randn(rank, *shape[1:]).to(kind), torch.randn(up).to(kind)


def change(down, up, scale):
    down, up = down.float(), up.float()
    return scale * (up.flatten(1) @ down.flatten(1)).reshape(up.shape[0], *down.shape[1:])


def write(out, name, tensors, expected):
    save_file({k: v.contiguous() for k, v in tensors.items()}, out / f"{name}.safetensors")
    save_file({f"{k}.weight": v.contiguous() for k, v in expected.items()}, out / f"{name}.expected")
    print(name, len(tensors), "tensors,", len(expected), "weights")


def renamed(out, name, model, prefixes, kind, words, alpha):
    """Diffusers' names after another tool's prefixes; at most eight layers of a component."""
    tensors, expected, count = {}, {}, {}
    wanted = re.compile(r"to_q$|to_out|conv1$|proj_in$|q_proj$|fc1$|net\.2$|pos_embed|context_embedder|norm1.linear")
    for number, (path, shape) in enumerate(model.items()):
        component, layer = path.split(".", 1)
        count[component] = count.get(component, 0) + 1 if wanted.search(layer) else count.get(component, 0)
        if component not in prefixes or not wanted.search(layer) or count[component] > 8:
            continue
        rank = 1 + number % 3
        down, up = pair(shape, rank, KINDS[kind])
        key = prefixes[component] + layer
        tensors |= {f"{key}.{words[0]}.weight": down, f"{key}.{words[1]}.weight": up}
        if alpha:
            tensors[key + ".alpha"] = torch.tensor(alpha)
        expected[path] = change(down, up, alpha / rank if alpha else 1)
    write(out, name, tensors, expected)


def own_flux(out, model):
    tensors, expected = {}, {}

    def add(own, parts, rank, alpha, swap=False):
        rows = [model[f"transformer.{part}"][0] for part in parts]
        down, up = pair((sum(rows), model[f"transformer.{parts[0]}"][1]), rank, torch.bfloat16)
        key = f"diffusion_model.{own}"
        tensors.update({f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up,
                        f"{key}.alpha": torch.tensor(alpha)})
        whole = change(down, up, alpha / rank)
        if swap:
            shift, scale = whole.chunk(2)
            whole = torch.cat([scale, shift])
        expected.update({f"transformer.{part}": rows for part, rows in zip(parts, whole.split(rows))})

    double, single = "transformer_blocks.0.", "single_transformer_blocks.1."
    add("double_blocks.0.img_attn.qkv", [double + f"attn.to_{x}" for x in "qkv"], 4, 2.0)
    add("double_blocks.0.txt_attn.qkv", [double + f"attn.add_{x}_proj" for x in "qkv"], 2, 2.0)
    add("double_blocks.0.txt_mod.lin", [double + "norm1_context.linear"], 2, 1.0)
    add("double_blocks.0.txt_mlp.2", [double + "ff_context.net.2"], 2, 1.0)
    add("single_blocks.1.linear1", [single + f"attn.to_{x}" for x in "qkv"] + [single + "proj_mlp"], 4, 8.0)
    add("single_blocks.1.linear2", [single + "proj_out"], 4, 8.0)
    add("single_blocks.1.modulation.lin", [single + "norm.linear"], 4, 8.0)
    add("img_in", ["x_embedder"], 2, 1.0)
    add("txt_in", ["context_embedder"], 2, 1.0)
    add("time_in.in_layer", ["time_text_embed.timestep_embedder.linear_1"], 2, 1.0)
    add("vector_in.out_layer", ["time_text_embed.text_embedder.linear_2"], 2, 1.0)
    add("guidance_in.out_layer", ["time_text_embed.guidance_embedder.linear_2"], 2, 1.0)
    add("final_layer.linear", ["proj_out"], 2, 1.0)
    add("final_layer.adaLN_modulation.1", ["norm_out.linear"], 2, 1.0, swap=True)
    write(out, "flux-comfyui", tensors, expected)


def own_sd3(out, model):
    tensors, expected = {}, {}
    layers = {"x_block.attn.qkv": [f"attn.to_{x}" for x in "qkv"],
              "context_block.attn.qkv": [f"attn.add_{x}_proj" for x in "qkv"],
              "x_block.attn.proj": ["attn.to_out.0"], "x_block.mlp.fc1": ["ff.net.0.proj"],
              "x_block.adaLN_modulation.1": ["norm1.linear"]}
    named = {f"joint_blocks.0.{own}": [f"transformer_blocks.0.{x}" for x in parts] for own, parts in layers.items()}
    named |= {"context_embedder": ["context_embedder"], "x_embedder.proj": ["pos_embed.proj"],
              "t_embedder.mlp.2": ["time_text_embed.timestep_embedder.linear_2"], "final_layer.linear": ["proj_out"]}
    for own, parts in named.items():
        rows = [model[f"transformer.{part}"][0] for part in parts]
        shape = model[f"transformer.{parts[0]}"]
        down, up = pair((sum(rows), *shape[1:]), 2, torch.float16)
        tensors |= {f"diffusion_model.{own}.lora_A.weight": down, f"diffusion_model.{own}.lora_B.weight": up}
        expected |= {f"transformer.{p}": x for p, x in zip(parts, change(down, up, 1).split(rows))}
    write(out, "sd3-comfyui", tensors, expected)


def xlabs(out, model):
    tensors, expected = {}, {}
    width = model["transformer.transformer_blocks.0.attn.to_q"][0]
    wide = model["transformer.single_transformer_blocks.0.proj_out"][1]
    for layer, shape in {"double_blocks.0.processor.qkv_lora1": (3 * width, width),
                         "double_blocks.0.processor.qkv_lora2": (3 * width, width),
                         "double_blocks.0.processor.proj_lora1": (width, width),
                         "double_blocks.0.processor.proj_lora2": (width, width),
                         "single_blocks.0.processor.qkv_lora": (3 * width, width),
                         "single_blocks.0.processor.proj_lora": (width, wide)}.items():
        down, up = pair(shape, 2, torch.float32)
        tensors |= {f"{layer}.down.weight": down, f"{layer}.up.weight": up}
    converted = _convert_xlabs_flux_lora_to_diffusers(dict(tensors))
    for key, down in converted.items():
        if key.endswith(".lora_A.weight"):
            expected[key[:-14]] = change(down, converted[key.replace("lora_A", "lora_B")], 1)
    write(out, "flux-xlabs", tensors, expected)


def own_unet(out, model):
    """Stability AI's numbers of blocks, for two residual blocks in each block on the way down."""
    tensors, expected = {}, {}
    for path, shape in model.items():
        block = re.fullmatch(r"unet\.(down|up)_blocks\.(\d)\.(resnets|attentions)\.(\d)\.(.+)", path)
        small = block and (re.search(r"transformer_blocks\.0\.attn1\.to_q$", path) or
                           re.search(r"down_blocks\.0\.resnets\.\d\.conv1$", path))
        if small:
            place = int(block[2]) * 3 + int(block[4]) + (block[1] == "down")
            inside = "0.in_layers.2" if block[3] == "resnets" else f"1.{block[5]}"
            own = f"{'input' if block[1] == 'down' else 'output'}_blocks.{place}.{inside}"
        elif path == "unet.mid_block.attentions.0.proj_in":
            own = "middle_block.1.proj_in"
        elif path == "unet.time_embedding.linear_2":
            own = "time_embed.2"
        else:
            continue
        down, up = pair(shape, 2, torch.float16)
        tensors |= {f"diffusion_model.{own}.lora_A.weight": down, f"diffusion_model.{own}.lora_B.weight": up}
        expected[path] = change(down, up, 1)
    write(out, "sdxl-comfyui", tensors, expected)


def main(golden, sdxl):
    out = golden / "lora-foreign"
    out.mkdir(exist_ok=True)
    torch.manual_seed(5)
    sd, sd3, flux = (shapes(golden / f"pipelines/{name}-tiny") for name in ("sd", "sd3", "flux"))
    down_up, a_b = ("lora_down", "lora_up"), ("lora_A", "lora_B")
    renamed(out, "sd-onetrainer", sd, {"unet": "lora_unet.", "text_encoder": "lora_te."}, "bfloat16", down_up, 3.0)
    renamed(out, "sd-bare", sd, {"unet": ""}, "float16", a_b, None)
    renamed(out, "sd3-bare", sd3, {"transformer": ""}, "float32", a_b, None)
    text = "text_encoders.clip_{}.transformer."
    encoders = {"text_encoder": text.format("l"), "text_encoder_2": text.format("g")}
    renamed(out, "sd3-comfyui-text", sd3, {"transformer": "diffusion_model."} | encoders, "bfloat16", a_b, 2.0)
    own_flux(out, flux)
    own_sd3(out, sd3)
    xlabs(out, flux)
    if sdxl:
        own_unet(out, shapes(sdxl))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
