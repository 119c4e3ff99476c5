package org.imagerl.training.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.run.Tracker;
import org.imagerl.testkit.TrackerContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardTrackerTest extends TrackerContract {
    private static final String HYPERPARAMETERS = "_hparams_/session_start_info";

    /** It stands still: two files of one second must be read in their order all the same. */
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);

    @TempDir
    private Path folder;

    @Override
    protected Tracker create(Path run) {
        try {
            Files.writeString(
                    run.resolve("config.yaml"), "seed: 3\nrewards:\n- {type: a, weight: 2.5}\nsteps: [1, 2]\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new TensorBoardTracker(CLOCK);
    }

    @Override
    protected List<Long> epochs(Path run) {
        return events(run).stream()
                .filter(event -> event.tag().equals("reward_mean"))
                .map(EventReader.Event::step)
                .toList();
    }

    private static List<EventReader.Event> events(Path run) {
        try {
            return EventReader.read(TensorBoardTracker.folder(run));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long times(Path run, String tag) {
        return events(run).stream().filter(event -> event.tag().equals(tag)).count();
    }

    @Test
    void anEpochIsThereWhileTheRunTrains() {
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, -1);
            tracker.metrics(7, new TreeMap<>(Map.of("loss", 0.25, "unknown", Double.NaN)));
            assertThat(events(folder))
                    .contains(new EventReader.Event(7, "loss", 0.25f))
                    .noneMatch(event -> event.tag().equals("unknown"));
        }
    }

    @Test
    void imagesAreTheFilesThemselves() throws IOException {
        Path grid = folder.resolve("grid.png");
        PngWriter.write(grid, new RgbImage(3, 2, new byte[18]), Map.of());
        try (Tracker tracker = create(folder)) {
            tracker.begin(folder, -1);
            tracker.images(4, folder);
        }
        assertThat(times(folder, "samples")).isOne();
        byte[] image = Summaries.png("samples", Files.readAllBytes(grid)).bytes();
        assertThat(image).as("height 2, width 3, RGB").containsSequence(8, 2, 16, 3, 24, 3);
        try (Stream<Path> files = Files.list(TensorBoardTracker.folder(folder))) {
            assertThat(Files.readAllBytes(files.findFirst().orElseThrow())).containsSequence(image);
        }
    }

    @Test
    void theConfigurationIsThereOnceHoweverOftenARunGoesOn() {
        for (long epoch : new long[] {-1, 0, 3}) {
            try (Tracker tracker = create(folder)) {
                tracker.begin(folder, epoch);
                tracker.end(epoch == 3);
            }
        }
        assertThat(times(folder, "configuration")).isOne();
        assertThat(times(folder, HYPERPARAMETERS)).isOne();
        assertThat(times(folder, "_hparams_/session_end_info")).isOne();
    }

    @Test
    void settingsAreNamedByTheirPath() {
        create(folder).close();
        RunSettings settings = RunSettings.read(folder.resolve("config.yaml"));
        assertThat(settings.values().toString())
                .isEqualTo("{rewards[0].type=a, rewards[0].weight=2.5, seed=3, steps=[1, 2]}");
        assertThat(settings.markdown()).startsWith("    seed: 3\n    rewards:\n");
    }
}
