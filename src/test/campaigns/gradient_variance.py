#!/usr/bin/env python3
"""How much the gradients of CTRL's two forms vary: back-propagation through the sampler (ctrl) and the policy gradient (ctrl-pg).

Both are trained from the same weights with a learning rate of 1e-12, so that every update has the gradient of the same point, from other rollouts. AdamW with
beta1 = 0 keeps that gradient as its first moment, and every epoch is saved. Of n updates with gradients g_i,

  signal = mean over i != j of g_i . g_j          (without bias |E g|^2)
  noise  = mean of |g_i|^2 - signal               (the trace of the covariance)

Printed: signal and noise with standard errors (jackknife over updates); noise / signal, the number of such updates whose mean has as much signal as noise;
the cosine of the mean gradient to that of the first form; and the noise in units of the first form's. Gradients of log p(y | x) are in the path's unit there:
the policy gradient is a mean over elements and steps, and has another gamma. Without a unit (the bounded reward has another expectation) there is none.
Needs numpy and safetensors. The classifier is one of `imagerl ctrl classifier`.
"""
import argparse, json, pathlib, subprocess
import numpy as np
from safetensors.numpy import load_file

ROOT = pathlib.Path(__file__).resolve().parents[3]
PREFIX = "policy.optimiser.first."
LABELS = "{type: scored, control: compressibility, reward: {type: jpeg-compressibility}, thresholds: [-2.115, -2.052, -1.982]}"
TARGETS = "[conv1, conv2, time_emb_proj]"


def forms(classifier, samples):
    """Name, configuration and settings of every form, and what its gradients are multiplied by to be in the unit of the first; None: nothing."""
    path = [f"algorithm.objective.classifiers=[{classifier}]", f"rollout.prompts_per_epoch={samples}"]
    group = [f"rollout.prompts_per_epoch={samples // 8}", "rollout.samples_per_prompt=8", "algorithm.penalty=null"]
    reward = lambda extra: f"rewards=[{{type: control-likelihood, classifier: {classifier}{extra}}}]"
    return [
        ("path", "ctrl", path + ["algorithm.objective.truncation={type: none}", reward("")], 1),
        ("policy gradient", "ctrl-pg", group + [reward(", weight: 4.0")], 1000 * 512 * 6 / 4),
        ("policy gradient, bounded", "ctrl-pg", group + [f"rewards=[{{type: control-match, labels: [{LABELS}]}}]"], None),
        ("path, truncated", "ctrl", path + ["algorithm.objective.truncation={type: fresh}", reward("")], 1),
    ]


def run(args, seed, form, config, settings):
    folder, name = args.work / "runs", f"{form.replace(', ', '-').replace(' ', '-')}-seed{seed}"
    command = [args.imagerl, "train", str(ROOT / f"samples/words/ctrl/{config}.yaml")]
    settings = settings + [
        f"run.folder={folder}", f"run.name={name}", f"seed={seed}", f"epochs={args.updates}", "workers=1",
        "run.save_every=1", f"run.keep_last={args.updates}", "run.sample_every=1000", "evaluation=null",
        "evaluation_rewards=[]", "samples={prompts: 1, seeds: [0]}", f"tuning.targets={TARGETS}",
        "augmentation.learning_rate_factor=1", "optimiser.learning_rate=1.0e-12", "optimiser.schedule=constant",
        "optimiser.warmup_steps=0", "optimiser.beta1=0", "optimiser.max_grad_norm=1.0e9", "optimiser.ema_decay=0",
        "optimiser.updates_per_epoch=1", "optimiser.micro_batch=8"]
    for setting in settings:
        command += ["--set", setting]
    if (folder / name).exists():
        command = [args.imagerl, "resume", str(folder / name)]
    if not (folder / name / f"checkpoints/step-{args.updates:09d}").exists():
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    gradients = []
    for step in range(1, args.updates + 1):
        tensors = load_file(folder / name / f"checkpoints/step-{step:09d}/trainer.safetensors")
        gradients.append({key: value.ravel().astype(np.float64) for key, value in tensors.items() if key.startswith(PREFIX)})
    return gradients


def vector(gradients, chosen):
    return np.stack([np.concatenate([g[key] for key in sorted(g) if chosen(key)]) for g in gradients])


def signal(products):
    """Mean of the products of different updates."""
    n = len(products)
    return (products.sum() - np.trace(products)) / (n * (n - 1))


def noise(products):
    """The trace of the covariance."""
    return np.trace(products) / len(products) - signal(products)


def error(parts):
    """Standard error of a statistic, of its values without one update each."""
    n = len(parts)
    return np.sqrt((n - 1) / n * np.square(np.array(parts) - np.mean(parts)).sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--imagerl", default=str(ROOT / "imagerl"))
    parser.add_argument("--classifier", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--updates", type=int, default=8)
    parser.add_argument("--samples", type=int, default=32, help="images of an update, a multiple of 8")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="as many runs of each form, whose updates count together")
    parser.add_argument("--forms", default="", help="those whose name begins so; all by default")
    args = parser.parse_args()
    parts = {"adapters": lambda key: "lora" in key, "embeddings": lambda key: "lora" not in key}
    first = {}
    for name, config, settings, unit in forms(args.classifier.resolve(), args.samples):
        if not name.startswith(args.forms):
            continue
        gradients = [g for seed in args.seeds for g in run(args, seed, name, config, settings)]
        for part, chosen in parts.items():
            report({"form": name, "of": part, "samples": args.samples}, vector(gradients, chosen), unit, first, part)


def report(row, g, unit, first, part):
    products = g @ g.T
    others = [np.delete(np.delete(products, i, 0), i, 1) for i in range(len(g))]
    mean, path = g.mean(axis=0), first.setdefault(part, g * (unit or 1))
    row |= {"numbers": g.shape[1], "updates": len(g), "signal": signal(products), "error of signal": error([signal(other) for other in others]),
            "noise": noise(products), "error of noise": error([noise(other) for other in others]), "noise/signal": noise(products) / signal(products),
            "cosine": mean @ path.mean(axis=0) / (np.linalg.norm(mean) * np.linalg.norm(path.mean(axis=0)))}
    if unit is not None:
        row["noise of the first's"] = noise(products) * unit ** 2 / noise(path @ path.T)
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
