package org.imagerl.cli.train;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.imagerl.bench.run.EpochBenchmark;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.UsesMemory;
import org.imagerl.config.ConfigLoader;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Kind;
import org.imagerl.spi.Context;
import org.imagerl.spi.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl bench}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        header = "Measures speed and memory on this machine.",
        description = "NAME is a benchmark (imagerl plugins lists them), or the configuration of a training run: "
                + "then two of its epochs are timed, split into rollout, reward and update, and an update is "
                + "compared with the passes of the denoiser in it. No files are left behind. Run it on a "
                + "machine that does nothing else.")
final class BenchVerb implements Callable<Integer>, UsesMemory {
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private final CliContext session;

    @Parameters(paramLabel = "NAME", description = "A benchmark, or a configuration file (.yaml).")
    private String name = "";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a key of the benchmark's or the run's configuration. Can be given several times.")
    private List<String> overrides = List.of();

    @Option(names = "--device", description = "auto, cpu or cuda:N, for a benchmark. Default: ${DEFAULT-VALUE}")
    private String device = "auto";

    BenchVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        return session.runLong("a benchmark keeps nothing", SILENCE, progress -> {
            progress.begin(); // folders for the time of the benchmark
            try {
                run(progress);
                return progress.stopped() ? ExitCode.INTERRUPTED : ExitCode.OK;
            } catch (CancellationException e) {
                return ExitCode.INTERRUPTED;
            }
        });
    }

    private void run(Progress progress) {
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            EpochBenchmark.run(Path.of(name), overrides, session.registry(), progress, session.out()::println);
            return;
        }
        Context context =
                new Context(Path.of("."), device, Runtime.getRuntime().availableProcessors(), session::notice);
        new ConfigLoader(session.registry())
                .part(Kind.BENCHMARK, "type: " + name, Overrides.parse(overrides))
                .create(context)
                .run(line -> {
                    session.out().println(line);
                    if (progress.stopped()) { // between two measurements: a benchmark knows nothing of stopping
                        throw new CancellationException();
                    }
                });
    }

    @Override
    public List<String> memoryAdvice() {
        return List.of("close other programs: a benchmark needs what its description says");
    }
}
