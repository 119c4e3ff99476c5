package org.imagerl.cli.train;

import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.Session;
import org.imagerl.cli.console.UsesMemory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code imagerl pretrain}. */
@Command(
        name = "pretrain",
        mixinStandardHelpOptions = true,
        header = "Makes a tiny checkpoint from nothing.",
        description = "Trains on pictures with captions or on a generated word set. Interrupted, the same command "
                + "goes on where it stopped; that needs the same settings, which are kept in the folder as "
                + "pretrain.yaml.")
final class PretrainVerb implements Callable<Integer>, UsesMemory {
    private static final String SETTINGS = "pretrain.yaml";

    private final Session session;

    @Mixin
    private PretrainOptions options = new PretrainOptions();

    PretrainVerb(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        return options.run(session, SETTINGS);
    }

    @Override
    public List<String> memoryAdvice() {
        return List.of("unet.batch or transformer.batch", "vae.batch", "width and height");
    }
}
