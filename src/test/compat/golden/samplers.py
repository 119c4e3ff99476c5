"""samplers/: the states of diffusers' schedulers with a denoiser that is a formula, from noise or from the middle of the way."""

from unittest.mock import patch

import numpy as np
import torch
from common import Draws, read_json, read_tensors, write_json, write_tensors
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
    UniPCMultistepScheduler,
)

SCHEDULERS = {one.__name__: one for one in (
    DDIMScheduler, EulerDiscreteScheduler, EulerAncestralDiscreteScheduler, DPMSolverMultistepScheduler,
    UniPCMultistepScheduler, FlowMatchEulerDiscreteScheduler, FlowMatchHeunDiscreteScheduler)}
SD = {"num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
      "prediction_type": "epsilon", "steps_offset": 1}
LEADING = {"timestep_spacing": "leading"}
TRAILING_V = {"timestep_spacing": "trailing", "prediction_type": "v_prediction"}
ZERO_SNR = TRAILING_V | {"rescale_betas_zero_snr": True}
KARRAS, EXPONENTIAL, BETA = ({f"use_{name}_sigmas": True} for name in ("karras", "exponential", "beta"))
END = {"final_sigmas_type": "sigma_min"}
SAMPLE = {"prediction_type": "sample"}
COSINE = {"beta_schedule": "squaredcos_cap_v2"}
SPACED = [KARRAS, KARRAS | LEADING, KARRAS | END, EXPONENTIAL, EXPONENTIAL | TRAILING_V, BETA, BETA | LEADING | END]
GRIDS = [{}, LEADING, TRAILING_V, ZERO_SNR, LEADING | END, SAMPLE]
VARIANTS = {
    "DDIMScheduler": [{"set_alpha_to_one": False, "clip_sample": False} | more for more in ({}, TRAILING_V)],
    "EulerDiscreteScheduler": GRIDS + SPACED + [KARRAS | {"sigma_min": 0.05, "sigma_max": 10.0}],
    "EulerAncestralDiscreteScheduler": [{}, LEADING, TRAILING_V, ZERO_SNR],
    "DPMSolverMultistepScheduler": GRIDS + SPACED + [
        {"use_lu_lambdas": True}, COSINE | KARRAS, {"euler_at_final": True} | END, {"lower_order_final": False} | END],
    "UniPCMultistepScheduler": GRIDS + SPACED + [
        {"solver_order": 1}, {"solver_order": 3}, {"solver_order": 3} | KARRAS, {"lower_order_final": False} | END],
    "FlowMatchEulerDiscreteScheduler": [{"shift": 1.0}, {"shift": 3.0}],
    "FlowMatchHeunDiscreteScheduler": [{"shift": 1.0}, {"shift": 3.0}],
}
LIMIT = 1e-4


def scheduler(case):
    made = SCHEDULERS[case["scheduler"]].from_config(case["config"])
    made.set_timesteps(case["num_inference_steps"])
    return made


def fits(case):
    """Where a stride is no whole number, trailing timesteps may end with one of -1."""
    timesteps = scheduler(case).timesteps
    heun = case["scheduler"] == "FlowMatchHeunDiscreteScheduler"
    return len(timesteps) == case["num_inference_steps"] * (1 + heun) - heun


def states(case, tensors):
    """What the denoiser is given at every call, and the end."""
    made = scheduler(case)
    timesteps = made.timesteps[case["begin"]:]
    made.set_begin_index(case["begin"]) if hasattr(made, "set_begin_index") else None
    noise = tensors["start"]
    if case["begin"]:
        mixed = made.scale_noise if hasattr(made, "scale_noise") else made.add_noise
        latents = mixed(tensors["clean"], timesteps[:1], noise) if mixed.__name__ == "scale_noise" else mixed(
            tensors["clean"], noise, timesteps[:1])
    else:
        latents = noise * getattr(made, "init_noise_sigma", 1.0)
    given, formula = [], case["denoiser"]
    noises = iter(tensors["noises"])
    with patch("diffusers.schedulers.scheduling_euler_ancestral_discrete.randn_tensor", lambda *_, **__: next(noises)):
        for t in timesteps:
            x = made.scale_model_input(latents, t) if hasattr(made, "scale_model_input") else latents
            given.append(x)
            time = float(t) / made.config.num_train_timesteps
            output = formula["linear"] * x + formula["sine"] * torch.sin(2 * x) + formula["time"] * time
            latents = made.step(output, t, latents, return_dict=False)[0]
    return {"states": torch.stack(given + [latents]), "timesteps": timesteps.to(torch.float32)}


def inputs(draws, shape, calls):
    return {"start": draws.normal(*shape), "clean": draws.normal(*shape), "noises": draws.normal(calls, *shape)}


def make(out, seed, _):
    cases, tensors = [], {}
    for name, variants in VARIANTS.items():
        for number, variant in enumerate(variants):
            draws = Draws(seed, f"samplers {name} {sorted(variant.items())}")
            shape = (1, draws.one_of(1, 2, 3), draws.one_of(1, 2), draws.one_of(2, 3))
            formula = {key: float(np.float32(draws.random.uniform(low, high)))
                       for key, low, high in (("linear", 0.2, 0.8), ("sine", -0.3, 0.3), ("time", -0.5, 0.5))}
            config = variant if name.startswith("Flow") else SD | variant
            case = {"id": f"{number:02}-{name}", "scheduler": name, "config": config, "denoiser": formula}
            # Fewer than 15 steps end in another way; a walk from the middle begins at an Euler step of Heun's method.
            for steps, begin in ((draws.one_of(3, 4, 5, 7), 0), (draws.one_of(16, 18, 20), draws.one_of(0, 2, 4, 6))):
                one = case | {"id": f"{case['id']}-{steps}", "num_inference_steps": steps, "begin": begin}
                if not fits(one):
                    continue
                given = inputs(draws, shape, steps)
                cases.append(one)
                tensors |= {f"{one['id']}.{key}": value for key, value in (given | states(one, given)).items()}
    write_json(out / "samplers/samplers.json", cases, indent=0)
    write_tensors(out / "samplers/states.safetensors", tensors)


def check(golden, report, _):
    tensors = read_tensors(golden / "samplers/states.safetensors")
    for case in read_json(golden / "samplers/samplers.json"):
        prefix = case["id"] + "."
        given = {key[len(prefix):]: value for key, value in tensors.items() if key.startswith(prefix)}
        computed = states(case, given)
        report.tensors(f"samplers {case['id']}", computed, {key: given[key] for key in computed}, LIMIT)
