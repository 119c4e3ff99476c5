"""objectives: losses on finished images that are made noisy again, and their gradients, from their definitions in float64.

The formulas are those of "DiffusionNFT" (2025, arXiv 2509.16117), "DGPO" (2025, arXiv 2510.08425), "Diffusion Reinforcement
Learning via Centered Reward Distillation" (2026, arXiv 2603.14128), "Diffusion-DPO" (2023, arXiv 2311.12908), IPO (2023, arXiv 2310.12036),
Diffusion-KTO (2024, arXiv 2404.04465), CPL (2023, arXiv 2310.13639) and TGDPO (2025, arXiv 2506.14574), with the conventions of
NVlabs/DiffusionNFT, of Flow-Factory and of the published training programs.
They are published for flow matching; for other predictions the clean latents and the velocity noise - clean follow from the output.
"""

import numpy as np
import torch
from common import Draws, largest_error, read_json, write_json

EXACT = 1e-9


def clean(case, output):
    """The clean latents that an output means."""
    alpha, sigma, noisy = case["alpha"], case["sigma"], case["noisy"]
    return {"flow": lambda: noisy - sigma * output,
            "epsilon": lambda: (noisy - sigma * output) / alpha,
            "v_prediction": lambda: alpha * noisy - sigma * output}[case["prediction"]]()


def velocity(case, output):
    """The flow velocity, noise less clean latents, that an output means."""
    noise = {"flow": lambda: clean(case, output) + output,
             "epsilon": lambda: output,
             "v_prediction": lambda: case["alpha"] * output + case["sigma"] * case["noisy"]}[case["prediction"]]()
    return noise - clean(case, output)


def squares(difference):
    return (difference**2).mean(1)


def errors(case, output):
    """The matching loss of each sample."""
    return squares(velocity(case, output) - (case["noise"] - case["x0"]))


def share(case):
    """Advantages between 0 and 1."""
    limit = case["adv_clip"]
    return torch.clamp(case["advantages"].clamp(-limit, limit) / (2 * limit) + 0.5, 0, 1)


def nft(case, output):
    beta, r, total = case["beta"], share(case), 0
    old = case["behaviour"]
    for prediction, weight in ((beta * output + (1 - beta) * old, r), ((1 + beta) * old - beta * output, 1 - r)):
        error = clean(case, prediction) - case["x0"]
        size = error.detach().abs().mean(1, keepdim=True).clip(min=0.00001)
        total = total + weight * (error**2 / size).mean(1) / beta
    penalty = case["coefficient"] * squares(velocity(case, output) - velocity(case, case["reference"])).mean()
    return (total * case["adv_clip"]).mean() + penalty


def dgpo(case, output):
    error, advantages, old = errors(case, output), case["advantages"], errors(case, case["behaviour"])
    if "clip_range" in case:
        ratio = torch.exp(old - error.detach())
        stopped = torch.where(advantages > 0, ratio > 1 + case["clip_range"], ratio < 1 - case["clip_range"])
        error = torch.where(stopped, error.detach(), error)
    preference = case["beta"] * advantages * (error.detach() - errors(case, case["reference"]))
    weights = torch.empty_like(preference)
    for group in sorted(set(case["groups"])):
        rows = torch.tensor([other == group for other in case["groups"]])
        weights[rows] = torch.sigmoid(preference[rows].sum() / rows.sum())
    penalty = case["coefficient"] * squares(velocity(case, output) - velocity(case, case["reference"])).mean()
    return (weights * advantages * error).mean() + penalty


def crd(case, output):
    target = case["noise"] - case["x0"]

    def log_density(prediction):
        error = velocity(case, prediction) - target
        size = error.detach().abs().mean(1, keepdim=True).clip(min=1e-5) if case["adaptive"] else 1
        return -(error**2 / size).mean(1)

    r, implicit, total = share(case), log_density(output) - log_density(case["behaviour"]), 0
    temperature = case.get("temperature", float("inf"))
    for group in sorted(set(case["groups"])):
        rows = torch.tensor([other == group for other in case["groups"]])
        signs = (1,) if temperature == float("inf") else (1, -1)
        for sign in signs:
            weights = torch.softmax(sign * r[rows] / temperature, 0)
            wanted = r[rows] - (weights * r[rows]).sum()
            given = implicit[rows] - (weights * implicit[rows]).sum().detach()
            if case["form"] == "logistic":
                losses = torch.nn.functional.binary_cross_entropy_with_logits(
                    case["beta"] * given, torch.sigmoid(wanted), reduction="none")
            else:
                losses = (case["beta"] * given - wanted) ** 2
            total = total + losses.sum() / len(signs)
    distance = squares(velocity(case, output) - velocity(case, case["reference"]))
    least = min(1, 1e-4 / case["coefficient"]) if case["coefficient"] else 1
    by_reward = least + r * (1 - least) if case["by_reward"] else 1
    return total / len(r) * case["adv_clip"] / case["beta"] + case["coefficient"] * (by_reward * distance).mean()


def pairs(case, output):
    """Preferences: rows 2 i are preferred to rows 2 i + 1. Gains are logarithms of ratios to the reference, as mean errors."""
    error = (lambda o: errors(case, o)) if case["error"] == "velocity" else (lambda o: squares(o - case["target"]))
    now, reference = error(output), error(case["reference"])
    gain_w, gain_l = (reference - now)[0::2], (reference - now)[1::2]
    log_sigmoid, beta = torch.nn.functional.logsigmoid, case["beta"]
    if case["pair_loss"] == "dpo":
        # train_diffusion_dpo.py of diffusers and Flow-Factory's trainer
        model_diff, ref_diff = now[0::2] - now[1::2], reference[0::2] - reference[1::2]
        losses = -log_sigmoid(-0.5 * beta * (model_diff - ref_diff))
    elif case["pair_loss"] == "ipo":
        losses = (gain_w - gain_l - 1 / (2 * beta)) ** 2
    elif case["pair_loss"] == "kto":
        # train_kto_sd_v1.5.py, utility "sigmoid", each pair as a batch of its own
        kl = ((gain_w + gain_l) / 2).clamp(min=0).detach()
        losses = (case["desirable"] * (1 - torch.sigmoid(beta * (gain_w - kl)))
                  + case["undesirable"] * (1 - torch.sigmoid(-beta * (gain_l - kl)))) / 2
    elif case["pair_loss"] == "cpl":
        score_w, score_l = (gain_w, gain_l) if case["against_reference"] else (-now[0::2], -now[1::2])
        losses = -torch.log(torch.exp(beta * score_w) / (torch.exp(beta * score_w) + torch.exp(case["bias"] * beta * score_l)))
    else:  # tgdpo, beta / 2 in the place of its beta
        reward = (beta / 2 * (reference - error(case["average"]))).detach()
        weight_w, weight_l = 1 + case["weight"] * reward[0::2], 1 - case["weight"] * reward[1::2]
        losses = -log_sigmoid(beta / 2 * weight_w * gain_w - beta / 2 * weight_l * gain_l)
    return losses.mean() + case["anchor"] * now[0::2].mean()


LOSSES = {"nft": nft, "dgpo": dgpo, "crd": crd, "pairs": pairs}


def loss(case):
    """The value of a case and its gradient by the output."""
    given = {name: torch.tensor(value, dtype=torch.float64) if isinstance(value, list) and name != "groups" else value
             for name, value in case.items()}
    given["alpha"], given["sigma"] = given["alpha"][:, None], given["sigma"][:, None]
    given["target"] = {"flow": given["noise"] - given["x0"], "epsilon": given["noise"],
                       "v_prediction": given["alpha"] * given["noise"] - given["sigma"] * given["x0"]}[case["prediction"]]
    given["noisy"] = given["alpha"] * given["x0"] + given["sigma"] * given["noise"]
    output = given["output"].clone().requires_grad_()
    value = LOSSES[case["loss"]](given, output)
    value.backward()
    return {"value": value.item(), "gradient": output.grad.tolist()}


def inputs(draws, prediction, batch, elements, spread):
    random = draws.random
    t = random.uniform(0.05, 0.95, batch)
    alpha, sigma = (1 - t, t) if prediction == "flow" else (np.cos(np.pi / 2 * t), np.sin(np.pi / 2 * t))
    x0, noise = random.normal(size=(2, batch, elements))
    target = {"flow": noise - x0, "epsilon": noise, "v_prediction": alpha[:, None] * noise - sigma[:, None] * x0}[prediction]
    near = [(target + random.normal(size=target.shape) * width).tolist() for width in (spread, spread, spread)]
    return {"prediction": prediction, "alpha": alpha.tolist(), "sigma": sigma.tolist(), "x0": x0.tolist(), "noise": noise.tolist(),
            "output": near[0], "behaviour": near[1], "reference": near[2],
            "advantages": (4 * random.normal(size=batch)).tolist()}


def pair_losses(draws):
    """Betas with which the sigmoids are neither flat nor straight."""
    beta = lambda: draws.one_of(20.0, 5.0, 60.0)
    return [("dpo", {"beta": beta()}), ("ipo", {"beta": beta()}),
            ("kto", {"beta": beta(), "desirable": 1.0, "undesirable": draws.one_of(1.0, 1.5)}),
            ("cpl", {"beta": beta(), "bias": draws.one_of(0.5, 1.0, 0.25), "against_reference": False}),
            ("cpl", {"beta": beta(), "bias": draws.one_of(0.75, 1.0), "against_reference": True}),
            ("tgdpo", {"beta": beta(), "weight": draws.one_of(0.5, 0.1)})]


def cases(draws):
    made = []

    def add(name, prediction, spread, settings):
        group, count = draws.one_of(3, 2, 4), draws.one_of(2, 3)
        case = {"loss": name} | inputs(draws, prediction, group * count, draws.one_of(6, 8, 5), spread) | settings
        case["groups"] = [f"p{i}" for i in draws.random.permutation(np.repeat(np.arange(count), group))]
        made.append(case | loss(case))

    for prediction in ("flow", "epsilon", "v_prediction"):
        for beta in (1.0, draws.one_of(0.1, 0.3)):
            add("nft", prediction, 0.5, {"beta": beta, "adv_clip": draws.one_of(5.0, 2.0), "coefficient": draws.one_of(1e-4, 0.1)})
        add("dgpo", prediction, 0.5, {"beta": draws.one_of(10.0, 3.0), "coefficient": draws.one_of(1e-3, 0.1)})
        add("dgpo", prediction, 0.3, {"beta": draws.one_of(1.0, 0.5), "coefficient": 0.0, "clip_range": draws.one_of(0.05, 0.1)})
        add("crd", prediction, 0.5, {"beta": 1.0, "adv_clip": 5.0, "form": "squared", "adaptive": True, "coefficient": 0.1, "by_reward": True})
        add("crd", prediction, 0.5, {"beta": draws.one_of(0.5, 2.0), "adv_clip": draws.one_of(3.0, 2.0), "form": "logistic", "adaptive": False,
                                     "temperature": draws.one_of(0.2, 0.5), "coefficient": 0.01, "by_reward": False})
        add("crd", prediction, 0.5, {"beta": draws.one_of(0.5, 2.0), "adv_clip": 5.0, "form": "squared", "adaptive": False,
                                     "temperature": draws.one_of(0.3, 0.6), "coefficient": 0.0, "by_reward": False})
    for prediction in ("flow", "epsilon", "v_prediction"):
        for error in ("velocity", "output"):
            for name, settings in pair_losses(draws):
                case = {"loss": "pairs", "pair_loss": name, "error": error, "anchor": draws.one_of(0.0, 0.2)} | settings
                case |= inputs(draws, prediction, 2 * draws.one_of(2, 3), draws.one_of(6, 8, 5), 0.3)
                case["average"] = (np.array(case["reference"]) + 0.1 * draws.random.normal(size=np.shape(case["reference"]))).tolist()
                made.append(case | loss(case))
    return made


def make(out, seed, _):
    write_json(out / "objectives/losses.json", cases(Draws(seed, "objectives")), indent=0)


def check(golden, report, _):
    for number, case in enumerate(read_json(golden / "objectives/losses.json")):
        for name, value in loss(case).items():
            report.error(f"objectives {number} {case['loss']} {case['prediction']} {name}", largest_error(value, case[name]), EXACT)
