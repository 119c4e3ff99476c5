package org.imagerl.latent.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.hub.ConfigFile;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightVariant;
import org.imagerl.toolkit.safetensors.WeightViews;

/** A component in a folder of its own, as diffusers and transformers write it; the fp16 files are taken if only those are there. */
record FolderComponent(Path folder) implements ComponentSource {

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
    public void copy(Path target, boolean weightsToo) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Files.createDirectories(target);
        try (var files = Files.list(folder)) {
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
    }
}
