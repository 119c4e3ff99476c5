package org.imagerl.latent.source;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.safetensors.SafetensorsFile;

/** Components that the user names in place of those of the checkpoint, or because it has none. */
final class GivenComponents {
    private GivenComponents() {}

    /** Refuses names of which the kind has no component. */
    static void requireKnown(Map<String, Path> given, SingleFileKind kind) {
        for (String name : given.keySet()) {
            if (!kind.names().contains(name)) {
                throw UserException.input("component " + Quote.of(name) + ": " + kind.title() + " has no such component"
                        + Nearest.hint(name, kind.names()) + " (its components: " + String.join(", ", kind.names())
                        + ")");
            }
        }
        Path config = given.get(SingleFileKind.CONFIG);
        if (config != null && !describes(config, kind)) {
            throw UserException.input(config + ": is no folder that describes a checkpoint; component \""
                    + SingleFileKind.CONFIG + "\" is a checkpoint folder whose descriptions and tokenizers are taken");
        }
    }

    /** Whether it is a checkpoint folder, or has a folder for one of the components. */
    private static boolean describes(Path folder, SingleFileKind kind) {
        return Files.exists(folder.resolve("model_index.json"))
                || kind.names().stream().anyMatch(name -> Files.isDirectory(folder.resolve(name)));
    }

    /**
     * A network in a folder of its own, in a checkpoint folder, or in a file.
     *
     * @throws UserException if there is none
     */
    static ComponentSource network(String name, Path path, ComponentFormat format) {
        if (Files.isDirectory(path)) {
            return new FolderComponent(folder(path, name, "config.json"));
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            return format.find(file)
                    .map(found -> new FileComponent(path, name, found))
                    .orElseThrow(() -> UserException.input(path + ": has no tensors of a " + name
                            + " of this kind, for which it is named (component " + name
                            + "); imagerl inspect FILE says what it is"));
        }
    }

    /** The noise schedule: a folder, a checkpoint folder, or the file itself. */
    static ComponentSource scheduler(Path path) {
        return Files.isDirectory(path)
                ? new FolderComponent(folder(path, "scheduler", "scheduler_config.json"))
                : new Description(path, null);
    }

    /** The folder of a tokenizer, or of a checkpoint that has one. */
    static ComponentSource tokenizer(String name, Path path, Optional<String> pad) {
        if (!Files.isDirectory(path)) {
            throw UserException.input(path + ": is no folder; a " + name
                    + " is a folder with tokenizer.json, or with vocab.json and merges.txt");
        }
        Path folder = Files.exists(path.resolve("tokenizer.json")) || Files.exists(path.resolve("vocab.json"))
                ? path
                : folder(path, name, "tokenizer_config.json");
        return new FolderComponent(folder, pad);
    }

    /** The sub-folder of that name, if the folder itself is not it. */
    private static Path folder(Path path, String name, String description) {
        boolean whole = !Files.exists(path.resolve(description)) && Files.isDirectory(path.resolve(name));
        return whole ? path.resolve(name) : path;
    }
}
