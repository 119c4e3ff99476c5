package org.imagerl.training.loop;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PilResize;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.sampling.ImageStart;
import org.imagerl.toolkit.sampling.ImageStarts;
import org.imagerl.training.config.RunConfig;
import org.jspecify.annotations.Nullable;

/** The images that samples begin with where {@code rollout.strength} says so: the files that prompts name. */
final class PromptImages {
    private static final String FIELD = "image";

    private PromptImages() {}

    /** Images of a size, resized as diffusers does; null where samples begin with noise alone. */
    static @Nullable ImageStarts of(RunConfig config, ImageSize size) {
        Double strength = config.rollout().strength();
        if (strength == null) {
            return null;
        }
        return new ImageStarts(
                strength,
                prompt -> new ImageStart(
                        PilResize.lanczos(ImageDecoder.decode(file(config, prompt)), size.width(), size.height()),
                        null,
                        strength));
    }

    /**
     * Makes sure that every prompt has its image.
     *
     * @throws UserException naming the first that has none, or the file that is not there
     */
    static void check(RunConfig config, List<Prompt> prompts) {
        for (Path file : files(config, prompts)) {
            if (!Files.isRegularFile(file)) {
                throw UserException.input(file + ": the field image of a prompt names it, but there is no such file;"
                        + " paths are relative to the configuration");
            }
        }
    }

    /** The files of some prompts, each once; none where samples begin with noise alone. */
    static List<Path> files(RunConfig config, List<Prompt> prompts) {
        return config.rollout().strength() == null
                ? List.of()
                : prompts.stream()
                        .map(prompt -> file(config, prompt))
                        .distinct()
                        .toList();
    }

    private static Path file(RunConfig config, Prompt prompt) {
        String named = prompt.metadata().get(FIELD);
        if (named == null) {
            throw UserException.input("rollout.strength: samples begin with images, but the prompt "
                    + Quote.of(prompt.text()) + " has no field image, the file of its image; add it to the prompt"
                    + " file (.jsonl or .csv), or leave rollout.strength out");
        }
        return config.resolve(named);
    }
}
