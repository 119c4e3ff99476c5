package org.imagerl.cli.score;

import java.util.List;
import org.imagerl.cli.console.CliContext;
import picocli.CommandLine;

/** The verbs of scoring, which need no training. */
public final class ScoringVerbs {
    private ScoringVerbs() {}

    /** The verbs, in the order of the help. */
    public static List<CommandLine> of(CliContext session) {
        return List.of(
                new CommandLine(new ScoreVerb(session)),
                new CommandLine(new CompareVerb(session)),
                new CommandLine(new PairsVerb(session)),
                new CommandLine(new RewardVerb())
                        .addSubcommand(new RewardCliffVerb(session))
                        .addSubcommand(new RewardVerb.Inspect(session))
                        .addSubcommand(new RewardVerb.Verify(session)),
                new CommandLine(new ServeRewardsVerb(session)));
    }
}
