package org.imagerl.latent.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The description of a component without weights: a noise schedule's.
 *
 * @param file its own, or in whose place it stands, for messages
 * @param content where no file says it; null: that of the file
 */
record Description(Path file, @Nullable ObjectNode content) implements ComponentSource {

    @Override
    public String place() {
        return file.toString();
    }

    @Override
    public ConfigFile config(String name) {
        return content == null ? ConfigFile.read(file) : ConfigFile.of(file, content);
    }

    @Override
    public void copy(Path target, boolean weightsToo) throws IOException {
        Files.createDirectories(target);
        Path copy = target.resolve("scheduler_config.json");
        if (content == null) {
            Files.copy(file, copy);
        } else {
            AtomicFile.writeText(copy, StrictJson.indented(content) + "\n");
        }
    }
}
