"""schedules/schedules.json: timesteps, and alpha-bar or sigmas, of diffusers' schedulers."""

from inspect import signature

import diffusers
import numpy as np
from common import Draws, largest_error, read_json, write_json
from diffusers import DDIMScheduler, FlowMatchEulerDiscreteScheduler

SD = {
    "num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1, "prediction_type": "epsilon", "thresholding": False,
    "dynamic_thresholding_ratio": 0.995, "clip_sample_range": 1.0, "sample_max_value": 1.0, "timestep_spacing": "leading",
    "rescale_betas_zero_snr": False,
}
FLUX = {"shift": 3.0, "use_dynamic_shifting": True, "base_shift": 0.5, "max_shift": 1.15, "base_image_seq_len": 256,
        "max_image_seq_len": 4096}


# Classes whose files describe the noise of DDPM, and options that some of them do not take.
CLASSES = ["DDPMScheduler", "PNDMScheduler", "LMSDiscreteScheduler", "HeunDiscreteScheduler", "EulerDiscreteScheduler",
           "EulerAncestralDiscreteScheduler", "KDPM2DiscreteScheduler", "KDPM2AncestralDiscreteScheduler",
           "DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler", "DEISMultistepScheduler", "UniPCMultistepScheduler",
           "SASolverScheduler", "LCMScheduler", "TCDScheduler"]


def noise(config):
    """Alpha-bar of some timesteps, but not of the last, which some classes move away from 0."""
    scheduler = getattr(diffusers, config["_class_name"]).from_config(config)
    return {"alphas_cumprod": scheduler.alphas_cumprod[:-1:37].tolist()}


def ddim(config, steps):
    scheduler = DDIMScheduler.from_config(config)
    scheduler.set_timesteps(steps)
    timesteps = scheduler.timesteps.tolist()
    return {"timesteps": timesteps, "alphas_cumprod_at_timesteps": scheduler.alphas_cumprod[timesteps].tolist(),
            "final_alpha_cumprod": float(scheduler.final_alpha_cumprod)}


def flow(config, steps, tokens):
    scheduler = FlowMatchEulerDiscreteScheduler.from_config(config)
    mu = None
    if tokens is None:
        scheduler.set_timesteps(steps)
    else:  # as FluxPipeline: mu is linear in the number of tokens, and the grid before the shift ends at 1 / N
        slope = (config["max_shift"] - config["base_shift"]) / (config["max_image_seq_len"] - config["base_image_seq_len"])
        mu = config["base_shift"] + slope * (tokens - config["base_image_seq_len"])
        scheduler.set_timesteps(sigmas=np.linspace(1.0, 1 / steps, steps), mu=mu)
    return {"mu": mu, "image_seq_len": tokens, "timesteps": scheduler.timesteps.tolist(), "sigmas": scheduler.sigmas.tolist()}


def make(out, seed, _):
    draws = Draws(seed, "schedules")
    steps = (draws.one_of(3, 4, 7), draws.one_of(50, 30, 41))
    flow_steps = (draws.one_of(10, 9, 13), draws.one_of(40, 28, 33))
    zero_snr = {"prediction_type": "v_prediction", "timestep_spacing": "trailing", "rescale_betas_zero_snr": True}
    variants = [{}, {"timestep_spacing": "trailing"}, {"timestep_spacing": "linspace"}, zero_snr,
                {"beta_schedule": "linear", "beta_start": 0.0001, "beta_end": 0.02}, {"beta_schedule": "squaredcos_cap_v2"},
                {"set_alpha_to_one": True, "steps_offset": 0}, {"beta_end": float(draws.one_of(0.01, 0.014, 0.02))}]
    cases = [{"scheduler": "DDIMScheduler", "config": SD | variant, "num_inference_steps": n} | ddim(SD | variant, n)
             for variant in variants for n in steps]
    plain = [({"shift": shift}, None) for shift in (1.0, 3.0, draws.one_of(1.5, 2.0, 5.0))]
    for config, tokens in plain + [(FLUX, 1024), (FLUX, draws.one_of(300, 777, 4096))]:
        cases += [{"scheduler": "FlowMatchEulerDiscreteScheduler", "config": config, "num_inference_steps": n}
                  | flow(config, n, tokens) for n in flow_steps]
    for name in CLASSES:
        options = [{}, {"beta_start": 0.001, "beta_end": float(draws.one_of(0.01, 0.02)), "beta_schedule": "scaled_linear"},
                   {"trained_betas": [round(float(beta), 4) for beta in draws.random.uniform(0.001, 0.02, 40)],
                    "num_train_timesteps": 40}, {"beta_schedule": "squaredcos_cap_v2"}]
        if "rescale_betas_zero_snr" in signature(getattr(diffusers, name).__init__).parameters:
            options.append({"rescale_betas_zero_snr": True, "beta_schedule": "scaled_linear"})
        for option in options:
            config = {"_class_name": name} | option
            cases.append({"scheduler": "noise", "config": config} | noise(config))
    write_json(out / "schedules/schedules.json", cases, indent=0)


def check(golden, report, _):
    for number, case in enumerate(read_json(golden / "schedules/schedules.json")):
        if case["scheduler"] == "noise":
            error = largest_error(noise(case["config"])["alphas_cumprod"], case["alphas_cumprod"])
            report.error(f"schedules {number} noise of {case['config']['_class_name']}", error, 1e-6)
            continue
        config, steps = case["config"], case["num_inference_steps"]
        computed = ddim(config, steps) if case["scheduler"] == "DDIMScheduler" else flow(config, steps, case["image_seq_len"])
        error = max(largest_error(value, case[key]) for key, value in computed.items() if value is not None)
        report.error(f"schedules {number} {case['scheduler']} {steps} steps", error, 1e-6)
