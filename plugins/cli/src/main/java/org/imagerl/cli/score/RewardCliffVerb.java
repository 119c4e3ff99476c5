package org.imagerl.cli.score;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.scoring.RewardCliff;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Count;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl reward cliff}. */
@Command(
        name = "cliff",
        mixinStandardHelpOptions = true,
        header = "Says how near a sum of rewards is to preferring other images.",
        description = {
            "Ranks the images of each prompt again with the weight of one reward changed a little: how often another "
                    + "image is the best one, how much of the order stays (Kendall's tau), and the smallest change at "
                    + "which half of the prompts have another best image. Where that is small, what a training ends "
                    + "at hangs on the weights.",
            "",
            "Example: imagerl reward cliff scores.csv --weight ocr=1 --weight jpeg-compressibility=0.001"
        })
final class RewardCliffVerb implements Callable<Integer> {
    private final CliContext session;

    @Parameters(
            index = "0",
            paramLabel = "RESULTS",
            description = "Results of imagerl score with several rewards and several images of a prompt.")
    private Path results = Path.of("");

    @Option(
            names = "--weight",
            required = true,
            paramLabel = "NAME=WEIGHT",
            description = "A reward and its weight, as in a training. Can be given several times.")
    private Map<String, Double> weights = new LinkedHashMap<>();

    @Option(
            names = "--change",
            paramLabel = "SHARE",
            description = "How much of a weight is taken away or added. Default: ${DEFAULT-VALUE}")
    private double change = 0.1;

    RewardCliffVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (!(change > 0 && Double.isFinite(change))) {
            throw UserException.input("--change must be above 0, not " + change);
        }
        weights.forEach((name, weight) -> {
            if (!Double.isFinite(weight) || weight == 0) {
                throw UserException.input("--weight " + name + " must be a number other than 0, not " + weight);
            }
        });
        RewardCliff cliff = RewardCliff.of(results, weights, change);
        session.out().print(cliff.table());
        if (cliff.without() > 0) {
            session.out().println(Count.of(cliff.without(), "image") + " without a prompt or one of the scores");
        }
        return ExitCode.OK;
    }
}
