package org.imagerl.cli.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.spi.UserException;
import org.imagerl.ui.PageServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl ui}. */
@Command(
        name = "ui",
        mixinStandardHelpOptions = true,
        header = "Shows runs, studies and scores on a page in a browser.",
        description = {
            "Curves, images, rewards, settings and logs, also while a run trains: the page follows. Only this machine can"
                    + " reach the server, and it reads files and changes none. Ends with Ctrl-C.",
            "",
            "Example: imagerl ui runs"
        })
final class UiVerb implements Callable<Integer> {
    private static final Duration SILENCE = Duration.ofSeconds(5);
    private static final Path RUNS = Path.of("runs");

    private final CliContext session;

    @Parameters(
            arity = "0..*",
            paramLabel = "PLACE",
            description = "A folder of runs, a run, the folder of a study, or results of imagerl score."
                    + " Default: runs, which need not be there yet")
    private List<Path> places = List.of();

    @Option(names = "--port", description = "0 takes any free port. Default: ${DEFAULT-VALUE}")
    private int port = 8001;

    UiVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (port < 0 || port > 65_535) {
            throw UserException.input("--port must be from 0 to 65535");
        }
        try (PageServer server =
                places.isEmpty() ? PageServer.startBeforeRuns(RUNS, port) : PageServer.start(places, port)) {
            if (places.isEmpty() && !Files.exists(RUNS)) {
                session.err()
                        .println(RUNS.toAbsolutePath() + " is not there yet; imagerl train makes it, and the page then"
                                + " shows its runs. Runs in another folder: imagerl ui FOLDER");
            }
            session.out().println("open in a browser: " + server.url());
            session.out().flush();
            return session.runUntilStopped("the server is closed", SILENCE);
        }
    }
}
