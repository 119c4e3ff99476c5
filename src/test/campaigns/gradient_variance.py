#!/usr/bin/env python3
"""How much the gradients of CTRL's two forms vary: back-propagation through the sampler (ctrl) and the policy gradient (ctrl-pg).

Both are trained from the same weights with a learning rate of 1e-12, so that every update has the gradient of the same point, from other rollouts. AdamW with
beta1 = 0 keeps that gradient as its first moment, and every epoch is saved. Of n updates with gradients g_i,

  signal = mean over i != j of g_i . g_j          (without bias |E g|^2)
  noise  = mean of |g_i|^2 - signal               (the trace of the covariance)

Printed: noise / signal, the number of such updates whose mean has as much signal as noise; and the cosine of the mean gradients of the forms to the first.
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
    """Name, configuration and settings of every form."""
    path = [f"algorithm.objective.classifiers=[{classifier}]", f"rollout.prompts_per_epoch={samples}"]
    group = [f"rollout.prompts_per_epoch={samples // 8}", "rollout.samples_per_prompt=8", "algorithm.penalty=null"]
    reward = lambda extra: f"rewards=[{{type: control-likelihood, classifier: {classifier}{extra}}}]"
    return [
        ("path", "ctrl", path + ["algorithm.objective.truncation={type: none}", reward("")]),
        ("policy gradient", "ctrl-pg", group + [reward(", weight: 4.0")]),
        ("policy gradient, bounded", "ctrl-pg", group + [f"rewards=[{{type: control-match, labels: [{LABELS}]}}]"]),
        ("path, truncated", "ctrl", path + ["algorithm.objective.truncation={type: fresh}", reward("")]),
    ]


def run(args, name, config, settings):
    folder = args.work / "runs"
    command = [args.imagerl, "train", str(ROOT / f"samples/words/ctrl/{config}.yaml")]
    settings = settings + [
        f"run.folder={folder}", f"run.name={name}", f"seed={args.seed}", f"epochs={args.updates}", "workers=1",
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--imagerl", default=str(ROOT / "imagerl"))
    parser.add_argument("--classifier", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--updates", type=int, default=8)
    parser.add_argument("--samples", type=int, default=32, help="images of an update, a multiple of 8")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--forms", default="", help="those whose name begins so; all by default")
    args = parser.parse_args()
    parts = {"adapters": lambda key: "lora" in key, "embeddings": lambda key: "lora" not in key}
    first = {}
    for name, config, settings in forms(args.classifier.resolve(), args.samples):
        if not name.startswith(args.forms):
            continue
        gradients = run(args, name.replace(", ", "-").replace(" ", "-"), config, settings)
        for part, chosen in parts.items():
            g = vector(gradients, chosen)
            products = g @ g.T
            n = len(g)
            signal = (products.sum() - np.trace(products)) / (n * (n - 1))
            noise = np.trace(products) / n - signal
            mean = g.mean(axis=0)
            reference = first.setdefault(part, mean)
            cosine = mean @ reference / (np.linalg.norm(mean) * np.linalg.norm(reference))
            print(json.dumps({"form": name, "of": part, "numbers": g.shape[1], "updates": n, "samples": args.samples,
                              "signal": signal, "noise": noise, "noise/signal": noise / signal, "cosine": cosine}), flush=True)


if __name__ == "__main__":
    main()
