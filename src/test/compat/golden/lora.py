"""lora: one adapter of a checkpoint in the layouts that users have, and what the denoiser gives with and without it."""

import models
import torch
from common import (
    FORWARD_RTOL,
    Draws,
    largest_error,
    read_tensors,
    sort_metadata,
    write_json,
    write_tensors,
)
from diffusers.utils import convert_state_dict_to_diffusers
from peft import LoraConfig, PeftModel
from peft.utils import get_peft_model_state_dict
from pipelines import load
from safetensors import safe_open

FAMILIES = {
    "sd": ("unet", ["to_q", "to_v", "to_k", "to_out.0"]),
    "sd3": ("transformer", ["attn.add_k_proj", "attn.add_q_proj", "attn.add_v_proj", "attn.to_add_out", "attn.to_k",
                            "attn.to_out.0", "attn.to_q", "attn.to_v"]),
}


def component(pipe, family):
    return getattr(pipe, FAMILIES[family][0])


def inputs(family, model, draws):
    """Inputs of the denoiser, by their names in FAMILY-expected.safetensors."""
    config = dict(model.config)
    if family == "sd":
        return models.unet_inputs(draws, config)
    return models.sd3_inputs(draws, config, size=(16, 16))


@torch.no_grad()
def output(family, model, given):
    return models.outputs("unet" if family == "sd" else "sd3", model, given)["sample"]


def plain_names(pairs):
    """(layer, down, up) of PEFT's state, without its prefix."""
    layers = sorted({key.rsplit(".lora_", 1)[0] for key in pairs})
    return [(layer, pairs[f"{layer}.lora_A.weight"], pairs[f"{layer}.lora_B.weight"]) for layer in layers]


def write_diffusers(folder, pipe, family, state, config=None):
    part = FAMILIES[family][0]
    metadata = {f"{part}_lora_adapter_metadata": config} if config else {}
    layers = convert_state_dict_to_diffusers(state) if family == "sd" else state
    pipe.save_lora_weights(folder, **{f"{part}_lora_layers": layers}, **metadata)
    sort_metadata(folder / "pytorch_lora_weights.safetensors")


def make_family(out, family, draws):
    lora = out / "lora"
    pipe = load(out / f"pipelines/{family}-tiny")
    model, targets = component(pipe, family), FAMILIES[family][1]
    given = inputs(family, model, draws)
    base = output(family, model, given)
    rank, alpha = draws.one_of((4, 8), (3, 5), (2, 7))
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=targets, init_lora_weights="gaussian")
    model.add_adapter(config)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if "lora_" in name:
                parameter.copy_(draws.normal(*parameter.shape) * (0.3 if "lora_A" in name else 0.2))
    write_tensors(lora / f"{family}-expected.safetensors",
                  given | {"out_base": base, "out_lora": output(family, model, given)})
    state = {key: value.detach().clone() for key, value in get_peft_model_state_dict(model).items()}
    facts = {key: sorted(value) if isinstance(value, (set, list)) else value for key, value in config.to_dict().items()}
    write_diffusers(lora / f"{family}-diffusers", pipe, family, state, facts)
    if family == "sd":
        folded = {key: value * (alpha / rank) if "lora_B" in key else value for key, value in state.items()}
        write_diffusers(lora / "sd-diffusers-no-alpha", pipe, family, folded)
        kohya = {}
        for layer, down, up in plain_names(state):
            key = "lora_unet_" + layer.replace(".", "_")
            kohya |= {f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up, f"{key}.alpha": torch.tensor(float(alpha))}
        write_tensors(lora / "sd-kohya/lora.safetensors", kohya)
    else:
        write_tensors(lora / f"{family}-peft/adapter_model.safetensors",
                      {f"base_model.model.{key}": value for key, value in state.items()})
        write_json(lora / f"{family}-peft/adapter_config.json",
                   {"peft_type": "LORA", "r": rank, "lora_alpha": alpha, "target_modules": targets, "bias": "none"})


def make(out, seed, _):
    for family in FAMILIES:
        if not (out / f"pipelines/{family}-tiny").is_dir():
            raise SystemExit(f"{out}/pipelines/{family}-tiny is absent: make the kind pipelines before lora")
        make_family(out, family, Draws(seed, f"lora/{family}"))


def with_adapter(pipe, family, folder):
    """The denoiser with a layout, as the library that the layout is of loads it."""
    if (folder / "adapter_config.json").exists():
        return PeftModel.from_pretrained(component(pipe, family), folder)
    pipe.load_lora_weights(folder, weight_name=next(folder.glob("*.safetensors")).name)
    return component(pipe, family)


def check(golden, report, _):
    for family in FAMILIES:
        checkpoint = golden / f"pipelines/{family}-tiny"
        if not checkpoint.is_dir():
            report.skip(f"lora/{family}", f"{checkpoint} is absent")
            continue
        expected = read_tensors(golden / f"lora/{family}-expected.safetensors")
        base, changed = expected.pop("out_base"), expected.pop("out_lora")
        model = component(load(checkpoint), family)
        report.error(f"lora/{family} without an adapter", largest_error(output(family, model, expected), base), FORWARD_RTOL)
        for folder in sorted((golden / "lora").glob(f"{family}-*/")):
            with safe_open(next(folder.glob("*.safetensors")), "pt") as file:
                metadata = file.metadata()
            pipe = load(checkpoint)
            found = output(family, with_adapter(pipe, family, folder), expected)
            more = " (alpha in its metadata)" if metadata and "lora_adapter_metadata" in metadata else ""
            report.error(f"lora/{folder.name}{more}", largest_error(found, changed), FORWARD_RTOL)
