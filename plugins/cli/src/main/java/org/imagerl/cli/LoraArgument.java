package org.imagerl.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;

/**
 * A LoRA on the command line: {@code FILE} or {@code FILE:SCALE}.
 *
 * @param path a file or PEFT folder
 * @param scale what its change of the weights is multiplied by
 */
record LoraArgument(Path path, double scale) {
    private static final Pattern SCALED = Pattern.compile("(.+):(-?[0-9]+(\\.[0-9]*)?|-?\\.[0-9]+)");

    /**
     * Reads an argument.
     *
     * @throws UserException if there is no such file
     */
    static LoraArgument parse(String text) {
        Matcher scaled = SCALED.matcher(text);
        boolean split = !Files.exists(Path.of(text)) && scaled.matches();
        Path path = Path.of(split ? scaled.group(1) : text);
        if (!Files.exists(path)) {
            throw UserException.input(path + ": there is no such LoRA file or folder");
        }
        return new LoraArgument(path, split ? Double.parseDouble(scaled.group(2)) : 1);
    }

    @Override
    public String toString() {
        return path + ":" + scale;
    }
}
