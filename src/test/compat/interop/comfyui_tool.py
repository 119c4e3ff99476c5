"""ComfyUI's own loading code, from a checkout: which weights its key maps lead to, and what its patches make of them."""

import logging
import sys
from types import SimpleNamespace

import torch
import verdict
from families import in_original_names, text_changes
from safetensors.torch import load_file

UNET = {"image_size": 32, "in_channels": 4, "out_channels": 4, "use_spatial_transformer": True, "legacy": False, "dtype": torch.float32,
        "use_temporal_attention": False}
CONFIGS = {
    "sd": ("SD15", UNET | {"model_channels": 32, "num_res_blocks": [2] * 4, "channel_mult": [1, 1, 2, 2], "transformer_depth": [1] * 6 + [0, 0],
                           "transformer_depth_output": [1] * 9 + [0] * 3, "transformer_depth_middle": 1, "context_dim": 32, "num_heads": 4,
                           "use_linear_in_transformer": False, "adm_in_channels": None}),
    "sdxl": ("SDXL", UNET | {"model_channels": 32, "num_res_blocks": [2] * 3, "channel_mult": [1, 2, 2], "transformer_depth": [0, 0, 2, 2, 10, 10],
                             "transformer_depth_output": [0, 0, 0, 2, 2, 2, 10, 10, 10], "transformer_depth_middle": 10, "context_dim": 80,
                             "num_head_channels": 8, "use_linear_in_transformer": True, "num_classes": "sequential", "adm_in_channels": 96}),
    "sd3": ("SD3", {"in_channels": 16, "patch_size": 2, "depth": 2, "input_size": None, "adm_in_channels": 80, "num_patches": 144,
                    "pos_embed_max_size": 12, "pos_embed_scaling_factor": None, "qk_norm": "rms", "x_block_self_attn_layers": [0],
                    "context_embedder_config": {"target": "torch.nn.Linear", "params": {"in_features": 96, "out_features": 128}},
                    "dtype": torch.float32}),
    "flux": ("Flux", {"image_model": "flux", "in_channels": 16, "out_channels": 16, "patch_size": 2, "vec_in_dim": 32, "context_in_dim": 32,
                      "hidden_size": 32, "mlp_ratio": 4.0, "num_heads": 2, "depth": 2, "depth_single_blocks": 2, "axes_dim": [4, 6, 6],
                      "theta": 10000, "qkv_bias": True, "guidance_embed": True, "dtype": torch.float32}),
}
TEXT = {"text_encoder": "clip_l", "text_encoder_2": "clip_g"}


class ComfyUI:
    def __init__(self, checkout):
        if not (checkout / "comfy/lora.py").is_file():
            raise SystemExit(f"{checkout}: no checkout of ComfyUI (no comfy/lora.py)")
        sys.path.insert(0, str(checkout))
        words, sys.argv = sys.argv, [sys.argv[0]]
        import comfy.options  # noqa: F401

        from comfy.cli_args import args
        args.cpu = True
        import comfy.lora
        import comfy.lora_convert
        import comfy.model_detection
        import comfy.supported_models

        sys.argv = words
        self.comfy = comfy
        about = checkout / "comfyui_version.py"
        self.version = about.read_text().split('"')[-2] if about.is_file() else "of an unknown version"

    def model(self, family, device):
        """Its model of a family, and the shapes of the denoiser's weights."""
        name, config = CONFIGS[family.name]
        model = getattr(self.comfy.supported_models, name)(config).get_model({}, "", torch.device(device))
        shapes = {key.removeprefix("diffusion_model.").removesuffix(".weight"): value.shape for key, value in model.state_dict().items()
                  if key.startswith("diffusion_model.") and key.endswith(".weight")}
        return model, shapes

    def single(self, family, changes, base, file):
        """The denoiser in single files without and with the LoRA: every weight has a place, and the difference is the change."""
        model, shapes = self.model(family, "cpu")
        logging.disable(logging.WARNING)
        found = []
        for one in (base, file):
            tensors = load_file(one)
            prefix = self.comfy.model_detection.unet_prefix_from_state_dict(tensors)
            given = model.model_config.process_unet_state_dict(
                {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)})
            missing, unexpected = model.diffusion_model.load_state_dict(given, strict=False)
            if missing or unexpected:
                return verdict.Verdict("part", f"{len(missing)} weights are missing, {len(unexpected)} are not known, {[*missing, *unexpected][0]} among them")
            found.append({name: weight.detach().clone() for name, weight in model.diffusion_model.named_parameters()})
        differences = {name.removesuffix(".weight"): found[1][name] - found[0][name] for name in found[0] if name.endswith(".weight")}
        return verdict.of(in_original_names(family, changes, shapes), differences)

    def lora(self, checkpoint, family, changes, layout, path):
        """As comfy.sd.load_lora_for_models: the keys of the denoiser, those of the text encoders, then the patches."""
        comfy = self.comfy
        model, shapes = self.model(family, "meta")
        expected = in_original_names(family, changes, shapes)
        texts = {}
        for component in family.targets:
            if component in TEXT:
                texts |= {f"{TEXT[component]}.transformer.{layer}": change for layer, change in text_changes(changes, component).items()}
        encoders = SimpleNamespace(state_dict=lambda: {f"{key}.weight": None for key in texts})
        key_map = comfy.lora.model_lora_keys_clip(encoders, comfy.lora.model_lora_keys_unet(model, {}))
        files = sorted(path.glob("**/*.safetensors")) if path.is_dir() else [path]
        tensors = {}
        for file in files:
            tensors |= load_file(file)
        logging.disable(logging.WARNING)
        patches = comfy.lora.load_lora(comfy.lora_convert.convert_lora(tensors), key_map)
        found = {}
        for key, patch in patches.items():
            key, offset = (key[0], key[1]) if isinstance(key, tuple) else (key, None)
            plain = key.removeprefix("diffusion_model.").removesuffix(".weight")
            if plain in expected or plain in texts:
                weight = found.setdefault(plain, torch.zeros({**expected, **texts}[plain].shape))
                found[plain] = comfy.lora.calculate_weight([(1.0, patch, 1.0, offset, None)], weight, key)
        return verdict.of(expected | texts, found)
