"""diffusers and peft, as their documentation says a LoRA is loaded."""

import logging

import verdict
from diffusers import FluxPipeline
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from pipelines import load


def changes_of(component, network):
    """What the adapters of a network add to its weights, with alpha over rank."""
    found = {}
    for name, module in network.named_modules():
        if isinstance(module, LoraLayer) and module.active_adapters and module.active_adapters[0] in module.lora_A:
            found[f"{component}.{name}"] = module.get_delta_weight(module.active_adapters[0]).detach()
    return found


def lora(checkpoint, family, changes, layout, path):
    """load_lora_weights; a folder of PEFT is no file of its own."""
    if layout == "peft":
        return verdict.Verdict("refuses", "PEFT's folder is for peft")
    pipe = load(checkpoint)
    logging.disable(logging.WARNING)
    pipe.load_lora_weights(path.parent, weight_name=path.name)
    found = {}
    for component in family.targets:
        found |= changes_of(component, getattr(pipe, component))
    return verdict.of(changes, found)


def wide_flux(file, changes, columns):
    """What diffusers' conversion of kohya's names makes of a file: it knows FLUX.1 in its real width alone."""
    state = FluxPipeline.lora_state_dict(file.parent, weight_name=file.name)
    found = {name: state[f"{name}.lora_B.weight"].double() @ state[f"{name}.lora_A.weight"][:, :columns].double()
             for name in changes if f"{name}.lora_B.weight" in state}
    return verdict.of(changes, found)


def peft(checkpoint, family, changes, layout, path):
    if layout != "peft":
        return verdict.Verdict("refuses", "peft loads folders of its own layout alone")
    pipe, found = load(checkpoint), {}
    for component in family.targets:
        folder = path / component if (path / component).is_dir() else path
        model = PeftModel.from_pretrained(getattr(pipe, component), folder)
        found |= {name.replace(".base_model.model.", "."): change for name, change in changes_of(component, model).items()}
    return verdict.of(changes, found)


def merged(checkpoint, family, changes, folder):
    """A merged checkpoint, loaded by from_pretrained."""
    before, after = load(checkpoint), load(folder)
    if before.scheduler.config.get("_class_name") != after.scheduler.config.get("_class_name"):
        return verdict.Verdict("part", "another scheduler")
    return compared(before, after, changes)


def single(checkpoint, family, changes, file):
    """The same as a single file, by from_single_file with the configurations of the folder."""
    before = load(checkpoint)
    absent = {name: None for name in ("text_encoder_3", "tokenizer_3") if hasattr(before, name) and getattr(before, name) is None}
    return compared(before, type(before).from_single_file(str(file), config=str(checkpoint), local_files_only=True, **absent), changes)


def compared(before, after, changes):
    """Every weight of every component is that of the checkpoint and the change."""
    found = {}
    for component in ("unet", "transformer", "vae", "text_encoder", "text_encoder_2", "text_encoder_3"):
        old, new = getattr(before, component, None), getattr(after, component, None)
        if old is None:
            continue
        if new is None:
            return verdict.Verdict("part", f"without {component}")
        there = dict(new.named_parameters())
        for name, weight in old.named_parameters():
            difference = (there[name] - weight).detach()
            layer = f"{component}.{name.removesuffix('.weight')}"
            if layer in changes:
                found[layer] = difference
            elif difference.abs().max() > 0:
                return verdict.Verdict("part", f"{component}.{name} has changed, which the LoRA does not adapt")
    return verdict.of(changes, found)
