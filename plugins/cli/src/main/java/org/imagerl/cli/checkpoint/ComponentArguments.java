package org.imagerl.cli.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.imagerl.config.registry.CheckpointPath;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import picocli.CommandLine.Option;

/** The option {@code --component} of verbs that open a checkpoint. */
final class ComponentArguments {
    @Option(
            names = "--component",
            paramLabel = "NAME=PATH",
            description =
                    "A component that is taken from a file or folder in place of the checkpoint's own, or because a"
                            + " single file has none: vae, text_encoder, tokenizer, scheduler and others; "
                            + "config is a checkpoint folder that describes a single file. Can be given several times.")
    private List<String> given = List.of();

    /**
     * Name to path.
     *
     * @throws UserException if one has another form, is named twice, or is not there
     */
    Map<String, Path> byName() {
        Map<String, Path> components = new TreeMap<>();
        for (String text : given) {
            int end = text.indexOf('=');
            if (end < 1 || end == text.length() - 1) {
                throw UserException.input(
                        "--component must be NAME=PATH, such as vae=ae.safetensors, not " + Quote.of(text));
            }
            Path path = Path.of(text.substring(end + 1));
            CheckpointPath.requireExisting(path);
            if (components.put(text.substring(0, end), path) != null) {
                throw UserException.input("--component names " + Quote.of(text.substring(0, end))
                        + " twice: a checkpoint has one of each");
            }
        }
        return components;
    }

    /** The names with those of the files and folders, without the places where they lie. */
    String names() {
        return byName().entrySet().stream()
                .map(entry -> entry.getKey() + "="
                        + entry.getValue().toAbsolutePath().normalize().getFileName())
                .collect(Collectors.joining(", "));
    }

    /** The settings that a checkpoint leaves open, with these components. */
    PipelineFactory.Model model() {
        return new PipelineFactory.Model(null, null, byName());
    }
}
