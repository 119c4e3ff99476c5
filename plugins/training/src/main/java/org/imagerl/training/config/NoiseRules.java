package org.imagerl.training.config;

import org.imagerl.config.registry.BoundPart;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.StepNoise;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.run.RewardCombination;
import org.jspecify.annotations.Nullable;

/** The rules for rollouts whose steps add noise that is not Gaussian. */
final class NoiseRules {
    private final RunConfig config;
    private final RunParts parts;
    private final RuleReport report;

    private NoiseRules(RunConfig config, RunParts parts, RuleReport report) {
        this.config = config;
        this.parts = parts;
        this.report = report;
    }

    /** Reports what does not hold. */
    static void check(RunConfig config, RunParts parts, RuleReport report) {
        StepNoise noise = parts.find("rollout.noise", StepNoise.class);
        if (noise != null && !noise.isGaussian()) {
            new NoiseRules(config, parts, report).check();
        }
    }

    private void check() {
        Dynamics dynamics = parts.find("rollout.dynamics", Dynamics.class);
        if (dynamics != null && !dynamics.stochastic()) {
            report.problem(
                    "rollout.noise",
                    "has no effect, since rollout.dynamics "
                            + config.rollout().dynamics().type()
                            + " adds no noise on the way; leave it out, or use dynamics with noise");
        }
        AlgorithmConfig given = config.algorithm();
        Objective objective = parts.find("algorithm.objective", Objective.class);
        refuse("objective", given.objective(), objective != null && objective.needsGaussian());
        Likelihood likelihood = parts.find("algorithm.likelihood", Likelihood.class);
        refuse("likelihood", given.likelihood(), likelihood != null && likelihood.needsGaussian());
        Ratio ratio = parts.find("algorithm.ratio", Ratio.class);
        refuse("ratio", given.ratio(), ratio != null && ratio.needsGaussian());
        TrustRegion region = parts.find("algorithm.trust_region", TrustRegion.class);
        refuse("trust_region", given.trustRegion(), region != null && region.needsGaussian());
        Penalty penalty = parts.find("algorithm.penalty", Penalty.class);
        refuse("penalty", given.penalty(), penalty != null && penalty.needsGaussian());
        Penalty proximal = parts.find("algorithm.proximal", Penalty.class);
        refuse("proximal", given.proximal(), proximal != null && proximal.needsGaussian());
        Advantage advantage = parts.find("algorithm.advantage", Advantage.class);
        RewardCombination combination = parts.find("reward_combination", RewardCombination.class);
        boolean used = combination == null || combination.usesAdvantage();
        refuse("advantage", given.advantage(), used && advantage != null && advantage.needsGaussian());
    }

    private void refuse(String key, @Nullable BoundPart<?> part, boolean gaussian) {
        if (gaussian) {
            report.problem(
                    "algorithm." + key,
                    RuleReport.type(part) + " is derived for steps that are Gaussian, and rollout.noise is "
                            + config.rollout().noise().type() + "; use another " + key.replace('_', ' ')
                            + ", or leave rollout.noise out");
        }
    }
}
