package org.imagerl.toolkit.sampling;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Prompt;

/**
 * Which samples of a batch are the same until a step adds noise: those of one prompt and one initial noise.
 *
 * @param prompts the prompt of each trunk
 * @param starts the seed of each trunk's initial noise
 * @param trunks the trunk of each sample
 */
record Branches(List<Prompt> prompts, long[] starts, int[] trunks) {

    private record Trunk(Prompt prompt, long start) {}

    /** Without shared noise every sample is a trunk of its own, even if another is equal. */
    static Branches of(List<Prompt> prompts, Seeds seeds) {
        Map<Trunk, Integer> numbers = new LinkedHashMap<>();
        List<Trunk> distinct = new ArrayList<>();
        int[] trunks = new int[prompts.size()];
        for (int i = 0; i < trunks.length; i++) {
            Trunk trunk = new Trunk(prompts.get(i), seeds.start()[i]);
            Integer known = seeds.shared() ? numbers.putIfAbsent(trunk, distinct.size()) : null;
            trunks[i] = known == null ? distinct.size() : known;
            if (known == null) {
                distinct.add(trunk);
            }
        }
        return new Branches(
                distinct.stream().map(Trunk::prompt).toList(),
                distinct.stream().mapToLong(Trunk::start).toArray(),
                trunks);
    }

    /** Whether samples share a trunk. */
    boolean any() {
        return starts.length < trunks.length;
    }
}
