package org.imagerl.samples.parts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.run.Tracker;

/** A text file in the folder of the run, with a line for each epoch: its number and its mean reward. */
final class RewardLog implements Tracker {
    private Path file = Path.of("");

    /** A run that goes on from an epoch makes those after it again. */
    @Override
    public void begin(Path run, long epoch) {
        file = run.resolve("rewards.txt");
        StringBuilder kept = new StringBuilder();
        for (String line : lines()) {
            if (Long.parseLong(line.split(" ")[0]) <= epoch) {
                kept.append(line).append('\n');
            }
        }
        AtomicFile.writeText(file, kept.toString());
    }

    @Override
    public void metrics(long epoch, SortedMap<String, Double> values) {
        String line = epoch + " " + values.getOrDefault("reward_mean", Double.NaN) + "\n";
        AtomicFile.writeText(
                file, String.join("", lines().stream().map(old -> old + "\n").toList()) + line);
    }

    private List<String> lines() {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
