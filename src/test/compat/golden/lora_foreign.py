"""lora-foreign: small LoRA files with the layer names of other tools, and the change of every weight that each means.

The shapes are those of pipelines/*-tiny. What the names mean is taken from the tools themselves: XLabs' by the converter
of diffusers, those of the models' own code from the models (Black Forest Labs' flux, Stability AI's sd3 and
generative-models). A part of a fused layer is cut from the product of the matrices, so that no rule of imagerl's reader
is used.
"""

import re

import torch
from common import Draws, read_tensors, write_tensors
from diffusers.loaders.lora_conversion_utils import _convert_xlabs_flux_lora_to_diffusers

RELATIVE = 1e-5
DOWN_UP, A_B = ("lora_down", "lora_up"), ("lora_A", "lora_B")


class Adapter:
    """One file: drawn as its layers are added, or read; so the same code says what the layers of a stored file mean."""

    def __init__(self, draws, stored=None):
        self.draws, self.stored, self.tensors = draws, stored, {}

    def pair(self, names, shape, rank, kind=torch.float32):
        """The two matrices of a layer of a shape, by the names that they have in the file."""
        if self.stored is None:
            up = (shape[0], rank) + (1,) * (len(shape) - 2)
            made = self.draws.normal(rank, *shape[1:]).to(kind), self.draws.normal(*up).to(kind)
        else:
            made = tuple(self.stored[name] for name in names)
        self.tensors |= dict(zip(names, made))
        return made

    def alpha(self, name, value):
        self.tensors[name] = torch.tensor(value) if self.stored is None else self.stored[name]
        return float(self.tensors[name])


def change(down, up, scale=1.0):
    down, up = down.float(), up.float()
    return scale * (up.flatten(1) @ down.flatten(1)).reshape(up.shape[0], *down.shape[1:])


def renamed(adapter, model, prefixes, kind, words, alpha):
    """Diffusers' names after another tool's prefixes; at most eight layers of a component."""
    expected, count = {}, {}
    wanted = re.compile(r"to_q$|to_out|conv1$|proj_in$|q_proj$|fc1$|net\.2$|pos_embed|context_embedder|norm1.linear")
    for number, (path, shape) in enumerate(model.items()):
        component, layer = path.split(".", 1)
        count[component] = count.get(component, 0) + 1 if wanted.search(layer) else count.get(component, 0)
        if component not in prefixes or not wanted.search(layer) or count[component] > 8:
            continue
        key = prefixes[component] + layer
        down, up = adapter.pair([f"{key}.{word}.weight" for word in words], shape, 1 + number % 3, kind)
        scale = adapter.alpha(key + ".alpha", alpha) / len(down) if alpha else 1
        expected[path] = change(down, up, scale)
    return expected


def own_flux(adapter, model):
    expected = {}

    def add(own, parts, rank, alpha, swap=False):
        rows = [model[f"transformer.{part}"][0] for part in parts]
        key = f"diffusion_model.{own}"
        names = [f"{key}.lora_down.weight", f"{key}.lora_up.weight"]
        shape = (sum(rows), model[f"transformer.{parts[0]}"][1])
        down, up = adapter.pair(names, shape, rank, torch.bfloat16)
        whole = change(down, up, adapter.alpha(f"{key}.alpha", alpha) / len(down))
        if swap:
            shift, scale = whole.chunk(2)
            whole = torch.cat([scale, shift])
        expected.update({f"transformer.{part}": rows for part, rows in zip(parts, whole.split(rows))})

    number = max(int(path.split(".")[2]) for path in model if path.startswith("transformer.single_transformer_blocks."))
    double, single, own_single = "transformer_blocks.0.", f"single_transformer_blocks.{number}.", f"single_blocks.{number}."
    add("double_blocks.0.img_attn.qkv", [double + f"attn.to_{x}" for x in "qkv"], 4, 2.0)
    add("double_blocks.0.txt_attn.qkv", [double + f"attn.add_{x}_proj" for x in "qkv"], 2, 2.0)
    add("double_blocks.0.txt_mod.lin", [double + "norm1_context.linear"], 2, 1.0)
    add("double_blocks.0.txt_mlp.2", [double + "ff_context.net.2"], 2, 1.0)
    add(own_single + "linear1", [single + f"attn.to_{x}" for x in "qkv"] + [single + "proj_mlp"], 4, 8.0)
    add(own_single + "linear2", [single + "proj_out"], 4, 8.0)
    add(own_single + "modulation.lin", [single + "norm.linear"], 4, 8.0)
    add("img_in", ["x_embedder"], 2, 1.0)
    add("txt_in", ["context_embedder"], 2, 1.0)
    add("time_in.in_layer", ["time_text_embed.timestep_embedder.linear_1"], 2, 1.0)
    add("vector_in.out_layer", ["time_text_embed.text_embedder.linear_2"], 2, 1.0)
    add("guidance_in.out_layer", ["time_text_embed.guidance_embedder.linear_2"], 2, 1.0)
    add("final_layer.linear", ["proj_out"], 2, 1.0)
    add("final_layer.adaLN_modulation.1", ["norm_out.linear"], 2, 1.0, swap=True)
    return expected


def own_sd3(adapter, model):
    expected = {}
    layers = {"x_block.attn.qkv": [f"attn.to_{x}" for x in "qkv"],
              "context_block.attn.qkv": [f"attn.add_{x}_proj" for x in "qkv"],
              "x_block.attn.proj": ["attn.to_out.0"], "x_block.mlp.fc1": ["ff.net.0.proj"],
              "x_block.adaLN_modulation.1": ["norm1.linear"]}
    named = {f"joint_blocks.0.{own}": [f"transformer_blocks.0.{x}" for x in parts] for own, parts in layers.items()}
    named |= {"context_embedder": ["context_embedder"], "x_embedder.proj": ["pos_embed.proj"],
              "t_embedder.mlp.2": ["time_text_embed.timestep_embedder.linear_2"], "final_layer.linear": ["proj_out"]}
    for own, parts in named.items():
        rows = [model[f"transformer.{part}"][0] for part in parts]
        shape = (sum(rows), *model[f"transformer.{parts[0]}"][1:])
        down, up = adapter.pair([f"diffusion_model.{own}.{word}.weight" for word in A_B], shape, 2, torch.float16)
        expected |= {f"transformer.{p}": x for p, x in zip(parts, change(down, up).split(rows))}
    return expected


def xlabs(adapter, model):
    width = model["transformer.transformer_blocks.0.attn.to_q"][0]
    wide = model["transformer.single_transformer_blocks.0.proj_out"][1]
    for layer, shape in {"double_blocks.0.processor.qkv_lora1": (3 * width, width),
                         "double_blocks.0.processor.qkv_lora2": (3 * width, width),
                         "double_blocks.0.processor.proj_lora1": (width, width),
                         "double_blocks.0.processor.proj_lora2": (width, width),
                         "single_blocks.0.processor.qkv_lora": (3 * width, width),
                         "single_blocks.0.processor.proj_lora": (width, wide)}.items():
        adapter.pair([f"{layer}.down.weight", f"{layer}.up.weight"], shape, 2)
    converted = _convert_xlabs_flux_lora_to_diffusers(dict(adapter.tensors))
    return {key[:-14]: change(down, converted[key.replace("lora_A", "lora_B")])
            for key, down in converted.items() if key.endswith(".lora_A.weight")}


def own_unet(adapter, model):
    """Stability AI's numbers of blocks, for two residual blocks in each block on the way down."""
    expected = {}
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
        down, up = adapter.pair([f"diffusion_model.{own}.{word}.weight" for word in A_B], shape, 2, torch.float16)
        expected[path] = change(down, up)
    return expected


def cases():
    """By name: the checkpoint, and what adds the layers to an adapter and returns their changes."""
    half, brain = torch.float16, torch.bfloat16
    text = "text_encoders.clip_{}.transformer."
    comfyui = {"transformer": "diffusion_model.", "text_encoder": text.format("l"), "text_encoder_2": text.format("g")}
    onetrainer = {"unet": "lora_unet.", "text_encoder": "lora_te."}
    return {
        "sd-onetrainer": ("sd", lambda a, m: renamed(a, m, onetrainer, brain, DOWN_UP, 3.0)),
        "sd-bare": ("sd", lambda a, m: renamed(a, m, {"unet": ""}, half, A_B, None)),
        "sd3-bare": ("sd3", lambda a, m: renamed(a, m, {"transformer": ""}, torch.float32, A_B, None)),
        "sd3-comfyui-text": ("sd3", lambda a, m: renamed(a, m, comfyui, brain, A_B, 2.0)),
        "sd3-comfyui": ("sd3", own_sd3),
        "flux-comfyui": ("flux", own_flux),
        "flux-xlabs": ("flux", xlabs),
        "sdxl-comfyui": ("sdxl", own_unet),
    }


def shapes(folder):
    found = {}
    for component in ("unet", "transformer", "text_encoder", "text_encoder_2"):
        for file in sorted((folder / component).glob("*.safetensors")):
            for key, value in sorted(read_tensors(file).items()):
                if key.endswith(".weight") and value.ndim in (2, 4):
                    found[f"{component}.{key[:-7]}"] = tuple(value.shape)
    return found


def make(out, seed, _):
    for name, (family, build) in cases().items():
        checkpoint = out / f"pipelines/{family}-tiny"
        if not checkpoint.is_dir():
            raise SystemExit(f"{checkpoint} is absent: make the kind pipelines before lora-foreign")
        adapter = Adapter(Draws(seed, f"lora-foreign/{name}"))
        expected = build(adapter, shapes(checkpoint))
        write_tensors(out / f"lora-foreign/{name}.safetensors", adapter.tensors)
        write_tensors(out / f"lora-foreign/{name}.expected", {f"{path}.weight": value for path, value in expected.items()})


def check(golden, report, _):
    for name, (_, build) in cases().items():
        file = golden / f"lora-foreign/{name}.safetensors"
        if not file.exists():
            report.skip(f"lora-foreign/{name}", "no such file")
            continue
        expected = {key.removesuffix(".weight"): value for key, value in read_tensors(file.with_suffix(".expected")).items()}
        adapter = Adapter(None, read_tensors(file))
        changes = build(adapter, {path: tuple(value.shape) for path, value in expected.items()})
        report.equal(f"lora-foreign/{name} names", sorted(adapter.tensors), sorted(adapter.stored))
        report.tensors(f"lora-foreign/{name}", changes, expected, RELATIVE)
