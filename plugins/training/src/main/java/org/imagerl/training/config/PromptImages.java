package org.imagerl.training.config;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * The images that samples begin with, and their masks: files that the fields {@code image} and {@code mask} of prompts name. Samples begin with images
 * where {@code rollout.strength} says so, and always with a checkpoint that paints into images.
 *
 * @param config that paths are relative to
 * @param paintsIn whether the checkpoint paints into images ({@link org.imagerl.spi.Pipeline#paintsIn}), and so takes masks
 */
public record PromptImages(RunConfig config, boolean paintsIn) {
    static final String IMAGE = "image";
    static final String MASK = "mask";

    /** Whether samples begin with images. */
    public boolean used() {
        return paintsIn || config.rollout().strength() != null;
    }

    /** Share of the steps that are made: all, unless the configuration says otherwise. */
    public double strength() {
        Double strength = config.rollout().strength();
        return strength == null ? 1 : strength;
    }

    /** The image of a prompt. */
    public Path image(Prompt prompt) {
        return file(prompt, IMAGE);
    }

    /** The mask of a prompt; null where the checkpoint takes none. */
    public @Nullable Path mask(Prompt prompt) {
        return paintsIn ? file(prompt, MASK) : null;
    }

    /** The file that a field of a prompt names. */
    public Path file(Prompt prompt, String field) {
        String named = prompt.metadata().get(field);
        if (named == null) {
            throw UserException.input("the prompt " + Quote.of(prompt.text()) + " has no field " + field
                    + ", the file of its " + field + "; add it to the prompt file (.jsonl or .csv)");
        }
        return config.resolve(named);
    }

    /** The images of some prompts that hints begin with, each once. */
    public List<Path> ofHints(List<Prompt> prompts) {
        RolloutConfig.Hints hints = config.rollout().hints();
        if (hints == null) {
            return List.of();
        }
        return hints.levels().stream()
                .map(RolloutConfig.Hints.Level::image)
                .flatMap(Stream::ofNullable)
                .flatMap(field -> prompts.stream()
                        .filter(prompt -> prompt.metadata().containsKey(field))
                        .map(prompt -> file(prompt, field)))
                .distinct()
                .toList();
    }

    /** The files of some prompts, each once; none where samples begin with noise alone. */
    public List<Path> files(List<Prompt> prompts) {
        if (!used()) {
            return List.of();
        }
        Set<Path> files = new LinkedHashSet<>();
        for (Prompt prompt : prompts) {
            files.add(image(prompt));
            Path mask = mask(prompt);
            if (mask != null) {
                files.add(mask);
            }
        }
        return List.copyOf(files);
    }
}
