package org.imagerl.scoring;

import java.nio.file.Path;
import java.util.Map;
import org.imagerl.images.EmbeddedPrompt;
import org.imagerl.spi.Prompt;
import org.jspecify.annotations.Nullable;

/**
 * An image to score.
 *
 * @param name as it is listed in results
 * @param file where it is
 * @param given the prompt that a list or an option gives it; else null, and the file or one beside it may say one
 * @param fields what a list says of it beside the prompt
 */
public record ImageItem(String name, Path file, @Nullable Given given, Map<String, String> fields) {
    public ImageItem {
        fields = Map.copyOf(fields);
    }

    /**
     * A prompt that does not come from the image file itself.
     *
     * @param source the option or the file that gives it, for counting
     */
    public record Given(String text, String source) {
        static Given option(String text) {
            return new Given(text, "--prompt");
        }

        static Given list(String text, Path list) {
            return new Given(text, String.valueOf(list.getFileName()));
        }
    }

    /**
     * A prompt and where it comes from.
     *
     * @param prompt its id is its text, so that images of one prompt are a group
     * @param source in words, for counting
     * @param reason why there is none although the file says something; else empty
     */
    public record Found(Prompt prompt, String source, String reason) {
        static final String UNREADABLE = "text file beside it, which cannot be read";
    }

    /**
     * What it was made for; its id is its text, so that images of one prompt are a group. Read from the file each time if nothing is
     * given, so that a hundred thousand images need no memory for it.
     */
    public Prompt prompt() {
        return found().prompt();
    }

    /** The same, with where it comes from. */
    public Found found() {
        if (given != null) {
            return new Found(new Prompt(given.text(), given.text(), fields), given.source(), "");
        }
        EmbeddedPrompt own = ImageFinder.ownPrompt(file);
        String source = own.source().isEmpty() ? "none" : own.source();
        return new Found(new Prompt(own.text(), own.text(), fields), source, own.reason());
    }
}
