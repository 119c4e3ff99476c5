package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.data.Framing;

/** What a denoiser with guidance is conditioned on for prompts and their negative prompts. */
final class GuidedConditioning {
    private GuidedConditioning() {}

    /**
     * Encodes prompts; equal prompts once. The negative ones are encoded where there is guidance, or where others need them.
     *
     * @return tensors of the pipeline's manager, {@code [B, ...]} in the order of the prompts, with their graphs
     */
    static Conditioning encode(Pipeline pipeline, GuidedPolicy.Settings settings, List<Prompt> prompts) {
        List<Prompt> texts = prompts.stream()
                .map(prompt -> new Prompt("", prompt.text(), prompt.metadata()))
                .toList();
        List<Prompt> unique = texts.stream().distinct().toList();
        Conditioning positive = pipeline.condition(pipeline.manager(), unique, List.of(), settings.size());
        int[] rows = texts.stream().mapToInt(unique::indexOf).toArray();
        Map<String, NDArray> chosen = rows(positive.positive(), rows);
        if (!settings.guided() && !settings.forOthers()) {
            return new Conditioning(chosen, Map.of());
        }
        List<Prompt> away = prompts.stream()
                .map(prompt -> Framing.of(prompt, settings.size())
                        .on(Prompt.of("", prompt.negative(settings.negativePrompt())), settings.size()))
                .toList();
        List<Prompt> negatives = away.stream().distinct().toList();
        Conditioning negative = pipeline.condition(pipeline.manager(), negatives, negatives, settings.size());
        return new Conditioning(
                chosen,
                rows(
                        negative.negative(),
                        away.stream().mapToInt(negatives::indexOf).toArray()));
    }

    private static Map<String, NDArray> rows(Map<String, NDArray> tensors, int... rows) {
        Map<String, NDArray> chosen = new TreeMap<>();
        long[] index = Arrays.stream(rows).asLongStream().toArray();
        tensors.forEach((name, tensor) -> {
            // Native storage, because the graph of a selection keeps its indices.
            NDArray indices = tensor.getManager().create(index).duplicate();
            chosen.put(name, tensor.get(indices));
        });
        return chosen;
    }
}
