package org.imagerl.cli.train;

import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.UsesMemory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code imagerl pretrain}. */
@Command(
        name = "pretrain",
        mixinStandardHelpOptions = true,
        header = "Makes a tiny checkpoint from nothing.",
        description = "Trains on images with captions or on a generated word set. If it is interrupted, the same "
                + "command continues it. The settings must be the same; the folder keeps them in pretrain.yaml.")
final class PretrainVerb implements Callable<Integer>, UsesMemory {
    private static final String SETTINGS = "pretrain.yaml";

    private final CliContext session;

    @Mixin
    private PretrainOptions options = new PretrainOptions();

    PretrainVerb(CliContext session) {
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
