package org.imagerl.cli.score;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.images.ImageDecoder;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Hashes;
import org.imagerl.spi.text.Quote;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code imagerl reward}: what a reward model is, and whether it does what it should. */
@Command(
        name = "reward",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "cliff|distil|inspect|verify",
        header = "Describes, checks, weighs and distils reward models.")
final class RewardVerb implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name what to do: cliff, distil, inspect or verify.");
    }

    /** The argument of both verbs: a folder, or a reward in the form that {@code imagerl score} takes. */
    private abstract static class OnReward implements Callable<Integer> {
        final CliContext session;

        @Parameters(
                paramLabel = "REWARD",
                description = "A model folder, or a reward as for imagerl score: NAME, NAME=FOLDER, '{type: ...}'.")
        private String name = "";

        @Option(names = "--device", description = "auto, cpu or cuda:N. Default: ${DEFAULT-VALUE}")
        private String device = "auto";

        OnReward(CliContext session) {
            this.session = session;
        }

        @Override
        public final Integer call() {
            String text = Files.isDirectory(Path.of(name)) ? "onnx=" + name : name;
            Context context = session.context(device, Runtime.getRuntime().availableProcessors());
            try (Reward reward =
                    RewardArguments.read(session.registry(), text).reward().create(context)) {
                return run(reward, session.out());
            }
        }

        abstract int run(Reward reward, PrintWriter out);
    }

    /** {@code imagerl reward inspect}. */
    @Command(
            name = "inspect",
            mixinStandardHelpOptions = true,
            header = "Shows what a reward model takes, gives, and was resolved to.",
            description = "Inputs, outputs, preprocessing and all other settings, each with where it is from.")
    static final class Inspect extends OnReward {
        Inspect(CliContext session) {
            super(session);
        }

        @Override
        int run(Reward reward, PrintWriter out) {
            Map<String, String> facts = new LinkedHashMap<>(reward.facts());
            Reward.Spec spec = reward.spec();
            facts.putIfAbsent("range", spec.describe());
            int golden = reward.golden().size();
            facts.put("golden pairs", golden == 0 ? "none" : golden + ", checked by imagerl reward verify");
            Map<String, String> shown =
                    new LinkedHashMap<>(); // names of tensors and units are the words of whoever made the model
            facts.forEach((key, value) -> shown.put(Quote.plain(key), Quote.plain(value)));
            int width = shown.keySet().stream().mapToInt(String::length).max().orElse(0);
            shown.forEach((key, value) -> out.println(key + " ".repeat(width - key.length() + 2) + value));
            Hashes.sha256(reward.files())
                    .forEach((file, hash) -> out.println("sha256 " + hash + "  " + Quote.plain(file.toString())));
            return ExitCode.OK;
        }
    }

    /** {@code imagerl reward verify}. */
    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            header = "Checks a reward model against its known scores.",
            description = "Scores the golden pairs of the manifest (reward.yaml: golden: [{image, prompt, score, "
                    + "tolerance}]) and compares. Exit code 2 if one is off.")
    static final class Verify extends OnReward {
        Verify(CliContext session) {
            super(session);
        }

        @Override
        int run(Reward reward, PrintWriter out) {
            if (reward.golden().isEmpty()) {
                throw UserException.input(
                        "the reward has no golden pairs; write some into its reward.yaml, with scores of the published"
                                + " code: golden: [{image: cat.png, prompt: a cat, score: 0.81, tolerance: 0.002}]");
            }
            List<String> off = new ArrayList<>();
            for (Reward.Golden pair : reward.golden()) {
                Score score = reward.score(
                                List.of(ImageDecoder.decode(pair.image())), List.of(Prompt.of("golden", pair.prompt())))
                        .get(0);
                boolean good = score.ok() && Math.abs(score.value() - pair.score()) <= pair.tolerance();
                out.println(line(pair, score, good));
                if (!good) {
                    off.add(pair.image().toString());
                }
            }
            if (off.isEmpty()) {
                out.println("all " + reward.golden().size() + " golden pairs are as expected");
                return ExitCode.OK;
            }
            session.notice(off.size() + " of " + reward.golden().size()
                    + " golden pairs are off; look at the preprocessing with imagerl reward inspect");
            return ExitCode.INPUT;
        }

        private static String line(Reward.Golden pair, Score score, boolean good) {
            String prompt = pair.prompt().isEmpty() ? "" : ", prompt " + Quote.of(pair.prompt());
            String file = Quote.plain(String.valueOf(pair.image().getFileName()));
            String expected = number(pair.score()) + " within " + number(pair.tolerance());
            return (good ? "ok   " : "OFF  ") + file + prompt + ": "
                    + (score.ok()
                            ? number(score.value()) + ", expected " + expected
                                    + (good ? "" : ", off by " + number(Math.abs(score.value() - pair.score())))
                            : "no score, expected " + expected + ": " + score.error());
        }

        private static String number(double value) {
            return String.format(Locale.ROOT, "%.6g", value);
        }
    }
}
