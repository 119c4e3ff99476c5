package org.imagerl.cli.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Outputs;
import org.imagerl.config.ConfigLoader;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.Claim;
import org.imagerl.spi.io.HeldFolder;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The options of trainings from nothing: a file of settings, and the folder that the training writes and keeps other
 * processes out of.
 */
final class PretrainOptions {
    private static final String REPORT = "report.txt";

    @Parameters(
            paramLabel = "FILE",
            description = "YAML with 'type:' and its settings (imagerl plugins describe TYPE lists them).")
    private Path file = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The folder for the results.")
    private Path out = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a key, written with dots: --set unet.steps=20. Can be given several times.")
    private List<String> overrides = List.of();

    @Option(names = "--device", description = "auto, cpu or cuda:N. Default: ${DEFAULT-VALUE}")
    private String device = "auto";

    /**
     * Trains.
     *
     * @param kept name of the file in the folder that keeps the settings
     */
    int run(CliContext session, String kept) {
        BoundPart<Pretraining> part = new ConfigLoader(session.registry()).part(Kind.PRETRAINING, file, overrides);
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        int threads = Runtime.getRuntime().availableProcessors();
        Pretraining pretraining = part.create(session.context(device, threads).in(folder));
        try (Claim only = Claim.of(
                out,
                out + ": another process is training into this folder at this moment; wait for it, or name another")) {
            int code = train(session, kept, part, pretraining);
            only.release();
            return code;
        }
    }

    private int train(CliContext session, String kept, BoundPart<Pretraining> part, Pretraining pretraining) {
        claim(out.resolve(kept), ConfigLoader.yaml(part));
        HeldFolder held = HeldFolder.of(out);
        return session.runLong("the same command continues from here", progress -> {
            try {
                pretraining.run(out, held.watching(progress));
                held.requireThere();
            } catch (UserException e) {
                Outputs.deleteIfAlone(out.resolve(kept));
                throw e;
            }
            if (progress.stopped()) {
                return ExitCode.INTERRUPTED;
            }
            if (Files.exists(out.resolve(REPORT))) {
                session.out().print(Outputs.read(out.resolve(REPORT)));
            }
            session.out().println("written: " + out);
            return ExitCode.OK;
        });
    }

    /** Makes the folder this training's own, or sees that it is. */
    private void claim(Path kept, String settings) {
        if (!Files.exists(kept)) {
            Outputs.freshFolder(out);
            Outputs.makeFolder(out);
            AtomicFile.writeText(kept, settings);
        } else if (!Outputs.read(kept).equals(settings)) {
            throw UserException.input(
                    kept + ": was begun with these other settings; use the same file and the same --set options, or "
                            + "name another folder");
        }
    }
}
