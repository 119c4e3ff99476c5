package org.imagerl.cli.train;

import java.util.List;
import org.imagerl.cli.console.CliContext;
import picocli.CommandLine;

/** The verbs of training. */
public final class TrainingVerbs {
    private TrainingVerbs() {}

    /** The verbs, in the order of the help. */
    public static List<CommandLine> of(CliContext session) {
        return List.of(
                new CommandLine(new InitVerb(session)),
                new CommandLine(new TrainVerb(session)),
                new CommandLine(new PlanVerb(session)),
                new CommandLine(new ResumeVerb(session)),
                new CommandLine(new EvalVerb(session)),
                new CommandLine(new StudyVerb(session)),
                new CommandLine(new UiVerb(session)),
                new CommandLine(new ReportVerb(session)),
                new CommandLine(new PretrainVerb(session)),
                new CommandLine(new CtrlVerb()).addSubcommand(new CtrlVerb.Classifier(session)),
                new CommandLine(new ConfigVerb())
                        .addSubcommand(new ConfigVerb.Show(session))
                        .addSubcommand(new ConfigVerb.Check(session))
                        .addSubcommand(new ConfigVerb.Schema(session))
                        .addSubcommand(new ConfigVerb.Defaults(session)),
                new CommandLine(new MethodsVerb(session)),
                new CommandLine(new BenchVerb(session)));
    }
}
