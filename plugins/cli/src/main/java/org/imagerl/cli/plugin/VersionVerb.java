package org.imagerl.cli.plugin;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Version;
import picocli.CommandLine.Command;

/** {@code imagerl version}. */
@Command(
        name = "version",
        mixinStandardHelpOptions = true,
        description = "Prints the versions of imagerl, Java and the system.")
final class VersionVerb implements Callable<Integer> {
    private final CliContext session;

    VersionVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        session.out().println("imagerl " + Version.current());
        session.out().println("java    " + properties("java.version", "java.vendor"));
        session.out().println("system  " + properties("os.name", "os.version", "os.arch"));
        return ExitCode.OK;
    }

    private static String properties(String... names) {
        return Arrays.stream(names).map(System::getProperty).collect(Collectors.joining(" "));
    }
}
