"""models: networks of diffusers and transformers with random weights, their outputs and gradients."""

import diffusers
import torch
import transformers
from common import BFLOAT16_RTOL, FORWARD_RTOL, GRAD_RTOL, Draws, fill, read_json, read_tensors, write_json, write_tensors


def unet(draws, attention="first", channels=None, **more):
    """A UNet of two levels (three where more channels are given), with attention on the first or on the last level."""
    channels = channels or draws.one_of((16, 32), (8, 24))
    cross = ["CrossAttnDownBlock2D"] * (len(channels) - 1)
    down = ["DownBlock2D", *cross] if attention == "last" else [*cross, "DownBlock2D"]
    up = [name.replace("Down", "Up") for name in reversed(down)]
    config = {"block_out_channels": channels, "down_block_types": down, "up_block_types": up, "layers_per_block": 1,
              "norm_num_groups": 8, "attention_head_dim": draws.one_of(4, 2), "cross_attention_dim": draws.one_of(32, 20),
              "sample_size": 16}
    return "UNet2DConditionModel", config | more


def unet_inputs(draws, config, size=None, tokens=None):
    batch = draws.one_of(2, 1, 3) if size else 2
    height, width = size or draws.one_of((16, 16), (8, 12))
    inputs = {"sample": draws.normal(batch, 4, height, width), "timestep": draws.whole(0, 1000, batch),
              "encoder_hidden_states": draws.normal(batch, tokens or draws.one_of(77, 9), config["cross_attention_dim"])}
    if config.get("num_class_embeds"):
        inputs["class_labels"] = draws.whole(0, config["num_class_embeds"], batch)
    if config.get("time_cond_proj_dim"):
        inputs["guidance"] = draws.whole(4, 13, batch) / 4
    if config.get("addition_embed_type"):
        inputs["text_embeds"] = draws.normal(batch, config["projection_class_embeddings_input_dim"]
                                             - 6 * config["addition_time_embed_dim"])
        inputs["time_ids"] = draws.whole(0, 64, batch, 6).float()
    return inputs


def autoencoder(draws, latent_channels, channels=None, **more):
    channels = channels or draws.one_of((16, 32), (8, 16), (8, 16, 16))
    levels = len(channels)
    return "AutoencoderKL", {"block_out_channels": channels, "down_block_types": ["DownEncoderBlock2D"] * levels,
                             "up_block_types": ["UpDecoderBlock2D"] * levels, "layers_per_block": draws.one_of(1, 2),
                             "norm_num_groups": 8, "latent_channels": latent_channels, "sample_size": 32} | more


def autoencoder_inputs(draws, config):
    height, width = draws.one_of((32, 32), (16, 24))
    factor = 2 ** (len(config["block_out_channels"]) - 1)
    return {"image": draws.uniform(-1, 1, 1, 3, height, width),
            "latent": draws.normal(1, config["latent_channels"], height // factor, width // factor)}


def clip(draws, projection=False, **more):
    width, heads = draws.one_of((32, 4), (24, 3))
    name = "CLIPTextModelWithProjection" if projection else "CLIPTextModel"
    return name, {"vocab_size": draws.one_of(1000, 311), "hidden_size": width, "intermediate_size": 37,
                  "num_attention_heads": heads, "num_hidden_layers": draws.one_of(3, 2), "projection_dim": width,
                  "bos_token_id": 0, "pad_token_id": 1} | more


def clip_inputs(draws, config):
    """Prompts of different lengths between a first token and the last of the vocabulary, which ends and pads."""
    places = config.get("length", 77)
    ids = torch.full((2, places), config["vocab_size"] - 1)
    for row in ids:
        length = int(draws.whole(3, places - 17))
        row[0], row[1:length] = 0, draws.whole(3, config["vocab_size"] - 1, length - 1)
    return {"input_ids": ids}


def similarity(draws, kind):
    """A CLIP or a SigLIP with both towers; the sides of images are no multiple of the patches where the seed says so."""
    width, heads = draws.one_of((24, 3), (16, 2))
    text = {"vocab_size": draws.one_of(99, 70), "hidden_size": 16, "intermediate_size": 37, "num_attention_heads": 2,
            "num_hidden_layers": 2, "max_position_embeddings": 24}
    vision = {"hidden_size": width, "intermediate_size": 40, "num_attention_heads": heads, "num_hidden_layers": draws.one_of(2, 1),
              "image_size": draws.one_of(16, 18), "patch_size": 8}
    if kind == "clip":
        ends = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": draws.one_of(2, text["vocab_size"] - 1)}
        return "CLIPModel", {"text_config": text | ends | {"hidden_act": "quick_gelu"},
                             "vision_config": vision | {"hidden_act": draws.one_of("quick_gelu", "gelu")},
                             "projection_dim": draws.one_of(12, 20)}
    ends = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 1, "projection_size": width}
    return "SiglipModel", {"text_config": text | ends, "vision_config": vision}


def similarity_inputs(draws, config):
    """Images as preprocessing leaves them, and as many prompts of one length, which end and are filled up alike."""
    text, side = config["text_config"], config["vision_config"]["image_size"]
    ids = clip_inputs(draws, text | {"length": text["max_position_embeddings"]})["input_ids"]
    return {"pixel_values": draws.normal(2, 3, side, side), "input_ids": ids}


def t5(draws, **more):
    width, heads = draws.one_of((32, 4), (24, 3))
    return "T5EncoderModel", {"vocab_size": draws.one_of(1000, 290), "d_model": width, "d_kv": 8, "d_ff": 37, "num_heads": heads,
                              "num_layers": 2, "feed_forward_proj": "gated-gelu"} | more


def t5_inputs(draws, config):
    return {"input_ids": draws.whole(0, config["vocab_size"], 2, draws.one_of(77, 40))}


def sd3(draws, **more):
    heads = draws.one_of(4, 3)
    return "SD3Transformer2DModel", {
        "sample_size": 32, "patch_size": 2, "in_channels": 16, "out_channels": 16, "num_layers": 2, "attention_head_dim": 8,
        "num_attention_heads": heads, "joint_attention_dim": draws.one_of(32, 40), "caption_projection_dim": 8 * heads,
        "pooled_projection_dim": draws.one_of(64, 24), "pos_embed_max_size": draws.one_of(24, 20)} | more


def sd3_inputs(draws, config, size=None):
    batch = draws.one_of(2, 1)
    height, width = size or draws.one_of((32, 32), (16, 20))
    return {"hidden_states": draws.normal(batch, 16, height, width), "timestep": draws.uniform(1, 1000, batch),
            "encoder_hidden_states": draws.normal(batch, draws.one_of(20, 11), config["joint_attention_dim"]),
            "pooled_projections": draws.normal(batch, config["pooled_projection_dim"])}


def flux(draws, **more):
    axes = draws.one_of((4, 4, 8), (4, 6, 6))
    return "FluxTransformer2DModel", {
        "patch_size": 1, "in_channels": draws.one_of(64, 16), "num_layers": 1, "num_single_layers": draws.one_of(2, 1),
        "attention_head_dim": sum(axes), "num_attention_heads": 2, "joint_attention_dim": draws.one_of(32, 28),
        "pooled_projection_dim": draws.one_of(32, 20), "guidance_embeds": False, "axes_dims_rope": axes} | more


def flux_inputs(draws, config):
    batch, tokens, (rows, columns) = 2, draws.one_of(12, 7), draws.one_of((8, 8), (5, 6))
    places = torch.zeros(rows, columns, 3)
    places[..., 1], places[..., 2] = torch.arange(rows)[:, None], torch.arange(columns)
    guidance = {"guidance": draws.whole(4, 20, batch) / 4} if config["guidance_embeds"] else {}
    return guidance | {"hidden_states": draws.normal(batch, rows * columns, config["in_channels"]),
                       "encoder_hidden_states": draws.normal(batch, tokens, config["joint_attention_dim"]),
                       "pooled_projections": draws.normal(batch, config["pooled_projection_dim"]),
                       "timestep": draws.uniform(0, 1, batch), "img_ids": places.flatten(0, 1), "txt_ids": torch.zeros(tokens, 3)}


def cases(draws):
    """By name: the kind, the class and its configuration, a function that draws inputs, and a note."""
    small = {"channels": (8, 16), "norm_num_groups": 4, "attention_head_dim": 2, "cross_attention_dim": 12, "sample_size": 8}
    heads = {"attention_head_dim": [2, 4], "use_linear_projection": True}
    text = draws.one_of(32, 24)
    xl = heads | {"transformer_layers_per_block": [1, 2], "addition_embed_type": "text_time", "addition_time_embed_dim": 8,
                  "projection_class_embeddings_input_dim": 48 + text, "cross_attention_dim": 64}
    odd = {"size": draws.one_of((10, 14), (9, 7)), "tokens": 9}
    eos = {"hidden_act": "gelu", "eos_token_id": 999, "vocab_size": 1000}
    rms = {"qk_norm": "rms_norm", "num_layers": 3, "dual_attention_layers": draws.one_of([0, 1], [0], [1])}
    return {
        "unet-sd1": ("unet", unet(draws), unet_inputs, {}),
        "unet-sd1-odd": ("unet", unet(draws, channels=draws.one_of((16, 16, 32), (8, 16, 24))),
                         lambda d, c: unet_inputs(d, c, **odd),
                         {"note": "latent size not divisible by the total down-sampling factor"}),
        "unet-sd2": ("unet", unet(draws, channels=(16, 32), **heads), unet_inputs, {}),
        "unet-sdxl": ("unet", unet(draws, "last", channels=(16, 32), **xl), unet_inputs, {}),
        "unet-class": ("unet", unet(draws, num_class_embeds=draws.one_of(5, 3)), unet_inputs, {}),
        "unet-no-middle": ("unet", unet(draws, mid_block_type=None, **small), unet_inputs, {}),
        "unet-plain-middle": ("unet", unet(draws, mid_block_type="UNetMidBlock2D", **small), unet_inputs, {}),
        "unet-guidance": ("unet", unet(draws, time_cond_proj_dim=draws.one_of(10, 16), **small), unet_inputs,
                          {"note": "diffusers is given get_guidance_scale_embedding(guidance - 1), as by its pipelines"}),
        "vae-sd": ("vae", autoencoder(draws, 4, scaling_factor=0.18215), autoencoder_inputs, {}),
        "vae-sd3": ("vae", autoencoder(draws, 16, scaling_factor=1.5035, shift_factor=0.0609, use_quant_conv=False,
                                       use_post_quant_conv=False), autoencoder_inputs, {}),
        "clip-text": ("clip_text", clip(draws, hidden_act="quick_gelu", eos_token_id=2), clip_inputs,
                      {"note": "eos_token_id 2: pooled at argmax of ids (legacy rule)"}),
        "clip-text-eos": ("clip_text", clip(draws, **eos), clip_inputs, {"note": "pooled at the first eos_token_id"}),
        "clip-text-projection": ("clip_text_projection", clip(draws, True, hidden_act="gelu", eos_token_id=2,
                                                              projection_dim=draws.one_of(32, 20)), clip_inputs, {}),
        "t5-encoder": ("t5", t5(draws), t5_inputs, {}),
        "sd3": ("sd3", sd3(draws), sd3_inputs, {}),
        "sd35": ("sd3", sd3(draws, **rms), sd3_inputs, {}),
        "flux-dev": ("flux", flux(draws, guidance_embeds=True), flux_inputs, {}),
        "flux-schnell": ("flux", flux(draws), flux_inputs, {}),
        "clip-model": ("clip", similarity(draws, "clip"), similarity_inputs, {}),
        "siglip-model": ("siglip", similarity(draws, "siglip"), similarity_inputs, {}),
    }


def create(name, config):
    """A network of a class of diffusers or transformers."""
    if hasattr(diffusers, name):
        return getattr(diffusers, name)(**config)
    kind = getattr(transformers, name)
    return kind(kind.config_class(**config))


def outputs(kind, model, inputs):
    """The outputs by name."""
    if kind == "unet":
        given = dict(inputs)
        position = [given.pop(name) for name in ("sample", "timestep", "encoder_hidden_states")]
        scale = given.pop("guidance", None)
        if scale is not None:
            embedding = diffusers.StableDiffusionPipeline.get_guidance_scale_embedding
            given["timestep_cond"] = embedding(None, scale - 1, model.config.time_cond_proj_dim).to(model.dtype)
        if "text_embeds" in given:
            given["added_cond_kwargs"] = {name: given.pop(name) for name in ("text_embeds", "time_ids")}
        return {"sample": model(*position, **given).sample}
    if kind == "vae":
        latent = model.encode(inputs["image"]).latent_dist
        return {"mean": latent.mean, "logvar": latent.logvar, "image": model.decode(inputs["latent"]).sample}
    if kind in ("sd3", "flux"):
        return {"sample": model(**inputs).sample}
    if kind in ("clip", "siglip"):
        found = model(**inputs)
        return {name: found[name] for name in ("image_embeds", "text_embeds")}
    if kind == "t5":
        return {"last_hidden_state": model(**inputs).last_hidden_state}
    found = model(**inputs, output_hidden_states=True)
    names = ("text_embeds",) if kind == "clip_text_projection" else ("last_hidden_state", "pooler_output")
    return {name: found[name] for name in names} | {"penultimate_hidden_state": found.hidden_states[-2]}


def run(kind, model, inputs, cotangents):
    """Outputs, cotangents (a function of an output's name and shape), and gradients of the sum of output x cotangent."""
    given = {name: tensor.clone().requires_grad_(tensor.is_floating_point()) for name, tensor in inputs.items()}
    made = outputs(kind, model, given)
    weights = {name: cotangents(name, tensor.shape) for name, tensor in made.items()}
    sum((made[name] * weights[name]).sum() for name in made).backward()
    gradients = {f"grad.in.{name}": tensor.grad for name, tensor in given.items() if tensor.grad is not None}
    gradients |= {f"grad.weight.{name}": p.grad for name, p in model.named_parameters() if p.grad is not None}
    return {f"out.{name}": tensor.detach() for name, tensor in made.items()}, weights, gradients


def chosen(gradients, draws):
    """The gradients of inputs and of four weights, none of them so small, or so steep, that it is rounding."""
    sizes = {name: gradient.abs().max().item() for name, gradient in gradients.items()}
    weights = [name for name in sorted(gradients) if name.startswith("grad.weight.") and not name.endswith("bias")
               and gradients[name].numel() <= 10000]
    weights = [name for name in weights if sizes[name] > 1e-3 * max(sizes[other] for other in weights)]
    kept = set(draws.random.permutation(weights)[:4])
    # Networks take the sine of up to 8000 times the guidance scale: in float32 its gradient has three digits.
    inputs = {name for name in gradients if name.startswith("grad.in.") and sizes[name] > 0} - {"grad.in.guidance"}
    return {name: gradient for name, gradient in gradients.items() if name in kept | inputs}


def in_bfloat16(folder):
    """The case computed again with weights and inputs of bfloat16: the same outputs and gradients, by name.

    Numbers whose sines are taken stay float32, as in the pipelines of diffusers. FLUX rounds 1000 times its own; so it gets powers of
    two, which lose nothing, in `in.*`, and `exact.*` has the outputs and gradients in float32 for these.
    """
    case, stored = read_json(folder / "case.json"), read_tensors(folder / "io.safetensors")
    inputs, cotangents, changed = part(stored, "in."), part(stored, "cotangent."), {}
    if case["kind"] == "flux":
        changed = {name: 2.0 ** inputs[name].log2().round() for name in ("timestep", "guidance") if name in inputs}

    def compute(model, given):
        made, _, gradients = run(case["kind"], model, given, lambda name, _: cotangents[name])
        return made | {name: gradient for name, gradient in gradients.items() if name in stored}

    inputs |= changed
    exact = compute(load(folder, case), inputs) if changed else {}
    narrow = {name for name, tensor in inputs.items() if tensor.is_floating_point()} - {"timestep", "guidance", "time_ids"}
    rounded = {name: tensor.bfloat16() if name in narrow else tensor for name, tensor in inputs.items()}
    return (compute(load(folder, case).to(torch.bfloat16), rounded) | {f"in.{name}": tensor for name, tensor in changed.items()}
            | {f"exact.{name}": tensor for name, tensor in exact.items()})


def in_tiles(folder, inputs):
    """The outputs of an autoencoder for larger images, in tiles and one image after the other."""
    model = load(folder, read_json(folder / "case.json"))
    model.enable_tiling()
    model.enable_slicing()
    with torch.no_grad():
        return outputs("vae", model, inputs)


def larger(draws, config):
    """Images of more than a tile, of another size in each direction, and latents of more than a tile."""
    tile, factor = config["sample_size"], 2 ** (len(config["block_out_channels"]) - 1)
    sizes = [tile * part // 8 // factor * factor for part in draws.one_of((12, 9), (8, 15), (19, 6))]
    return {"image": draws.uniform(-1, 1, 2, 3, *sizes), "latent": draws.normal(2, config["latent_channels"], *(n // factor for n in sizes))}


def make(out, seed, _):
    for name, (kind, (class_name, config), draw, more) in cases(Draws(seed, "models")).items():
        draws = Draws(seed, f"models/{name}")
        folder = out / "models" / (name if seed == 11 else f"{name}-{seed}")
        model = fill(create(class_name, config), draws)
        model.save_pretrained(folder)
        inputs = draw(draws, config)
        made, cotangents, gradients = run(kind, model, inputs, lambda _, shape: draws.normal(*shape))
        tensors = {f"in.{n}": t for n, t in inputs.items()} | made | {f"cotangent.{n}": t for n, t in cotangents.items()}
        write_tensors(folder / "io.safetensors", tensors | chosen(gradients, draws))
        facts = {"kind": kind, "model_class": class_name, "inputs": sorted(inputs), "outputs": list(cotangents),
                 "forward_rtol": FORWARD_RTOL, "grad_rtol": GRAD_RTOL}
        write_json(folder / "case.json", facts | more)
        if kind not in ("clip", "siglip"):  # rewards, which are computed in float32
            write_tensors(folder / "bfloat16.safetensors", in_bfloat16(folder))
        if kind == "vae":
            inputs = larger(Draws(seed, f"models/{name}/tiles"), config)
            tiled = {f"in.{n}": t for n, t in inputs.items()} | {f"out.{n}": t for n, t in in_tiles(folder, inputs).items()}
            write_tensors(folder / "tiles.safetensors", tiled)


def load(folder, case):
    library = diffusers if hasattr(diffusers, case["model_class"]) else transformers
    return getattr(library, case["model_class"]).from_pretrained(folder).eval()


def part(tensors, prefix):
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def check(golden, report, _):
    for file in sorted(golden.glob("models/*/case.json")):
        folder, case = file.parent, read_json(file)
        model = load(folder, case)
        stored = read_tensors(folder / "io.safetensors")
        wanted = {name: tensor for name, tensor in stored.items() if name.startswith("grad.")}
        given = part(stored, "cotangent.")
        made, _, gradients = run(case["kind"], model, part(stored, "in."), lambda name, _: given[name])
        kept = {name: gradient for name, gradient in gradients.items() if name in wanted}
        report.tensors(f"models/{folder.name} outputs", part(made, "out."), part(stored, "out."), case["forward_rtol"])
        report.tensors(f"models/{folder.name} gradients", kept, wanted, case["grad_rtol"])
        if (folder / "bfloat16.safetensors").exists():
            report.tensors(f"models/{folder.name} bfloat16", in_bfloat16(folder), read_tensors(folder / "bfloat16.safetensors"),
                           BFLOAT16_RTOL)
        if (folder / "tiles.safetensors").exists():
            tiled = read_tensors(folder / "tiles.safetensors")
            report.tensors(f"models/{folder.name} tiles", in_tiles(folder, part(tiled, "in.")), part(tiled, "out."), FORWARD_RTOL)
