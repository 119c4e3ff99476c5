"""rl: densities of sampled steps, advantages and losses, from their definitions.

The formulas are those of Black et al., "Training Diffusion Models with Reinforcement Learning" (2023, arXiv 2305.13301),
Liu et al., "Flow-GRPO" (2025, arXiv 2505.05470), "GRPO-Guard" (2025, arXiv 2510.22319) and "Advantage Weighted Matching"
(2025, arXiv 2509.25050), with the conventions of the code that was published with them: log densities are means over
elements.
"""

import math
from collections import deque

import numpy as np
import rl_parts
import torch
from common import Draws, largest_error, read_json, read_tensors, write_json, write_tensors
from diffusers import DDIMScheduler, FlowMatchEulerDiscreteScheduler
from published import Published

LOG_PROB_ATOL, GRADIENT_RTOL, EXACT = 1e-4, 1e-3, 1e-9


def log_density(value, mean, std):
    """log N(value; mean, std^2), the mean over all but the first axis."""
    elements = -((value - mean) ** 2) / (2 * std**2) - math.log(std) - 0.5 * math.log(2 * math.pi)
    return elements.flatten(1).mean(1)


def ddim_step(case, sample, output):
    """Mean and standard deviation of DDIM's step with noise eta, equations 12 and 16 of Song et al. (arXiv 2010.02502)."""
    scheduler = DDIMScheduler.from_config(case["scheduler"])
    now = case["timestep"]
    before = max(now - scheduler.config.num_train_timesteps // case["num_inference_steps"], 0)  # DDPO ends at timestep 0
    a, b = (scheduler.alphas_cumprod[t].item() for t in (now, before))
    if scheduler.config.prediction_type == "v_prediction":
        clean, noise = a**0.5 * sample - (1 - a) ** 0.5 * output, a**0.5 * output + (1 - a) ** 0.5 * sample
    else:
        clean, noise = (sample - (1 - a) ** 0.5 * output) / a**0.5, output
    if scheduler.config.clip_sample:
        clean = clean.clamp(-scheduler.config.clip_sample_range, scheduler.config.clip_sample_range)
    std = case["eta"] * math.sqrt((1 - b) / (1 - a) * (1 - a / b))
    return b**0.5 * clean + math.sqrt(1 - b - std**2) * noise, std, None


def flow_step(case, sample, velocity):
    """Mean and standard deviation of Flow-GRPO's step (equation 9), and the deviation per square root of time."""
    t, h = case["sigma"], case["sigma"] - case["sigma_next"]
    sigma = case["noise_level"] * math.sqrt(t / (1 - (case["sigma_next"] if t == 1 else t)))  # the second time instead of 1
    mean = sample * (1 - sigma**2 * h / (2 * t)) - velocity * (1 + sigma**2 * (1 - t) / (2 * t)) * h
    return mean, sigma * math.sqrt(h), sigma


def transition(case, sample, output, prev_sample=None, noise=None):
    """What a case has beside its inputs; where there is no next sample yet, one is made with the noise."""
    output = output.clone().requires_grad_()
    mean, std, per_root_time = (flow_step if "noise_level" in case else ddim_step)(case, sample, output)
    following = mean.detach() + std * noise if prev_sample is None else prev_sample
    density = log_density(following, mean, std)
    density.sum().backward()
    made = {"prev_sample": following, "log_prob": density.detach(), "grad_model_output": output.grad}
    if per_root_time is not None:
        made |= {"prev_sample_mean": mean.detach(), "std_dev_t": torch.full((len(sample),), per_root_time)}
    return made


def transition_cases(draws):
    sd = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "clip_sample": False,
          "set_alpha_to_one": False, "steps_offset": 1, "num_train_timesteps": 1000}
    steps = draws.one_of(10, 8, 12)
    cases = {}
    for kind in ("epsilon", "v_prediction"):
        config = sd | {"prediction_type": kind}
        scheduler = DDIMScheduler.from_config(config)
        scheduler.set_timesteps(steps)
        for eta in (1.0, draws.one_of(0.5, 0.3, 0.8)):
            for step in (0, steps // 2, steps - 1):
                cases[f"ddim.{kind}.eta{eta}.step{step}"] = {
                    "scheduler": config, "num_inference_steps": steps, "step_index": step,
                    "timestep": scheduler.timesteps[step].item(), "eta": eta}
    steps = draws.one_of(10, 7, 14)
    config = {"shift": draws.one_of(3.0, 1.0, 2.5)}
    scheduler = FlowMatchEulerDiscreteScheduler.from_config(config)
    scheduler.set_timesteps(steps)
    for level in (0.7, draws.one_of(1.0, 0.4)):
        for step in (0, 1, steps // 2, steps - 2):
            cases[f"flow_sde.a{level}.step{step}"] = {
                "scheduler": config, "num_inference_steps": steps, "step_index": step,
                "sigma": scheduler.sigmas[step].item(), "sigma_next": scheduler.sigmas[step + 1].item(), "noise_level": level}
    return cases


def group_advantages(prompts, rewards, global_std):
    """Flow-GRPO: the mean of the prompt's group, the population deviation of all rewards or of the group."""
    prompts, rewards = np.array(prompts), np.array(rewards)
    advantages = np.empty(len(rewards))
    for prompt in set(prompts):
        group = rewards[prompts == prompt]
        spread = rewards.std() if global_std else group.std()
        advantages[prompts == prompt] = (group - group.mean()) / (spread + 1e-4)
    return advantages.tolist()


def tracked_advantages(memory, prompts, rewards, least):
    """DDPO: the statistics of a prompt's last rewards, those of this batch included; of the batch while there are few."""
    rewards = np.array(rewards)
    for prompt, reward in zip(prompts, rewards):
        memory(prompt).append(reward)
    advantages = []
    for prompt, reward in zip(prompts, rewards):
        known = np.array(memory(prompt)) if len(memory(prompt)) >= least else rewards
        advantages.append(float((reward - known.mean()) / (known.std() + 1e-6)))
    return advantages


def advantages(case):
    if case["estimator"] == "flow_grpo":
        return [group_advantages(case["prompts"], case["rewards"], case["global_std"])]
    memories = {}

    def memory(prompt):
        return memories.setdefault(prompt, deque(maxlen=case["buffer_size"]))

    return [tracked_advantages(memory, epoch["prompts"], epoch["rewards"], case["min_count"]) for epoch in case["epochs"]]


def advantage_cases(draws):
    names = [f"p{i}" for i in range(draws.one_of(4, 3, 5))]
    cases = []
    for global_std in (True, False):
        prompts = names * draws.one_of(6, 4, 7)
        rewards = [round(x, 3) for x in draws.random.uniform(0, 1, len(prompts)).tolist()]
        rewards = [0.5 if prompt == names[-1] else reward for prompt, reward in zip(prompts, rewards)]  # a group without spread
        cases.append({"estimator": "flow_grpo", "global_std": global_std, "prompts": prompts, "rewards": rewards})
    for case in cases:
        case["advantages"] = advantages(case)[0]
    size = draws.one_of(12, 10, 15)
    epochs = [{"prompts": [names[i] for i in draws.random.integers(len(names), size=size)],
               "rewards": [round(x, 4) for x in draws.random.normal(size=size).tolist()]} for _ in range(draws.one_of(4, 3, 5))]
    tracked = {"estimator": "ddpo", "buffer_size": draws.one_of(8, 6), "min_count": draws.one_of(5, 4), "epochs": epochs}
    for epoch, computed in zip(epochs, advantages(tracked)):
        epoch["advantages"] = computed
    return cases + [tracked]


def clipped(log_ratio, advantage, clip_range):
    """PPO's pessimistic objective as a loss: the mean of max(-A rho, -A clip(rho, 1 - e, 1 + e))."""
    ratio = np.exp(log_ratio)
    return float(np.maximum(-advantage * ratio, -advantage * np.clip(ratio, 1 - clip_range, 1 + clip_range)).mean())


def loss(case):
    """The values of a case that follow from its inputs, in float64."""
    given = {name: np.array(value) for name, value in case.items() if isinstance(value, list)}
    limit = case.get("adv_clip", np.inf)
    advantage = np.clip(given["advantages"], -limit, limit)
    if case["loss"] == "ppo_clip":
        return {"value": clipped(given["log_prob"] - given["old_log_prob"], advantage, case["clip_range"])}
    if case["loss"] == "grpo_guard":
        std, old = case["std"], given["old_mean"]
        moved = given["mean"] - old
        # The constants of both densities are the same.
        plain = ((given["next_sample"] - old) ** 2 - (given["next_sample"] - given["mean"]) ** 2).mean(1) / (2 * std**2)
        normalised = std * (plain + (moved**2).mean(1) / (2 * std**2))
        return {"log_ratio_normalised": normalised.tolist(), "plain_log_ratio": plain.tolist(),
                "value": clipped(normalised, advantage, case["clip_range"]) / case["step_size"]}
    if case["loss"] == "flow_dppo":
        std, old, mean = case["std"], given["old_mean"], given["mean"]
        log_ratio = ((given["next_sample"] - old) ** 2 - (given["next_sample"] - mean) ** 2).mean(1) / (2 * std**2)
        divergence = ((mean - old) ** 2).mean(1) / (2 * std**2)
        away = np.where(advantage > 0, log_ratio > 0, log_ratio < 0)
        terms = np.where((divergence >= case["threshold"]) & away, 0, -advantage * np.exp(log_ratio))
        by_mean = terms[:, None] * (given["next_sample"] - mean) / (std**2 * mean.shape[1] * len(terms))
        return {"value": float(terms.mean()), "gradient": by_mean.tolist()}
    error, t, power = ((given["velocity"] - given["target"]) ** 2).mean(1), given["t"], case.get("power", 0.25)
    matching = {"uniform": -error, "t": -t * error, "t2": -(t**2) * error,
                "huber": -t * (np.sqrt(error + 1e-10) - 1e-5),
                "ghuber": -t / power * ((error + 1e-10) ** power - 1e-10**power)}[case["weighting"]]
    log_ratio = matching - given["old_matching_likelihood"]
    return {"matching_likelihood": matching.tolist(), "value": clipped(log_ratio, advantage / limit, case["clip_range"])}


def loss_cases(draws):
    def numbers(*shape, scale=1.0):
        return (scale * draws.random.normal(size=shape)).tolist()

    def near(values, scale):
        return (np.array(values) + draws.random.normal(size=np.shape(values)) * scale).tolist()

    cases = []
    batch = draws.one_of(8, 7, 11)
    for clip_range, spread in ((1e-4, 1e-4), (2e-6, 2e-6), (0.2, 0.2)):
        log_prob = (-1.3 + np.array(numbers(batch, scale=spread))).tolist()
        cases.append({"loss": "ppo_clip", "clip_range": clip_range, "adv_clip": 5.0, "log_prob": log_prob,
                      "old_log_prob": near(log_prob, spread), "advantages": numbers(batch, scale=2.5)})
    shape = (draws.one_of(5, 4, 6), draws.one_of(6, 9))
    for _ in range(3):
        std = float(draws.random.uniform(0.3, 1.5))
        old = numbers(*shape)
        cases.append({"loss": "grpo_guard", "clip_range": 0.002, "std": std, "step_size": float(draws.random.uniform(0.01, 0.3)),
                      "next_sample": near(old, std), "mean": near(old, 0.01), "old_mean": old, "advantages": numbers(shape[0])})
    shape = (draws.one_of(6, 5, 8), draws.one_of(10, 12))
    for weighting in ("uniform", "t", "t2", "huber", "ghuber", "ghuber"):
        case = {"loss": "awm", "weighting": weighting, "adv_clip": 5.0, "clip_range": 1.0, "velocity": numbers(*shape),
                "target": numbers(*shape), "t": draws.random.uniform(0.05, 0.95, shape[0]).tolist(),
                "advantages": numbers(shape[0], scale=4), "old_matching_likelihood": [0.0] * shape[0]}
        if weighting == "ghuber" and cases[-1].get("weighting") == "ghuber":
            case["power"] = draws.one_of(0.5, 0.4)
        case["old_matching_likelihood"] = near(loss(case)["matching_likelihood"], 0.05)
        cases.append(case)
    shape = (draws.one_of(8, 7, 10), draws.one_of(6, 9))
    for spread in (0.02, 0.1):  # of the mean in standard deviations: the divergences lie around half its square
        std, old = float(draws.random.uniform(0.3, 1.5)), numbers(*shape)
        cases.append({"loss": "flow_dppo", "threshold": spread**2 / 2, "adv_clip": 5.0, "std": std, "old_mean": old,
                      "next_sample": near(old, std), "mean": near(old, spread * std), "advantages": numbers(shape[0], scale=2.5)})
    return [case | loss(case) for case in cases]


def make(out, seed, _):
    draws = Draws(seed, "rl")
    cases, tensors = transition_cases(draws), {}
    for key, case in cases.items():
        shape = (3, 4 if key.startswith("ddim") else 16, draws.one_of(8, 6), 8)
        sample, output, noise = (draws.normal(*shape) for _ in range(3))
        made = {"sample": sample, "model_output": output} | transition(case, sample, output, noise=noise)
        tensors |= {f"{key}.{name}": tensor for name, tensor in made.items()}
    write_json(out / "rl/transitions.json", cases)
    write_tensors(out / "rl/transitions.safetensors", tensors)
    write_json(out / "rl/advantages.json", advantage_cases(draws), indent=0)
    write_json(out / "rl/losses.json", loss_cases(draws), indent=0)
    write_json(out / "rl/parts.json", rl_parts.cases(Draws(seed, "rl parts")), indent=0)


def check_steps(golden, report, by, transition, advantages):
    """Transitions and advantages, computed again by these formulas or by the published code."""
    tensors = read_tensors(golden / "rl/transitions.safetensors")
    for key, case in read_json(golden / "rl/transitions.json").items():
        given = {name[len(key) + 1 :]: tensor for name, tensor in tensors.items() if name.startswith(key + ".")}
        made = transition(case, given.pop("sample"), given.pop("model_output"), given["prev_sample"])
        difference = (made.pop("log_prob") - given.pop("log_prob")).abs().max().item()
        report.error(f"rl/transitions{by} {key} log density, absolute", difference, LOG_PROB_ATOL)
        report.tensors(f"rl/transitions{by} {key}", made, given, GRADIENT_RTOL)
    for case in read_json(golden / "rl/advantages.json"):
        expected = [part["advantages"] for part in case.get("epochs", [case])]
        difference = max(abs(a - b) for x, y in zip(advantages(case), expected, strict=True) for a, b in zip(x, y, strict=True))
        report.error(f"rl/advantages{by} {case['estimator']}, absolute", difference, EXACT)


def check(golden, report, arguments):
    check_steps(golden, report, "", transition, advantages)
    if arguments.published:
        code = Published(arguments.published)
        check_steps(golden, report, " by the published code", code.transition, code.advantages)
    for number, case in enumerate(read_json(golden / "rl/losses.json")):
        for name, value in loss(case).items():
            report.error(f"rl/losses {number} {case['loss']} {name}", largest_error(value, case[name]), EXACT)
    for number, case in enumerate(read_json(golden / "rl/parts.json")):
        answer = rl_parts.ANSWERS[case["part"]](case)
        report.error(f"rl/parts {number} {case['part']}", largest_error(np.ravel(answer), np.ravel(case["answer"])), EXACT)
