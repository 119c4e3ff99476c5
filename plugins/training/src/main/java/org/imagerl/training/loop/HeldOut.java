package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.random.RandomStreams;

/**
 * Fixed (prompt, seed) pairs that are never trained on, prompt by prompt.
 *
 * @param prompts one per image
 * @param seeds of the noise, one per image
 */
record HeldOut(List<Prompt> prompts, long[] seeds) {

    /** Each prompt with as many seeds. */
    static HeldOut of(List<Prompt> distinct, int samplesPerPrompt, RandomStreams random) {
        List<Prompt> prompts = new ArrayList<>();
        for (Prompt prompt : distinct) {
            for (int k = 0; k < samplesPerPrompt; k++) {
                prompts.add(prompt);
            }
        }
        long[] seeds = new long[prompts.size()];
        for (int i = 0; i < seeds.length; i++) {
            seeds[i] = random.seed("evaluation", i);
        }
        return new HeldOut(List.copyOf(prompts), seeds);
    }

    /** How many images. */
    int size() {
        return seeds.length;
    }
}
