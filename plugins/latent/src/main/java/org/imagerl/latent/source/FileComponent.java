package org.imagerl.latent.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.original.OriginalWeights;
import org.imagerl.toolkit.original.TensorGroup;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.WeightViews;

/**
 * A component whose weights are in a single file, and whose description follows from their shapes or is in a folder.
 *
 * @param file a safetensors file
 * @param name of the component, for messages
 * @param described the folder with its description; empty: it follows from shapes
 */
record FileComponent(Path file, String name, ComponentFormat.Found found, Optional<Path> described)
        implements ComponentSource {

    FileComponent(Path file, String name, ComponentFormat.Found found) {
        this(file, name, found, Optional.empty());
    }

    @Override
    public String place() {
        return file + " (" + name + ")";
    }

    @Override
    public ConfigFile config(String configName) {
        return described
                .map(folder -> ConfigFile.read(folder.resolve(configName)))
                .orElseGet(() -> ConfigFile.of(Path.of(place()), found.config()));
    }

    @Override
    public void weights(
            ParameterStore network,
            String stem,
            Function<Collection<String>, UnaryOperator<String>> keys,
            Consumer<WeightViews> use) {
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            TensorGroup group = new TensorGroup(open, found.prefix());
            use.accept(OriginalWeights.views(group, found.layout().apply(network.shapes()), network.shapes()));
        }
    }

    @Override
    public void copy(Path target, boolean weightsToo) throws IOException {
        Files.createDirectories(target);
        AtomicFile.writeText(
                target.resolve("config.json"),
                StrictJson.indented(config("config.json").tree()) + "\n");
    }
}
