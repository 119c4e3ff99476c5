"""rl/parts.json: advantages and other parts of published papers, from their definitions, in float64.

BNPO (arXiv 2506.02864), COPO (2508.04138), RiskPO (2510.00911), EAPO (2511.07327), EMPG (2509.09265), RLOO (2402.14740),
CoPG (2406.19185), f-DPG (2302.08215), ORPO (2403.03185), D3S (2509.22115), Knapsack RL (2509.25849), and divergences of
two Gaussians of one standard deviation. Where the project departs from a paper, the part's documentation says so.
"""

import itertools
import math

import numpy as np


def groups_of(prompts):
    """The places of each prompt, in the order of the first ones."""
    return [np.array([i for i, other in enumerate(prompts) if other == prompt]) for prompt in dict.fromkeys(prompts)]


def bnpo(case):
    r = (np.clip(case["rewards"], case["min"], case["max"]) - case["min"]) / (case["max"] - case["min"])
    members = groups_of(case["prompts"])
    p = np.array([r[group].mean() for group in members])
    m, v = p.mean(), p.var(ddof=1) if len(p) > 1 else 0.0
    alpha = beta = 1.0
    if v > 0:
        c = m * (1 - m) / v - 1
        alpha, beta = max(1.0, 1 + c * m / 3), max(1.0, 1 + c * (1 - m) / 3)
    constant = math.gamma(alpha) * math.gamma(beta) / math.gamma(alpha + beta)
    advantages = np.zeros(len(r))
    for group, mean in zip(members, p):
        density = mean ** (alpha - 1) * (1 - mean) ** (beta - 1) / constant
        advantages[group] = (r[group] - mean) * (1e6 if density == 0 else min(1 / density, 1e6))
    return advantages.tolist()


def copo(case):
    r, members = np.array(case["rewards"]), groups_of(case["prompts"])
    means = np.array([r[group].mean() for group in members])
    advantages = np.zeros(len(r))
    for group, mean in zip(members, means):
        _, counts = np.unique(np.floor(r[group] / case["bin"]), return_counts=True)
        share = counts / len(group)
        entropy = -(share * np.log2(share)).sum()
        w = 1 / (1 + math.exp(-case["gamma"] * (entropy - case["rho"] * math.log2(len(group)))))
        local = (r[group] - mean) / (r[group].std() + case["epsilon"])
        advantages[group] = w * local + (1 - w) * (mean - means.mean()) / (means.std() + case["epsilon"])
    return advantages.tolist()


def riskpo(case):
    """One list per epoch; each epoch has the same number of images of every prompt, one prompt after the other."""
    levels = np.arange(1, 20) / 20
    tracked, answers = None, []
    for rewards in case["epochs"]:
        r = np.array(rewards).reshape(-1, case["bundle"], case["samples"])  # bundle, prompt, image
        advantages, scores = np.zeros_like(r), r.sum(1)
        for bundle, s in enumerate(scores):
            bounds = []
            for level in (case["low"], case["high"]):
                own = np.quantile(s, level)
                if tracked is None or case["quantiles"] == "bundle":
                    bounds.append(own)
                else:
                    seen = np.interp(level, levels, tracked)
                    bounds.append(seen if case["quantiles"] == "tracked" else (own + seen) / 2)
            low, high = bounds
            rvar = (np.maximum(s - low, 0) - np.maximum(s - high, 0) + low - high) / (case["high"] - case["low"])
            a = (case["weight"] * -np.maximum(low - s, 0) / case["low"] + rvar) / (case["weight"] + 1)
            a = a - a.mean() if case["baseline"] == "mean" else a
            for k in range(case["samples"]):
                advantages[bundle, :, k] = a[k] * shares(case["credit"], r[bundle], k)
        flat = scores.ravel()
        if tracked is None:
            tracked = np.quantile(flat, levels)
        else:
            tracked = np.sort(tracked + 0.1 * (levels - np.array([(flat < q).mean() for q in tracked])))
        answers.append(advantages.ravel().tolist())
    return answers


def shares(credit, r, k):
    """What the prompts of a bundle have of the advantage of its k-th paper."""
    if credit == "uniform":
        return np.ones(len(r))
    if credit == "score":
        return np.where(r[:, k] > 0, 0.5, 1.5)
    if credit == "std":
        std = r.std(1, ddof=1)
        return 1 / np.where(std > 1e-3, std, 1.0)
    apart = r[:, k] - r.mean(1)
    return apart / apart.sum() if abs(apart.sum()) > 1e-6 else np.full(len(r), 1 / len(r))


def eapo(case):
    r = np.array(case["rewards"])
    discounts = case["gamma"] ** np.arange(case["steps"] - 1, -1, -1)
    advantages = np.zeros((len(r), case["steps"]))
    for group in groups_of(case["prompts"]):
        own = r[group] - (r[group].min() if case["shift"] else 0)
        discounted = own[:, None] * discounts
        advantages[group] = (discounted - discounted.mean()) / (discounted.std() + case["epsilon"])
    return advantages.tolist()


def empg(case):
    a, h = np.array(case["advantages"]), np.array(case["h"])
    scaled = (h - h.min()) / (h.max() - h.min() + 1e-8)
    g = np.exp(-case["k"] * scaled)
    modulated = a[:, None] * g / g.mean()
    modulated[:, :-1] += case["zeta"] * np.exp(-case["bonus_k"] * scaled[:, 1:])
    return (modulated - modulated.mean()).tolist()


def rloo(prompts, r):
    advantages = np.zeros(len(r))
    for group in groups_of(prompts):
        for i in group:
            others = [r[j] for j in group if j != i]
            advantages[i] = r[i] - np.mean(others) if others else 0.0
    return advantages


def copg(case):
    shaped = np.array(case["rewards"]) - case["beta"] * np.array(case["log_ratios"]).mean(1)
    return (2 * case["beta"] * rloo(case["prompts"], shaped)).tolist()


SLOPES = {
    "reverse-kl": lambda u: np.log(u) + 1,
    "forward-kl": lambda u: -1 / u,
    "jensen-shannon": lambda u: np.log(2 * u / (1 + u)),
    "total-variation": lambda u: np.sign(u - 1) / 2,
    "reverse-chi2": lambda u: 2 * (u - 1),
    "forward-chi2": lambda u: 1 - u**-2.0,
}


def f_dpg(case):
    weights, pseudo, answers = [], [], []
    for epoch in case["epochs"]:
        w = np.exp(np.array(epoch["rewards"]) / case["beta"] - np.array(epoch["log_ratios"]))
        weights += w.tolist()
        a = -SLOPES[case["divergence"]](np.mean(weights) / w)
        pseudo += a.tolist()
        answers.append((a - np.mean(pseudo[-1024:])).tolist())
    return answers


def orpo(case):
    d = np.array(case["log_ratios"])
    chi2 = np.exp(d) - 1
    cut = int(0.01 * len(d))
    trimmed = np.sort(chi2)[cut : len(d) - cut].mean()
    return {"kl": d, "chi2": chi2, "sqrt-chi2": chi2 / math.sqrt(max(trimmed, 1e-4)), "total-variation": np.sign(d)}[
        case["term"]].tolist()


def largest_variance(case):
    return float(max(np.var(some) for some in itertools.combinations(case["values"], case["count"])))


def knapsack(case):
    """The largest total worth, by trying all divisions one prompt after the other."""
    best = {0: 0.0}
    for p in case["pass_rates"]:
        following = {}
        for used, worth in best.items():
            for n in range(case["min"], case["max"] + 1):
                more = worth + (1 - p**n - (1 - p) ** n) * p * (1 - p) ** 2
                following[used + n] = max(following.get(used + n, -1.0), more)
        best = following
    return best[case["total"]]


def divergence(case):
    """By the trapezoidal rule over two Gaussians whose means are sqrt(k) standard deviations apart."""
    x = np.linspace(-14, 16, 600_001)
    q = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    p = np.exp(-((x - math.sqrt(case["k"])) ** 2) / 2) / math.sqrt(2 * math.pi)
    inner = {"kl": lambda: p * ((x**2 - (x - math.sqrt(case["k"])) ** 2) / 2), "chi2": lambda: (p - q) ** 2 / q,
             "total-variation": lambda: abs(p - q) / 2, "hellinger": lambda: (np.sqrt(p) - np.sqrt(q)) ** 2 / 2}
    return float(np.trapezoid(inner[case["divergence"]](), x))


ANSWERS = {"bnpo": bnpo, "copo": copo, "riskpo": riskpo, "eapo": eapo, "empg": empg, "copg": copg, "f-dpg": f_dpg, "orpo": orpo,
           "rloo": lambda case: rloo(case["prompts"], np.array(case["rewards"])).tolist(),
           "largest-variance": largest_variance, "knapsack": knapsack, "divergence": divergence}


def cases(draws):
    def uniform(*shape):
        return draws.random.uniform(0, 1, shape).round(3).tolist()

    def normal(*shape, scale=1.0):
        return (scale * draws.random.normal(size=shape)).round(4).tolist()

    names = [f"p{i}" for i in range(draws.one_of(4, 3, 5))]
    prompts = names * draws.one_of(5, 4, 6)
    n = len(prompts)
    binary = [float(x) for x in draws.random.integers(0, 2, n)]
    binary = [1.0 if prompt == names[0] else r for prompt, r in zip(prompts, binary)]  # a group that scores alike
    made = [{"part": "bnpo", "prompts": prompts, "rewards": r, "min": low, "max": high}
            for r, low, high in ((binary, 0.0, 1.0), (uniform(n), -0.5, 1.5), (normal(n), -2.0, 1.0))]
    made += [{"part": "copo", "prompts": prompts, "rewards": r, "gamma": draws.one_of(20.0, 5.0), "rho": 0.58, "bin": width,
              "epsilon": 1e-4} for r, width in ((binary, 0.1), (uniform(n), draws.one_of(0.25, 0.1)))]
    bundle, samples = draws.one_of(3, 2), draws.one_of(4, 5)
    for credit in ("uniform", "score", "std", "sum-mean"):
        made.append({"part": "riskpo", "bundle": bundle, "samples": samples, "low": draws.one_of(0.2, 0.3), "high": 0.8,
                     "weight": draws.one_of(1.5, 0.5), "baseline": draws.one_of("mean", "quantile"), "credit": credit,
                     "quantiles": draws.one_of("mix", "tracked", "bundle"), "epochs": [uniform(2 * bundle * samples) for _ in range(3)]})
    made += [{"part": "eapo", "prompts": prompts, "rewards": uniform(n), "steps": draws.one_of(4, 3), "gamma": gamma, "shift": shift,
              "epsilon": 1e-4} for gamma, shift in ((0.9, False), (0.7, True))]
    made.append({"part": "empg", "advantages": normal(5), "h": uniform(5, draws.one_of(4, 3)), "k": 1.0, "bonus_k": draws.one_of(1.0, 2.0),
                 "zeta": 0.1})
    made.append({"part": "rloo", "prompts": prompts, "rewards": normal(n)})
    made.append({"part": "copg", "prompts": prompts, "rewards": uniform(n), "log_ratios": normal(n, 3, scale=0.1), "beta": draws.one_of(0.5, 2.0)})
    made += [{"part": "f-dpg", "divergence": name, "beta": draws.one_of(0.5, 1.0),
              "epochs": [{"rewards": uniform(n), "log_ratios": normal(n, scale=0.3)} for _ in range(2)]} for name in SLOPES]
    made += [{"part": "orpo", "term": term, "log_ratios": normal(draws.one_of(120, 210), scale=0.5)}
             for term in ("kl", "chi2", "sqrt-chi2", "total-variation")]
    made += [{"part": "largest-variance", "values": normal(9), "count": count} for count in (2, 4, 7)]
    rates = uniform(draws.one_of(4, 5))
    made.append({"part": "knapsack", "pass_rates": rates, "min": 2, "max": 9, "total": draws.one_of(5, 4) * len(rates)})
    made += [{"part": "divergence", "divergence": name, "k": k} for name in ("kl", "chi2", "total-variation", "hellinger")
             for k in (draws.one_of(0.02, 0.05), draws.one_of(0.9, 1.4))]
    return [case | {"answer": ANSWERS[case["part"]](case)} for case in made]
