package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.Example;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.toolkit.random.RandomStreams;
import org.junit.jupiter.api.Test;

class StoredOrderTest {
    private static final ImageSize SQUARE = new ImageSize(32, 32);
    private static final ImageSize WIDE = new ImageSize(40, 24);

    /** Of {@code all} examples every third is wide. */
    private record Source(int all, boolean bucketed) implements DataSource {
        @Override
        public List<ImageSize> sizes(ImageSize run) {
            return bucketed ? List.of(WIDE, SQUARE, new ImageSize(24, 40)) : List.of(run);
        }

        @Override
        public ImageSize size(Example example, ImageSize run) {
            return Integer.parseInt(example.prompt().id()) % 3 == 0 ? WIDE : SQUARE;
        }

        @Override
        public int images() {
            return 1;
        }

        @Override
        public int size() {
            return all;
        }

        @Override
        public Example example(int index) {
            return new Example(Prompt.of(Integer.toString(index), "x"), List.of(new StoredImage("/x.png", 1)));
        }

        @Override
        public int[] examples(String text) {
            return new int[0];
        }

        @Override
        public List<Prompt> heldOut() {
            return List.of();
        }

        @Override
        public void check(ImageSize size) {}

        @Override
        public RgbImage image(StoredImage image, ImageSize size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Path> files() {
            return List.of();
        }

        @Override
        public void close() {}
    }

    private static StoredOrder order(int all, boolean bucketed, int count) {
        return StoredOrder.of(new Source(all, bucketed), SQUARE, count, new RandomStreams(7));
    }

    private static List<StoredOrder.Turns> epochs(StoredOrder order, int number) {
        return IntStream.range(0, number).mapToObj(order::epoch).toList();
    }

    /** 10 wide and 20 square ones in fours: after two passes over all, five epochs of the first and ten of the others. */
    @Test
    void anEpochHasOneSizeAndEveryExampleItsTurnInEachPass() {
        StoredOrder order = order(30, true, 4);
        Map<Integer, Integer> turns = new HashMap<>();
        Set<StoredOrder.Turn> different = new HashSet<>();
        for (StoredOrder.Turns epoch : epochs(order, 15)) {
            assertThat(epoch.turns()).hasSize(4);
            for (StoredOrder.Turn turn : epoch.turns()) {
                assertThat(epoch.size()).isEqualTo(turn.index() % 3 == 0 ? WIDE : SQUARE);
                turns.merge(turn.index(), 1, Integer::sum);
                assertThat(different.add(turn)).isTrue();
            }
        }
        assertThat(turns)
                .hasSize(30)
                .allSatisfy((index, count) -> assertThat(count).isEqualTo(2));
    }

    @Test
    void theSizesComeInAShuffledOrder() {
        List<ImageSize> sizes = epochs(order(300, true, 2), 150).stream()
                .map(StoredOrder.Turns::size)
                .toList();
        assertThat(Collections.frequency(sizes, WIDE)).isEqualTo(50);
        assertThat(Collections.frequency(sizes.subList(0, 75), WIDE)).isBetween(15, 35);
        long changes = IntStream.range(1, 150)
                .filter(i -> !sizes.get(i).equals(sizes.get(i - 1)))
                .count();
        assertThat(changes).isGreaterThan(40); // of runs of equal sizes there would be one
    }

    @Test
    void whereItStandsFollowsFromTheEpochAlone() {
        List<StoredOrder.Turns> all = epochs(order(31, true, 4), 40);
        StoredOrder other = order(31, true, 4);
        for (int epoch : new int[] {25, 3, 39, 0, 26}) {
            assertThat(other.epoch(epoch)).isEqualTo(all.get(epoch));
        }
    }

    /** A bucket of one example, in an epoch of four: its turn comes once in four passes, four times at once. */
    @Test
    void aBucketThatIsSmallerThanAnEpochIsTrainedAsOftenAsTheOthers() {
        StoredOrder order = order(3, true, 4);
        Map<Integer, Integer> turns = new HashMap<>();
        epochs(order, 9).forEach(epoch -> epoch.turns().forEach(turn -> turns.merge(turn.index(), 1, Integer::sum)));
        assertThat(turns).containsExactlyInAnyOrderEntriesOf(Map.of(0, 12, 1, 12, 2, 12));
    }

    /** Runs of former versions go on as they began. */
    @Test
    void withOneSizePassesFollowOneAnother() {
        List<StoredOrder.Turns> epochs = epochs(order(5, false, 3), 5);
        int[] first = new RandomStreams(7).permutation(5, "examples", 0);
        int[] second = new RandomStreams(7).permutation(5, "examples", 1);
        List<Integer> expected = IntStream.concat(IntStream.of(first), IntStream.of(second))
                .boxed()
                .toList();
        List<Integer> found = epochs.stream()
                .flatMap(epoch -> epoch.turns().stream())
                .map(StoredOrder.Turn::index)
                .toList();
        assertThat(found.subList(0, 10)).isEqualTo(expected);
        assertThat(epochs.get(1).turns()).extracting(StoredOrder.Turn::pass).containsExactly(0L, 0L, 1L);
    }
}
