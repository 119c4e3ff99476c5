package org.imagerl.latent.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.WeightViews;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The description of a component without weights: a noise schedule's.
 *
 * @param place its file, or in whose place it stands, for messages
 * @param content where no file says it; null: that of the file
 */
record Description(Path place, @Nullable ObjectNode content) implements ComponentSource {

    @Override
    public ConfigFile config(String name) {
        return content == null ? ConfigFile.read(place) : ConfigFile.of(place, content);
    }

    @Override
    public void weights(
            ParameterStore network,
            String stem,
            Function<Collection<String>, UnaryOperator<String>> keys,
            Consumer<WeightViews> use) {
        throw UserException.input(place + ": has no weights");
    }

    @Override
    public Path folder() {
        throw UserException.input(place + ": is no folder");
    }

    @Override
    public void copy(Path target, boolean weightsToo) throws IOException {
        Files.createDirectories(target);
        Path file = target.resolve("scheduler_config.json");
        if (content == null) {
            Files.copy(place, file);
        } else {
            AtomicFile.writeText(file, StrictJson.indented(content) + "\n");
        }
    }
}
