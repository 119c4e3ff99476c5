package org.imagerl.training.loop;

import java.util.List;
import java.util.Map;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunPrompts;
import org.jspecify.annotations.Nullable;

/**
 * The prompts of a run.
 *
 * @param train what is trained on
 * @param heldOut what is evaluated on, and never trained on; empty without evaluation
 * @param augmentation what they are conditioned on beside the text; null is nothing
 * @param random the streams of the run
 */
public record TrainingPrompts(
        List<Prompt> train, List<Prompt> heldOut, @Nullable Augmentation augmentation, RandomStreams random) {

    /** Reads the files of a configuration. */
    static TrainingPrompts read(RunConfig config, @Nullable Augmentation augmentation) {
        RunConfig.Evaluation evaluation = config.evaluation();
        return new TrainingPrompts(
                read(config.prompts(), config, augmentation),
                evaluation == null ? List.of() : read(evaluation.prompts(), config, augmentation),
                augmentation,
                new RandomStreams(config.seed()));
    }

    private static List<Prompt> read(RunConfig.Prompts source, RunConfig config, @Nullable Augmentation augmentation) {
        List<Prompt> read = RunPrompts.read(source, config);
        return augmentation == null ? read : augmentation.prompts(read);
    }

    /** A prompt of an epoch, with what it is conditioned on in this epoch alone. */
    Prompt drawn(Prompt prompt, long epoch, int index) {
        return augmentation == null ? prompt : augmentation.drawn(prompt, random.seed("told", epoch, index));
    }

    /** What a prompt asks for beside its text, by name. */
    Map<String, String> asked(Prompt prompt) {
        return augmentation == null ? Map.of() : augmentation.asked(prompt);
    }
}
