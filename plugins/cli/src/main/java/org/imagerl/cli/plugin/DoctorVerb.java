package org.imagerl.cli.plugin;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Finding;
import org.imagerl.cli.console.Version;
import org.imagerl.cli.torch.TorchChecks;
import org.imagerl.cli.torch.TorchReport;
import org.imagerl.spi.Plugin;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code imagerl doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        header = "Checks Java, natives, GPU, memory, disk, fonts, plugins.",
        description = {
            "Prints one line for each check, with a remedy where something is wrong. The exit code is 3 if something "
                    + "that is needed does not work.",
            "",
            "With --torch it looks at the PyTorch of a Python installation instead: whether imagerl can use it in "
                    + "place of its own, for GPUs above all, what is missing, and how it is used.",
            "",
            "Example: imagerl doctor --torch ~/venv"
        })
final class DoctorVerb implements Callable<Integer> {
    private final CliContext session;
    private final Function<Predicate<String>, List<Finding>> engine;

    @Option(
            names = "--torch",
            paramLabel = "PATH",
            description = "A virtual environment of Python with torch in it, or its folder site-packages/torch.")
    private @Nullable Path torch;

    @Option(
            names = "--shell",
            description = "With --torch: print nothing but the settings, as lines that a shell evaluates.")
    private boolean shell;

    @Option(
            names = "--yes",
            description = "Where the distribution was built for CUDA: download PyTorch without a question, if it is "
                    + "not there.")
    private boolean yes;

    DoctorVerb(CliContext session, Function<Predicate<String>, List<Finding>> engine) {
        this.session = session;
        this.engine = engine;
    }

    @Override
    public Integer call() {
        if (torch == null) {
            return all();
        }
        TorchReport report = TorchChecks.of(torch);
        if (shell) {
            report.printForShell(session.out());
        } else {
            report.print(session.out());
        }
        return report.broken() ? ExitCode.ENVIRONMENT : ExitCode.OK;
    }

    private int all() {
        session.out().println("imagerl " + Version.current());
        boolean[] broken = new boolean[1];
        check(this::yes, finding -> {
            finding.print(session.out());
            broken[0] |= finding.status() == Finding.Status.BROKEN;
        });
        return broken[0] ? ExitCode.ENVIRONMENT : ExitCode.OK;
    }

    /**
     * Checks everything.
     *
     * @param ask asks the user a question
     * @param found takes the findings, in their order
     */
    void check(Predicate<String> ask, Consumer<Finding> found) {
        LoggerFactory.getILoggerFactory(); // several threads that set it up at a time would have warnings about it
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            // Loading native libraries is nearly all of the time, and they do not need each other.
            List<CompletableFuture<List<Finding>>> parts = Stream.<Supplier<List<Finding>>>of(
                            DoctorVerb::machine,
                            () -> engine.apply(ask),
                            () -> List.of(NativeChecks.tokenizers()),
                            this::rewards)
                    .map(part -> CompletableFuture.supplyAsync(part, threads))
                    .toList();
            parts.forEach(part -> part.join().forEach(found));
        } catch (CompletionException e) { // as if the check had failed in this thread
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw e;
        } finally {
            threads.shutdownNow();
        }
    }

    /** Asks the user; without a terminal the answer is no. */
    private boolean yes(String question) {
        String answer = yes ? "yes" : session.ask(question + " [y/N]");
        return answer != null && answer.toLowerCase(Locale.ROOT).matches("y|yes");
    }

    private static List<Finding> machine() {
        return List.of(
                MachineChecks.java(),
                MachineChecks.processor(),
                MachineChecks.memory(),
                MachineChecks.disk(Path.of("")),
                MachineChecks.fonts());
    }

    private List<Finding> rewards() {
        return Stream.concat(
                        Stream.of(plugins(), NativeChecks.caches(), NativeChecks.telemetry()),
                        NativeChecks.rewards(session).stream())
                .toList();
    }

    private Finding plugins() {
        String names = session.registry().plugins().stream().map(Plugin::name).collect(Collectors.joining(", "));
        List<String> warnings = session.registry().warnings();
        return warnings.isEmpty()
                ? Finding.ok("plugins", names)
                : Finding.warning(
                        "plugins", names + "; " + String.join("; ", warnings), "remove or update the jars named");
    }
}
