package org.imagerl.ui;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.run.EpochScores;
import org.imagerl.training.report.EpochLog;
import org.imagerl.training.report.MetricsLog;

/** Folders as runs leave them, written by the classes that runs write with. */
final class TinyRuns {
    /** The text that a hostile run has everywhere. */
    static final String HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u202e&\"'";

    static final long START = 1_790_000_000L;

    private TinyRuns() {}

    static Clock at(long seconds) {
        return Clock.fixed(Instant.ofEpochSecond(seconds), ZoneOffset.UTC);
    }

    /** A run that has trained some of four epochs, ten seconds each, with the images of one prompt and two seeds at both ends. */
    static Path run(Path folder, int epochs, String prompt) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("config.yaml"),
                "epochs: 4\ncheckpoint: .\nbase_folder: /models/words\nalgorithm: {preset: ddpo}\n"
                        + "optimiser: {learning_rate: 0.003}\nrun: {name: '" + prompt.replace("'", "''") + "'}\n");
        Files.writeString(
                folder.resolve("provenance.json"),
                "{\"version\":\"1\",\"commandLine\":[\"imagerl\",\"train\"],\"sha256\":{\"a\":\"b\"}}");
        MetricsLog metrics = new MetricsLog(folder.resolve("metrics.jsonl"));
        StringBuilder log = new StringBuilder();
        for (int epoch = 0; epoch <= epochs; epoch++) {
            EpochLog lines = new EpochLog(folder.resolve(EpochLog.NAME), at(START + 10L * epoch));
            if (epoch > 0) {
                lines.scores(epoch, scores(epoch, prompt));
            }
            lines.metrics(epoch, new TreeMap<>());
            Map<String, Double> values = epoch == 0
                    ? Map.of("evaluation_reward_mean", 0.25)
                    : Map.of("reward_mean", 0.5 * epoch, "grad_norm", Double.NaN, "evaluation_reward_mean", 0.5);
            metrics.metrics(epoch, new TreeMap<>(values));
            log.append(Instant.ofEpochSecond(START + 10L * epoch))
                    .append(" epoch ")
                    .append(epoch)
                    .append('\n');
            image(folder, epoch, prompt);
        }
        Files.writeString(folder.resolve("log.txt"), log + "and " + prompt + "\n");
        return folder;
    }

    private static EpochScores scores(int epoch, String prompt) {
        Prompt asked = Prompt.of("0", prompt);
        return new EpochScores(
                List.of(asked, asked, asked),
                List.of(new EpochScores.Column(
                        "ocr", 1, List.of(Score.of(0), Score.of(epoch), Score.failed("no " + prompt)))));
    }

    private static void image(Path folder, int epoch, String prompt) throws IOException {
        Path step = Files.createDirectories(folder.resolve(String.format("samples/step-%09d", epoch)));
        for (int seed = 0; seed < 2; seed++) {
            PngWriter.write(
                    step.resolve("p00-s" + seed + ".png"),
                    new RgbImage(1, 1, new byte[] {(byte) epoch, (byte) seed, 7}),
                    Map.of("prompt", prompt, "seed", "" + seed, "reward", "0.5"));
        }
    }
}
