package org.imagerl.cli.train;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Outputs;
import org.imagerl.ui.Report;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl report}. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        header = "Writes the page of imagerl ui as one HTML file.",
        description = {
            "The file has its data and images in itself and needs no server and no network. It holds the settings of"
                    + " the run, with paths of this machine, and the end of its log. Remember that before you give it"
                    + " away.",
            "",
            "Example: imagerl report runs/ddpo --out ddpo.html"
        })
final class ReportVerb implements Callable<Integer> {
    private final CliContext session;

    @Parameters(
            arity = "1..*",
            paramLabel = "PLACE",
            description = "A run, a folder of runs, the folder of a study, or results of imagerl score.")
    private List<Path> places = List.of();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "A new file. Default: the name of the place, with .html.")
    private @Nullable Path out;

    ReportVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Path name = places.get(0).toAbsolutePath().normalize().getFileName();
        Path target = Outputs.fresh(out == null ? Path.of((name == null ? "report" : name) + ".html") : out);
        Report.write(places, target, session::notice);
        session.out().println("written: " + target);
        return ExitCode.OK;
    }
}
