package org.imagerl.cli.score;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Outputs;
import org.imagerl.cli.console.ScoredImagesOptions;
import org.imagerl.scoring.PairCandidates;
import org.imagerl.scoring.PreferencePairs;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Count;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code imagerl pairs}. */
@Command(
        name = "pairs",
        mixinStandardHelpOptions = true,
        header = "Makes preference pairs of scored images.",
        description = {
            "Writes a table with the columns prompt, chosen, rejected, chosen_score and rejected_score, on which a run "
                    + "trains that has data: {type: pairs, file: FILE}. Two images of one prompt are a pair if their "
                    + "scores differ. The same images give the same table.",
            "",
            "Example: imagerl score images --reward ocr --out scores.csv, then imagerl pairs scores.csv"
        })
final class PairsVerb implements Callable<Integer> {
    private final CliContext session;

    @Mixin
    private ScoredImagesOptions scored = new ScoredImagesOptions();

    @Option(
            names = "--pairs",
            paramLabel = "best-worst|all",
            description = "Which images of a prompt become pairs: the best and the worst, or any two. Default: "
                    + "best-worst")
    private String choice = "best-worst";

    @Option(
            names = "--margin",
            paramLabel = "SCORE",
            description = "The least difference of the scores of a pair. Default: ${DEFAULT-VALUE}, any difference")
    private double margin = 0;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The table, .csv or .jsonl. The file must not exist. Images are named relative to its "
                    + "folder. Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("pairs.csv");

    PairsVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (!(margin >= 0)) {
            throw UserException.input("--margin must be at least 0, not " + margin);
        }
        Path file = Outputs.fresh(out);
        PairCandidates found = scored.find();
        PreferencePairs made = PreferencePairs.of(found.images(), choice(), margin);
        if (made.pairs().isEmpty()) {
            throw UserException.input(scored.path() + ": has no pairs: of " + Count.of(made.prompts(), "prompt")
                    + " none has two images whose scores differ"
                    + (margin > 0 ? " by " + margin + " (--margin)" : "")
                    + "; make more images of each prompt (imagerl sample --seeds 0-7)");
        }
        boolean inside = made.write(file);
        session.out()
                .println(Count.of(made.pairs().size(), "pair") + " of " + Count.of(made.prompts(), "prompt") + ", "
                        + made.without() + " of which have none; "
                        + Count.of(found.images().size(), "image")
                        + (found.without() > 0 ? ", and " + found.without() + " without score or prompt" : ""));
        session.out().println("written: " + file);
        if (!inside) {
            session.notice("images lie outside the folder of " + file
                    + " and are named by absolute paths; training reads them with data.allow_outside: true");
        }
        return ExitCode.OK;
    }

    private PreferencePairs.Choice choice() {
        return switch (choice) {
            case "best-worst" -> PreferencePairs.Choice.BEST_WORST;
            case "all" -> PreferencePairs.Choice.ALL;
            default -> throw UserException.input("--pairs must be best-worst or all, not " + choice);
        };
    }
}
