package org.imagerl.training.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.imagerl.config.Origin;
import org.imagerl.config.Problems;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.text.Quote;

/** Whether prompts name the images and masks that samples begin with, and whether a run can paint into images. */
public final class PromptImageRules {
    private static final String PAINTS =
            "the denoiser of this checkpoint paints into images (StableDiffusionInpaintPipeline)";
    private static final String BEGINS = "rollout.strength lets samples begin with images";

    private static final String HINTS = "a hint (rollout.hints) begins with it";

    private final RunConfig config;
    private final Problems problems = new Problems();

    private PromptImageRules(RunConfig config) {
        this.config = config;
    }

    /** Takes what is wrong with a field. */
    private interface Report extends BiConsumer<String, String> {}

    /**
     * Makes sure that every prompt has an image where {@code rollout.strength} is given; the checkpoint need not be known.
     *
     * @throws org.imagerl.spi.UserException with all that is missing, each with file and line
     */
    public static void checkImages(RunConfig config) {
        PromptImageRules rules = new PromptImageRules(config);
        if (config.rollout().strength() != null) {
            rules.prompts((prompt, report) -> rules.file(prompt, PromptImages.IMAGE, BEGINS, report));
        }
        RolloutConfig.Hints hints = config.rollout().hints();
        RunConfig.Prompts trained = config.prompts();
        if (hints != null && trained != null) {
            hints.levels().stream()
                    .map(RolloutConfig.Hints.Level::image)
                    .flatMap(Stream::ofNullable)
                    .distinct()
                    .forEach(field -> rules.prompts(trained, (prompt, report) -> rules.hint(prompt, field, report)));
        }
        rules.problems.throwIfAny();
    }

    private void hint(Prompt prompt, String field, Report report) {
        if (prompt.metadata().containsKey(field)) {
            file(prompt, field, HINTS, report);
        }
    }

    /**
     * Makes sure that every prompt has what the checkpoint takes, and no more, and that the run is one that can paint into images.
     *
     * @param paintsIn whether the checkpoint paints into images ({@link org.imagerl.spi.Pipeline#paintsIn})
     * @throws org.imagerl.spi.UserException with all that is wrong, each with file and line
     */
    public static void check(EffectiveConfig effective, boolean paintsIn) {
        PromptImageRules rules = new PromptImageRules(effective.config());
        if (paintsIn) {
            rules.painting(new RuleReport(effective, rules.problems));
        } else if (rules.config.rollout().strength() != null) {
            rules.prompts(rules::unpainted);
        }
        rules.problems.throwIfAny();
    }

    private void painting(RuleReport report) {
        if (config.data() != null) {
            report.problem(
                    "data",
                    "has no masks, and " + PAINTS
                            + "; train on rollouts (prompts), or take a text-to-image checkpoint");
        }
        if (config.rollout().sharedNoise()) {
            report.problem(
                    "rollout.shared_noise",
                    "is for samples that begin with noise alone, and " + PAINTS + "; leave it out",
                    true);
        }
        if (config.rollout().hints() != null) {
            report.problem(
                    "rollout.hints", "make images that begin with noise alone, and " + PAINTS + "; leave them out");
        }
        prompts((prompt, problem) -> {
            file(prompt, PromptImages.IMAGE, PAINTS, problem);
            file(prompt, PromptImages.MASK, PAINTS, problem);
        });
    }

    private void unpainted(Prompt prompt, Report report) {
        file(prompt, PromptImages.IMAGE, BEGINS, report);
        if (prompt.metadata().containsKey(PromptImages.MASK)) {
            report.accept(
                    PromptImages.MASK,
                    "is for checkpoints that paint into images (StableDiffusionInpaintPipeline, a UNet of 9 channels)."
                            + " With others the rest of the image is put back after every step, so that the steps are"
                            + " no longer those that the policy drew and is trained on. Take an inpainting checkpoint,"
                            + " or leave the field out");
        }
    }

    private void file(Prompt prompt, String field, String why, Report report) {
        String named = prompt.metadata().get(field);
        if (named == null) {
            report.accept(
                    field,
                    "is missing, the file of the prompt's " + field + ": " + why
                            + "; add the field to the prompt file (.jsonl or .csv)");
            return;
        }
        Path file = config.resolve(named);
        if (!Files.isRegularFile(file)) {
            report.accept(
                    field, Quote.of(named) + " is no file; paths are relative to the configuration, this is " + file);
        }
    }

    private void prompts(BiConsumer<Prompt, Report> look) {
        RunPrompts.sources(config).forEach(source -> prompts(source, look));
    }

    private void prompts(RunConfig.Prompts source, BiConsumer<Prompt, Report> look) {
        Map<String, Origin> places = PromptFile.places(config.resolve(source.file()));
        for (Prompt prompt : RunPrompts.read(source, config)) {
            look.accept(
                    prompt,
                    (field, message) -> problems.add(places.getOrDefault(prompt.id(), Origin.DEFAULT), field, message));
        }
    }
}
