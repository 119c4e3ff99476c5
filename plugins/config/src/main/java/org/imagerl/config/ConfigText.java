package org.imagerl.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.text.Count;
import org.imagerl.spi.text.Quote;

/** The text of a configuration file. For a path that is not one, the error says what was probably meant. */
public final class ConfigText {
    private static final int MAX_NAMED = 5;

    private ConfigText() {}

    /**
     * Reads a file.
     *
     * @throws UserException if it is a folder, absent, no regular file or no text
     */
    public static String of(Path file) {
        if (Files.isDirectory(file)) {
            throw UserException.input(file + ": is a folder, not a file of settings" + within(file));
        }
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw UserException.input(file + ": no such file" + beside(file));
        }
        return BoundedFile.text(file, Layers.MAX_BYTES);
    }

    private static String within(Path folder) {
        if (Files.isRegularFile(folder.resolve("config.yaml")) && Files.isDirectory(folder.resolve("checkpoints"))) {
            return "; it is a run: go on with it by imagerl resume " + folder + ", or name its config.yaml";
        }
        List<String> names = names(folder);
        return names.isEmpty() ? "; name a YAML file" : "; name one of its files: " + Count.some(names, MAX_NAMED);
    }

    private static String beside(Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return ": there is no folder " + folder;
        }
        String hint = Nearest.hint(String.valueOf(file.getFileName()), names(folder));
        return hint.isEmpty() ? "; " + folder + " has none of this name" : hint;
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> entries = Folders.entries(folder)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> name.endsWith(".yaml") || name.endsWith(".yml"))
                    .sorted()
                    .map(Quote::plain)
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
