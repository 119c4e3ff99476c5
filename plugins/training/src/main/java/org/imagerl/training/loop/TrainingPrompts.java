package org.imagerl.training.loop;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.data.DataSource;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.config.RunPrompts;
import org.jspecify.annotations.Nullable;

/**
 * The prompts of a run.
 *
 * @param train what is trained on; of images on disk the first prompts alone
 * @param heldOut what is evaluated on, and never trained on; empty without evaluation
 * @param augmentation what they are conditioned on beside the text; null is nothing
 * @param random the streams of the run
 */
public record TrainingPrompts(
        List<Prompt> train, List<Prompt> heldOut, @Nullable Augmentation augmentation, RandomStreams random) {

    /** Of images on disk so many of the first prompts are kept: to draw samples of, and to measure with. */
    private static final int KEPT = 64;

    /** Reads the files of a configuration. */
    static TrainingPrompts read(RunConfig config, RunParts parts) {
        DataSource data = parts.data();
        List<Prompt> train = data == null
                ? read(config.prompts(), config)
                : IntStream.range(0, Math.min(KEPT, data.size()))
                        .mapToObj(index -> data.example(index).prompt())
                        .toList();
        Augmentation augmentation = parts.augmentation();
        return new TrainingPrompts(
                augmentation == null ? train : augmentation.prompts(train),
                augmentation == null ? heldOut(config, data) : augmentation.prompts(heldOut(config, data)),
                augmentation,
                new RandomStreams(config.seed()));
    }

    private static List<Prompt> heldOut(RunConfig config, @Nullable DataSource data) {
        RunConfig.Evaluation evaluation = config.evaluation();
        if (evaluation == null) {
            return List.of();
        }
        return evaluation.prompts() == null && data != null ? data.heldOut() : read(evaluation.prompts(), config);
    }

    /** @param source there is one, by the rules of configurations */
    private static List<Prompt> read(RunConfig.@Nullable Prompts source, RunConfig config) {
        return RunPrompts.read(Objects.requireNonNull(source, "prompts"), config);
    }

    /** A prompt of an epoch, with what it is conditioned on in this epoch alone. */
    Prompt drawn(Prompt prompt, long epoch, int index) {
        return augmentation == null ? prompt : augmentation.drawn(prompt, random.seed("told", epoch, index));
    }

    /** The classes that a prompt asks for beside its text, by name. */
    Map<String, String> asked(Prompt prompt) {
        return augmentation == null ? Map.of() : augmentation.asked(prompt);
    }
}
