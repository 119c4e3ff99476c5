package org.imagerl.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.imagerl.host.config.ConfigLoader;
import org.imagerl.host.registry.Kind;
import org.imagerl.host.registry.Part;
import org.imagerl.spi.Context;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.IoProblems;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl pretrain}. */
@Command(
        name = "pretrain",
        mixinStandardHelpOptions = true,
        header = "Makes a tiny checkpoint from nothing.",
        description = {
            "Trains on pictures with captions or on a generated word set. Interrupted, the same",
            "command goes on where it stopped; that needs the same settings, which are kept in the folder as pretrain.yaml."
        })
final class PretrainVerb implements Callable<Integer>, UsesMemory {
    private static final String SETTINGS = "pretrain.yaml";

    private final Session session;

    @Parameters(
            paramLabel = "FILE",
            description = {
                "YAML with 'type: stable-diffusion' or 'stable-diffusion-3' and its settings",
                "(imagerl plugins describe TYPE lists them)."
            })
    private Path file = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The folder of the checkpoint.")
    private Path out = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a key, dots between: --set unet.steps=20. Can be given several times.")
    private List<String> overrides = List.of();

    @Option(names = "--device", description = "auto, cpu or cuda:N. Default: ${DEFAULT-VALUE}")
    private String device = "auto";

    PretrainVerb(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Part<Pretraining> part = new ConfigLoader(session.registry()).part(Kind.PRETRAINING, file, overrides);
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        int threads = Runtime.getRuntime().availableProcessors();
        Pretraining pretraining = part.create(new Context(folder, device, threads, session::notice));
        claim(ConfigLoader.yaml(part));
        return session.runLong("the same command goes on from here", progress -> {
            pretraining.run(out, progress);
            if (progress.stopped()) {
                return ExitCode.INTERRUPTED;
            }
            session.out().println("written: " + out);
            return ExitCode.OK;
        });
    }

    /** Makes the folder this pretraining's own, or sees that it is. */
    private void claim(String settings) {
        Path kept = out.resolve(SETTINGS);
        if (!Files.exists(kept)) {
            Outputs.freshFolder(out);
            Outputs.makeFolder(out);
            AtomicFile.writeText(kept, settings);
        } else if (!read(kept).equals(settings)) {
            throw UserException.input(
                    kept + ": was begun with these other settings; go on with the same file and the same"
                            + " --set options, or name another folder");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw IoProblems.reading(file, e);
        }
    }

    @Override
    public List<String> memoryAdvice() {
        return List.of("unet.batch or transformer.batch", "vae.batch", "width and height");
    }
}
