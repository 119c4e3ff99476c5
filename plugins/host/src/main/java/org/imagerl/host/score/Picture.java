package org.imagerl.host.score;

import java.nio.file.Path;
import java.util.Map;
import org.imagerl.spi.Prompt;
import org.jspecify.annotations.Nullable;

/**
 * A picture to score.
 *
 * @param name as it is listed in results
 * @param file where it is
 * @param given what it was made for, if a list or an option says so; else null, and the file or one beside it may say it
 */
public record Picture(String name, Path file, @Nullable Prompt given) {

    /**
     * What it was made for; its id is its text, so that pictures of one prompt are a group. Read from the file each time if nothing is
     * given, so that a hundred thousand pictures need no memory for it.
     */
    public Prompt prompt() {
        if (given != null) {
            return given;
        }
        String own = PictureFinder.ownPrompt(file);
        return new Prompt(own, own, Map.of());
    }
}
