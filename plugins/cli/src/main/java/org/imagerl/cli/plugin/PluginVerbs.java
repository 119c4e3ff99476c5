package org.imagerl.cli.plugin;

import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.Finding;
import picocli.CommandLine;

/** The verbs that say what is installed. */
public final class PluginVerbs {
    private PluginVerbs() {}

    /**
     * The verbs, in the order of the help.
     *
     * @param engine what there is to say of the engine of training and of GPUs; it may ask the user a question
     */
    public static List<CommandLine> of(CliContext session, Function<Predicate<String>, List<Finding>> engine) {
        return List.of(
                new CommandLine(new PluginsVerb(session)).addSubcommand(new PluginsVerb.Describe(session)),
                new CommandLine(new DoctorVerb(session, engine)),
                new CommandLine(new DebugBundleVerb(session, new DoctorVerb(session, engine))),
                new CommandLine(new VersionVerb(session)));
    }
}
