package org.imagerl.latent.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.hub.ConfigFile;
import org.imagerl.hub.tokenizer.ClipTokenizer;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.Folders;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightVariant;
import org.imagerl.toolkit.safetensors.WeightViews;
import tools.jackson.databind.node.ObjectNode;

/**
 * A component in a folder of its own, as diffusers and transformers write it; the fp16 files are taken if only those are there.
 *
 * @param pad the token that fills prompts up, whatever the folder of a tokenizer says; empty: as it says
 */
record FolderComponent(Path folder, Optional<String> pad) implements ComponentSource {
    private static final List<String> TOKENIZER_SETTINGS = List.of("tokenizer_config.json", "special_tokens_map.json");

    FolderComponent(Path folder) {
        this(folder, Optional.empty());
    }

    @Override
    public String place() {
        return folder.toString();
    }

    @Override
    public ConfigFile config(String name) {
        return ConfigFile.read(folder.resolve(name));
    }

    @Override
    public void weights(
            ParameterStore network,
            String stem,
            Function<Collection<String>, UnaryOperator<String>> keys,
            Consumer<WeightViews> use) {
        try (WeightFiles files = WeightFiles.open(folder, stem, WeightVariant.only(folder, stem))) {
            use.accept(WeightViews.of(files, keys.apply(files.names())));
        }
    }

    @Override
    public ClipTokenizer clipTokenizer() {
        return ClipTokenizer.load(folder, pad);
    }

    @Override
    public void copy(Path target, boolean weightsToo) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Files.createDirectories(target);
        try (var files = Folders.entries(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = String.valueOf(file.getFileName());
                boolean description = (name.endsWith(".json") && !name.contains(".safetensors.index"))
                        || name.endsWith(".txt")
                        || name.endsWith(".model");
                boolean weights = name.contains(".safetensors");
                if (Files.isRegularFile(file) && (description || (weights && weightsToo))) {
                    Files.copy(file, target.resolve(name));
                }
            }
        }
        if (pad.isPresent()) {
            for (String name : TOKENIZER_SETTINGS) {
                setPad(target.resolve(name), pad.get());
            }
        }
    }

    private static void setPad(Path settings, String pad) {
        ObjectNode node = Files.exists(settings) ? StrictJson.object(settings) : StrictJson.newObject();
        AtomicFile.writeText(settings, StrictJson.indented(node.put("pad_token", pad)) + "\n");
    }
}
