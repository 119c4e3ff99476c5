"""The networks of kohya's sd-scripts, from a checkout: its own code merges a file into weights of zero, which then are the change."""

import logging
import sys
import types

import torch
import verdict
from families import in_original_names
from pipelines import load
from safetensors.torch import load_file


def stand_in(name, **content):
    """For packages that the loading code imports and does not use."""
    if name not in sys.modules:
        try:
            __import__(name)
        except ImportError:
            module = types.ModuleType(name)
            module.__dict__.update(content)
            sys.modules[name] = module


class Kohya:
    version = "of the checkout"

    def __init__(self, checkout):
        if not (checkout / "networks/lora.py").is_file():
            raise SystemExit(f"{checkout}: no checkout of sd-scripts (no networks/lora.py)")
        stand_in("cv2")
        stand_in("torchvision", transforms=types.SimpleNamespace())
        sys.path.insert(0, str(checkout))
        from library import flux_models, sd3_models, sdxl_original_unet
        from networks import lora, lora_flux, lora_sd3

        self.modules = {"sd": lora, "sdxl": lora, "sd3": lora_sd3, "flux": lora_flux}
        self.flux, self.sd3, self.sdxl = flux_models, sd3_models, sdxl_original_unet
        logging.disable(logging.WARNING)

    def lora(self, checkpoint, family, changes, layout, path):
        if layout == "peft":
            return verdict.Verdict("refuses", "it reads files alone")
        weights = load_file(path)
        if family.name == "sdxl":
            return self.names(weights)
        network = self.denoiser(checkpoint, family)
        encoders = self.encoders(checkpoint, family)
        one = encoders[0] if family.name == "sd" else encoders
        lora, weights = self.modules[family.name].create_network_from_weights(1.0, None, None, one, network, weights,
                                                                                         for_inference=True)
        lora.merge_to(one, network, weights, torch.float32, "cpu")
        found = {name.removesuffix(".weight"): weight.detach() for name, weight in network.named_parameters() if name.endswith(".weight")}
        shapes = {name: weight.shape for name, weight in found.items()}
        if family.name == "sd":  # its UNet has the names of diffusers
            texts = {f"text_encoder.{name.removesuffix('.weight')}": weight.detach() for name, weight in encoders[0].named_parameters()}
            return verdict.of(changes, {f"unet.{name}": weight for name, weight in found.items()} | texts)
        return verdict.of(in_original_names(family, changes, shapes), found)

    def denoiser(self, checkpoint, family):
        if family.name == "sd":
            network = load(checkpoint).unet
        elif family.name == "sd3":
            # not the factory function: its names of models have their own sizes
            params = self.sd3.SD3Params(patch_size=2, depth=2, num_patches=144, pos_embed_max_size=12, adm_in_channels=80, qk_norm="rms",
                                        x_block_self_attn_layers=[0], context_embedder_in_features=96, context_embedder_out_features=128,
                                        model_type="sd3m")
            network = self.sd3.create_sd3_mmdit(params)
        else:
            network = self.flux.Flux(self.flux.FluxParams(in_channels=64, vec_in_dim=32, context_in_dim=32, hidden_size=32, mlp_ratio=4.0,
                                                          num_heads=2, depth=2, depth_single_blocks=2, axes_dim=[4, 6, 6], theta=10000,
                                                          qkv_bias=True, guidance_embed=True))
        return zeros(network)

    @staticmethod
    def encoders(checkpoint, family):
        pipe = load(checkpoint)
        return [zeros(getattr(pipe, name)) for name in ("text_encoder", "text_encoder_2") if getattr(pipe, name, None) is not None]

    def names(self, weights):
        """Its UNet of SDXL has fixed sizes, so that names alone are compared: every key must belong to a layer of it."""
        with torch.device("meta"):
            unet = self.sdxl.SdxlUNet2DConditionModel()
        known = {"lora_unet_" + name.replace(".", "_") for name, module in unet.named_modules()}
        self.modules["sdxl"].convert_diffusers_to_sai_if_needed(weights)
        asked = {key.split(".")[0] for key in weights}
        unknown = sorted(name for name in asked if not name.startswith(("lora_te1_text_model_", "lora_te2_text_model_")) and name not in known)
        if unknown:
            return verdict.Verdict("refuses" if len(unknown) == len(asked) else "part", f"{len(unknown)} names are unknown, {unknown[0]} among them")
        return verdict.Verdict("names", "all names are of its layers; the weights were not compared")


def zeros(network):
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    return network
