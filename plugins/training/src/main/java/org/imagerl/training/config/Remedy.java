package org.imagerl.training.config;

import java.util.List;

/**
 * A problem of a training, in the words of those who have it, and what is made for it. The page docs/methods/README.md says when to use which.
 *
 * @param problem a sentence, which is also the heading of its section on the page
 * @param parts names of parts, rewards and presets
 */
public record Remedy(String problem, List<String> parts) {
    /** Those that the page explains, in its order. */
    public static final List<Remedy> ALL = List.of(
            of("My groups all score alike", "copo, riskpo, variance-aware, knapsack, curriculum, hpt, scaf-grpo, d3s"),
            of("The reward is hacked", "kl-mean, f-divergence, kl-reward, orpo, utility, epo-band, submodular, rpo"),
            of("Few prompts teach anything", "variance-aware, regret-replay, knapsack, curriculum, cvar, riskpo"),
            of("My rewards are binary", "bnpo, copo, variance-aware, knapsack, best-of-n"),
            of(
                    "Training collapses after some epochs",
                    "kl-behaviour, kl-ema, kl-mean, kl-prediction, dppo, trial-step, normalised"),
            of("The images of a prompt become alike", "diversity, pixel-diversity, submodular, epo-band, f-dpg"));

    private static Remedy of(String problem, String parts) {
        return new Remedy(problem, List.of(parts.split(", ", -1)));
    }
}
