"""Weights of diffusers and transformers in the layout of the models' own code, as single-file checkpoints have them.

The rules are those of diffusers' published conversions (loaders/single_file_utils.py), read backwards. They work on tensors
with and without content (torch's device "meta"), so that layouts of real size are made in no memory.
"""

import re

import torch

UNET_OUTSIDE = {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2", "conv_in": "input_blocks.0.0",
                "conv_norm_out": "out.0", "conv_out": "out.2", "add_embedding.linear_1": "label_emb.0.0",
                "add_embedding.linear_2": "label_emb.0.2"}
UNET_RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0", "conv2": "out_layers.3",
               "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection"}


def resnet(rest):
    layer, weight = rest.rsplit(".", 1)
    return f"{UNET_RESNET[layer]}.{weight}"


def unet(state):
    blocks = 1 + max(int(key.split(".")[3]) for key in state if key.startswith("down_blocks.0.resnets."))
    attending = {key.split(".")[1] for key in state if re.match(r"up_blocks\.\d+\.attentions", key)}
    own = {}
    for key, tensor in state.items():
        layer, weight = key.rsplit(".", 1)
        part = key.split(".")
        if layer in UNET_OUTSIDE:
            name = f"{UNET_OUTSIDE[layer]}.{weight}"
        elif part[0] == "mid_block":
            rest = ".".join(part[3:])
            name = f"middle_block.1.{rest}" if part[1] == "attentions" else f"middle_block.{2 * int(part[2])}.{resnet(rest)}"
        else:
            down, level, kind, number, rest = part[0] == "down_blocks", int(part[1]), part[2], int(part[3]), ".".join(part[4:])
            first = (1 if down else 0) + level * (blocks + 1)
            if kind == "downsamplers":
                name = f"input_blocks.{first + blocks}.0.op.{weight}"
            elif kind == "upsamplers":
                name = f"output_blocks.{first + blocks}.{2 if part[1] in attending else 1}.{rest}"
            else:
                side = "input" if down else "output"
                name = f"{side}_blocks.{first + number}." + (f"1.{rest}" if kind == "attentions" else f"0.{resnet(rest)}")
        own[name] = tensor
    return own


def vae(state):
    levels = 1 + max(int(key.split(".")[2]) for key in state if key.startswith("decoder.up_blocks."))
    attention = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
    own = {}
    for key, tensor in state.items():
        name = key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
        name = re.sub(r"down_blocks\.(\d+)\.resnets", r"down.\1.block", name)
        name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", name)
        name = re.sub(r"up_blocks\.(\d+)\.resnets", lambda found: f"up.{levels - 1 - int(found[1])}.block", name)
        name = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0", lambda found: f"up.{levels - 1 - int(found[1])}.upsample", name)
        name = re.sub(r"mid_block\.resnets\.(\d)", lambda found: f"mid.block_{int(found[1]) + 1}", name)
        inside = re.match(r"(.+)mid_block\.attentions\.0\.(.+)\.(weight|bias)$", name)
        if inside:
            name = f"{inside[1]}mid.attn_1.{attention[inside[2]]}.{inside[3]}"
            tensor = tensor[:, :, None, None] if tensor.ndim == 2 else tensor
        own[name] = tensor
    return own


def open_clip(state, unused_layer=None, projection=None):
    """OpenCLIP's layout; SD 2 has a last layer and a projection that its text encoder does not use."""
    outside = {"text_model.embeddings.token_embedding.weight": "token_embedding.weight",
               "text_model.embeddings.position_embedding.weight": "positional_embedding",
               "text_model.final_layer_norm.weight": "ln_final.weight", "text_model.final_layer_norm.bias": "ln_final.bias"}
    inside = {"self_attn.out_proj": "attn.out_proj", "layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc",
              "mlp.fc2": "mlp.c_proj"}
    own = {}
    for key, tensor in state.items():
        layer = re.match(r"text_model\.encoder\.layers\.(\d+)\.(.+)\.(weight|bias)$", key)
        if key == "text_projection.weight":
            own["text_projection"] = tensor.T.contiguous()
        elif not layer:
            own[outside[key]] = tensor
        elif layer[2] in inside:
            own[f"transformer.resblocks.{layer[1]}.{inside[layer[2]]}.{layer[3]}"] = tensor
        elif layer[2] == "self_attn.q_proj":
            whole = torch.cat([state[key.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")])
            own[f"transformer.resblocks.{layer[1]}.attn.in_proj_{layer[3]}"] = whole
    if unused_layer is not None:
        last = max(int(key.split(".")[2]) for key in own if key.startswith("transformer."))
        for key in [key for key in own if key.startswith(f"transformer.resblocks.{last}.")]:
            own[key.replace(f".{last}.", f".{last + 1}.", 1)] = unused_layer(own[key])
        own["text_projection"] = unused_layer(projection)
    own["logit_scale"] = torch.zeros((), device=own["ln_final.bias"].device)
    return own


def halves_swapped(tensor):
    first, second = tensor.chunk(2)
    return torch.cat([second, first])


def joint(state, outside, inside, block_names, fused):
    """Renames layer by layer; joins what is one layer in the own code; swaps scale and shift of the last norms."""
    own = {}
    for key, tensor in state.items():
        layer, weight = key.rsplit(".", 1)
        block = re.match(r"((?:single_)?transformer_blocks)\.(\d+)\.(.+)$", layer)
        place = f"{block_names[block[1]]}.{block[2]}." if block else ""
        names = inside[block[1]] if block else outside
        short = block[3] if block else layer
        whole = next((name for name, parts in fused.get(block[1], {}).items() if short in parts), None) if block else None
        if whole:
            parts = fused[block[1]][whole]
            if short == parts[0]:
                prefix = layer[: len(layer) - len(short)]
                own[f"{place}{whole}.{weight}"] = torch.cat([state[f"{prefix}{part}.{weight}"] for part in parts])
            continue
        name = names[short]
        width = state[f"{layer}.weight"].shape
        last_text = name == "context_block.adaLN_modulation.1" and width[0] == 2 * width[1]
        swapped = name.startswith("final_layer.adaLN_modulation") or last_text
        end = "scale" if name.endswith(("query_norm", "key_norm")) else weight
        own[f"{place}{name}.{end}"] = halves_swapped(tensor) if swapped else tensor
    return own


def sd3(state):
    embedders = {"timestep_embedder": "t_embedder", "text_embedder": "y_embedder"}
    outside = {"pos_embed.proj": "x_embedder.proj", "context_embedder": "context_embedder", "proj_out": "final_layer.linear",
               "norm_out.linear": "final_layer.adaLN_modulation.1"}
    outside |= {f"time_text_embed.{theirs}.linear_{i}": f"{own}.mlp.{2 * i - 2}" for theirs, own in embedders.items() for i in (1, 2)}
    inside = {"attn.to_out.0": "x_block.attn.proj", "attn2.to_out.0": "x_block.attn2.proj", "attn.to_add_out": "context_block.attn.proj",
              "norm1.linear": "x_block.adaLN_modulation.1", "norm1_context.linear": "context_block.adaLN_modulation.1"}
    for theirs, own in {"ff": "x_block", "ff_context": "context_block"}.items():
        inside |= {f"{theirs}.net.0.proj": f"{own}.mlp.fc1", f"{theirs}.net.2": f"{own}.mlp.fc2"}
    for letter in "qk":
        inside |= {f"attn.norm_{letter}": f"x_block.attn.ln_{letter}", f"attn2.norm_{letter}": f"x_block.attn2.ln_{letter}",
                   f"attn.norm_added_{letter}": f"context_block.attn.ln_{letter}"}
    fused = {"x_block.attn.qkv": [f"attn.to_{letter}" for letter in "qkv"], "x_block.attn2.qkv": [f"attn2.to_{letter}" for letter in "qkv"],
             "context_block.attn.qkv": [f"attn.add_{letter}_proj" for letter in "qkv"]}
    state = dict(state)
    positions = state.pop("pos_embed.pos_embed")
    blocks = {"transformer_blocks": "joint_blocks"}
    return {"pos_embed": positions} | joint(state, outside, {"transformer_blocks": inside}, blocks, {"transformer_blocks": fused})


def flux(state):
    embedders = {"timestep_embedder": "time_in", "text_embedder": "vector_in", "guidance_embedder": "guidance_in"}
    outside = {"x_embedder": "img_in", "context_embedder": "txt_in", "proj_out": "final_layer.linear",
               "norm_out.linear": "final_layer.adaLN_modulation.1"}
    for theirs, own in embedders.items():
        outside |= {f"time_text_embed.{theirs}.linear_{i}": f"{own}.{place}_layer" for i, place in ((1, "in"), (2, "out"))}
    double = {"attn.to_out.0": "img_attn.proj", "attn.to_add_out": "txt_attn.proj", "norm1.linear": "img_mod.lin",
              "norm1_context.linear": "txt_mod.lin", "ff.net.0.proj": "img_mlp.0", "ff.net.2": "img_mlp.2",
              "ff_context.net.0.proj": "txt_mlp.0", "ff_context.net.2": "txt_mlp.2"}
    single = {"proj_out": "linear2", "norm.linear": "modulation.lin"}
    for letter, norm in (("q", "query_norm"), ("k", "key_norm")):
        double |= {f"attn.norm_{letter}": f"img_attn.norm.{norm}", f"attn.norm_added_{letter}": f"txt_attn.norm.{norm}"}
        single |= {f"attn.norm_{letter}": f"norm.{norm}"}
    queries = [f"attn.to_{letter}" for letter in "qkv"]
    fused = {"transformer_blocks": {"img_attn.qkv": queries, "txt_attn.qkv": [f"attn.add_{letter}_proj" for letter in "qkv"]},
             "single_transformer_blocks": {"linear1": [*queries, "proj_mlp"]}}
    blocks = {"transformer_blocks": "double_blocks", "single_transformer_blocks": "single_blocks"}
    return joint(state, outside, {"transformer_blocks": double, "single_transformer_blocks": single}, blocks, fused)


def prefixed(prefix, state):
    return {prefix + key: tensor for key, tensor in state.items()}


def without_buffers(state):
    """What is written: since transformers 4.31 no position ids, and T5's embedding once."""
    return {key: tensor for key, tensor in state.items() if not key.endswith(("position_ids", "encoder.embed_tokens.weight"))}


def whole(pipe, unused_layer=None):
    """A pipeline as a single file, by its class and its text encoder."""
    states = {name: without_buffers(part.state_dict()) for name, part in pipe.items() if part is not None}
    if "unet" in states:
        own = prefixed("model.diffusion_model.", unet(states["unet"])) | prefixed("first_stage_model.", vae(states["vae"]))
        if "text_encoder_2" in states:
            return own | prefixed("conditioner.embedders.0.transformer.", states["text_encoder"]) | prefixed(
                "conditioner.embedders.1.model.", open_clip(states["text_encoder_2"]))
        if unused_layer:
            width = pipe["text_encoder"].config.hidden_size
            projection = torch.empty(width, width, device=next(pipe["text_encoder"].parameters()).device)
            return own | prefixed("cond_stage_model.model.", open_clip(states["text_encoder"], unused_layer, projection))
        return own | prefixed("cond_stage_model.transformer.", states["text_encoder"])
    is_flux = "single_transformer_blocks.0.norm.linear.weight" in states["transformer"]
    own = prefixed("model.diffusion_model.", (flux if is_flux else sd3)(states["transformer"]))
    names = {"text_encoder": "clip_l", "text_encoder_2": "t5xxl" if is_flux else "clip_g", "text_encoder_3": "t5xxl"}
    for part, name in names.items():
        own |= prefixed(f"text_encoders.{name}.transformer.", states.get(part, {}))
    return own | prefixed("vae." if is_flux else "first_stage_model.", vae(states["vae"]))
