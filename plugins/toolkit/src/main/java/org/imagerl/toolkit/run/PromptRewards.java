package org.imagerl.toolkit.run;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Prompt;
import org.jspecify.annotations.Nullable;

/** The rewards of an epoch by prompt. */
final class PromptRewards {
    private PromptRewards() {}

    /** The rewards that each prompt got, by its id; a prompt without any is left out. */
    static Map<String, double[]> of(List<Prompt> prompts, double... rewards) {
        Map<String, double[]> byPrompt = new LinkedHashMap<>();
        for (int i = 0; i < rewards.length; i++) {
            if (!Double.isNaN(rewards[i])) {
                double[] one = {rewards[i]};
                byPrompt.merge(prompts.get(i).id(), one, PromptRewards::joined);
            }
        }
        return byPrompt;
    }

    private static double[] joined(double[] some, double... more) {
        double[] all = Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }

    /** The mean. */
    static double mean(double... rewards) {
        return Arrays.stream(rewards).average().orElse(Double.NaN);
    }

    /** The share of the rewards that are at least {@code success}. */
    static double passRate(double success, double... rewards) {
        return (double) Arrays.stream(rewards).filter(r -> r >= success).count() / rewards.length;
    }

    /** How much there is to learn: {@code P (1 - P)} of the pass rate, or the population variance where no success is defined. */
    static double learnability(@Nullable Double success, double... rewards) {
        if (success != null) {
            double p = passRate(success, rewards);
            return p * (1 - p);
        }
        double mean = mean(rewards);
        return Arrays.stream(rewards)
                .map(r -> (r - mean) * (r - mean))
                .average()
                .orElse(0);
    }
}
