package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every trainer must do that makes a checkpoint from nothing; extend it with a test of your own, of a few steps. */
public abstract class PretrainingContract {
    private static final int MOST_STOPS = 40;

    @TempDir
    private Path folder;

    /**
     * A fresh one, of more than two steps.
     *
     * @param place a folder for what it is made from; the same for all of a test
     */
    protected abstract Pretraining create(Path place);

    /** A file that is there as soon as the training is done, in the folder of the run. */
    protected abstract String last();

    /** Stops when it is asked for the n-th time. */
    private static final class Patience implements Progress {
        private int left;

        Patience(int left) {
            this.left = left;
        }

        @Override
        public void update(String stage, long done, long total, String detail) {
            assertThat(stage).isNotBlank();
            assertThat(done).isBetween(0L, total);
        }

        @Override
        public synchronized boolean stopped() {
            return left-- <= 0;
        }
    }

    private Path made(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, byte[]> files(Path of) {
        try (Stream<Path> walk = Files.walk(of)) {
            Map<String, byte[]> files = new TreeMap<>();
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                files.put(of.relativize(file).toString(), Files.readAllBytes(file));
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireSame(Map<String, byte[]> actual, Map<String, byte[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, bytes) -> assertThat(actual.get(name)).as(name).isEqualTo(bytes));
    }

    /** Stopped after every few steps and begun again, it makes the files that it makes in one go. Once it is done, it changes nothing. */
    @Test
    public void aStoppedTrainingGoesOnToTheSameBytes() {
        Path place = made("place");
        Path straight = made("straight");
        create(place).run(straight, new Patience(Integer.MAX_VALUE));
        assertThat(straight.resolve(last())).isRegularFile();
        Path parts = made("parts");
        int stops = 0;
        while (!Files.exists(parts.resolve(last()))) {
            assertThat(stops).as("stops without an end").isLessThan(MOST_STOPS);
            create(place).run(parts, new Patience(1));
            stops++;
        }
        assertThat(stops).as("runs until the end").isGreaterThan(1);
        requireSame(files(parts), files(straight));
        Map<String, byte[]> before = files(straight);
        create(place).run(straight, new Patience(Integer.MAX_VALUE));
        requireSame(files(straight), before);
    }
}
