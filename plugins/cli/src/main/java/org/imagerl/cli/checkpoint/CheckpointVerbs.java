package org.imagerl.cli.checkpoint;

import java.util.List;
import org.imagerl.cli.console.CliContext;
import picocli.CommandLine;

/** The verbs for checkpoints and LoRA files. */
public final class CheckpointVerbs {
    private CheckpointVerbs() {}

    /** What {@code imagerl reward} can do with a checkpoint. */
    public static CommandLine ofReward(CliContext session) {
        return new CommandLine(new RewardDistilVerb(session));
    }

    /** The verbs, in the order of the help. */
    public static List<CommandLine> of(CliContext session) {
        return List.of(
                new CommandLine(new SampleVerb(session)),
                new CommandLine(new ExportVerb(session)),
                new CommandLine(new InspectVerb(session)));
    }
}
