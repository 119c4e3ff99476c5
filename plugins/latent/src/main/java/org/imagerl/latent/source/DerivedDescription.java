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
import tools.jackson.databind.node.ObjectNode;

/**
 * The noise schedule of a kind of checkpoint, which no file says.
 *
 * @param place for messages
 */
record DerivedDescription(Path place, ObjectNode content) implements ComponentSource {

    @Override
    public ConfigFile config(String name) {
        return ConfigFile.of(place, content);
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
        AtomicFile.writeText(target.resolve("scheduler_config.json"), StrictJson.indented(content) + "\n");
    }
}
