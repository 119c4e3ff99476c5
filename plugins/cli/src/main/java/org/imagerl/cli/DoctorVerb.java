package org.imagerl.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.spi.Plugin;
import picocli.CommandLine.Command;

/** {@code imagerl doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        header = "Checks Java, natives, GPU, memory, disk, fonts, plugins.",
        description = {
            "Prints a line for each, with what to do where something is not right. The exit code is 3 if something that is needed does not work."
        })
final class DoctorVerb implements Callable<Integer> {
    private final Session session;

    DoctorVerb(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        session.out().println("imagerl " + Version.current());
        List<Supplier<Finding>> checks = List.of(
                MachineChecks::java,
                MachineChecks::processor,
                MachineChecks::memory,
                () -> MachineChecks.disk(Path.of("")),
                MachineChecks::fonts,
                NativeChecks::engine,
                NativeChecks::gpu,
                NativeChecks::tokenizers,
                this::plugins);
        boolean broken = Stream.concat(
                        checks.stream().map(Supplier::get),
                        Stream.of(session).flatMap(each -> NativeChecks.rewards(each).stream()))
                .peek(finding -> finding.print(session.out()))
                .map(finding -> finding.status() == Finding.Status.BROKEN)
                .reduce(false, Boolean::logicalOr);
        return broken ? ExitCode.ENVIRONMENT : ExitCode.OK;
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
