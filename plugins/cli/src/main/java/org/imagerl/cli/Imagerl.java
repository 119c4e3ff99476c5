package org.imagerl.cli;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command without a verb. */
@Command(
        name = "imagerl",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "VERB",
        description = "Reinforcement-learning fine-tuning of image generators.",
        commandListHeading = "%nVerbs:%n",
        footer = {
            "",
            "Begin with: imagerl doctor, then imagerl init, imagerl train FILE, imagerl ui",
            "",
            "Exit codes: 0 ok, 1 internal error, 2 usage, configuration or input, 3 environment (natives, "
                    + "devices, permissions), 4 memory or disk ran out, 130, 143 and 129 ended by Ctrl-C, SIGTERM and "
                    + "SIGHUP, 141 ended because nobody reads the output any more."
        })
final class Imagerl implements Runnable {
    private final CliContext session;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    Imagerl(CliContext session) {
        this.session = session;
    }

    @Option(
            names = "--plugin-path",
            paramLabel = "JAR|FOLDER",
            split = ":",
            scope = ScopeType.INHERIT,
            description = "Search these jars, or folders of jars, for plugins too.")
    void setPluginPath(List<Path> paths) {
        session.setPluginPath(paths);
    }

    /** Both are read by the launcher, before Java starts: what loads native libraries looks at the environment of the process. */
    @Option(
            names = "--torch",
            paramLabel = "PATH",
            description = "Before the verb: use the PyTorch of this Python installation, see imagerl doctor --torch.")
    @SuppressWarnings("DoNotCallSuggester") // Java never gets it from the launcher
    void setTorch(Path ignored) {
        throw onlyTheLauncher("--torch");
    }

    @Option(
            names = "--precision",
            paramLabel = "highest|high",
            description = "Before the verb, for GPUs: highest computes in float32; high lets matrix products and "
                    + "convolutions round to TF32. Default: highest")
    @SuppressWarnings("DoNotCallSuggester")
    void setPrecision(String ignored) {
        throw onlyTheLauncher("--precision");
    }

    private ParameterException onlyTheLauncher(String option) {
        return new ParameterException(
                spec.commandLine(), option + " is read by the program bin/imagerl alone, as its first option");
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a verb.");
    }
}
