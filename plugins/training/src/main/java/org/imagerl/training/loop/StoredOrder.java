package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.imagerl.spi.CheckpointOutline;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.text.Count;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.training.config.RunConfig;

/**
 * Which images on disk an epoch trains on, all of one size. A bucket, the examples of one size, goes through one shuffled pass after the other, and every
 * {@code count} of its examples are an epoch. The epochs of all buckets that end within the same pass come in a shuffled order, so that every example is
 * trained as often as any other. Where a run stands follows from the epoch alone.
 */
final class StoredOrder {

    /**
     * An example that an epoch trains on.
     *
     * @param index in the order of the source
     * @param pass over its bucket, from 0
     */
    record Turn(int index, long pass) {}

    /**
     * What an epoch trains on.
     *
     * @param size of all its images
     */
    record Turns(ImageSize size, List<Turn> turns) {}

    /**
     * Examples of one size.
     *
     * @param alone whether there is no other bucket
     */
    private record Bucket(ImageSize size, int[] examples, boolean alone) {

        void requireTakenBy(CheckpointOutline checkpoint) {
            try {
                checkpoint.schedule(size.width(), size.height());
            } catch (UserException e) {
                throw UserException.input(
                        "data.buckets: " + e.getMessage()
                                + "; change data.buckets.step or max_aspect, or train smaller images",
                        e);
            }
        }

        /** A shuffled pass. */
        int[] order(long pass, RandomStreams random) {
            return alone
                    ? random.permutation(examples.length, "examples", pass)
                    : random.permutation(examples.length, "examples", size.width(), size.height(), pass);
        }
    }

    /** The examples of a bucket, in the order of its passes, that one epoch trains on: {@code number} such portions are before. */
    private record Portion(Bucket bucket, long number) {

        Turns turns(int count, RandomStreams random) {
            List<Turn> turns = new ArrayList<>();
            int all = bucket.examples.length;
            int[] order = {};
            for (long k = number * count; k < (number + 1) * count; k++) {
                long pass = k / all;
                order = order.length == 0 || k % all == 0 ? bucket.order(pass, random) : order;
                turns.add(new Turn(bucket.examples[order[(int) (k % all)]], pass));
            }
            return new Turns(bucket.size, turns);
        }
    }

    private final List<Bucket> buckets;
    private final int count;
    private final RandomStreams random;

    private long pass;

    /** Epochs that end in earlier passes. */
    private long before;

    private StoredOrder(List<Bucket> buckets, int count, RandomStreams random) {
        this.buckets = List.copyOf(buckets);
        this.count = count;
        this.random = random;
    }

    /**
     * Looks at the sizes of all images, if they are trained at several.
     *
     * @param run the size of the run's own images
     * @param count examples of an epoch
     */
    static StoredOrder of(DataSource data, ImageSize run, int count, RandomStreams random) {
        List<ImageSize> sizes = data.sizes(run);
        int[] all = IntStream.range(0, data.size()).toArray();
        if (sizes.size() == 1) {
            return new StoredOrder(List.of(new Bucket(run, all, true)), count, random);
        }
        List<ImageSize> each = IntStream.of(all)
                .mapToObj(index -> data.size(data.example(index), run))
                .toList();
        List<Bucket> buckets = sizes.stream()
                .map(size -> new Bucket(
                        size,
                        IntStream.of(all)
                                .filter(index -> each.get(index).equals(size))
                                .toArray(),
                        false))
                .filter(bucket -> bucket.examples.length > 0)
                .toList();
        return new StoredOrder(buckets, count, random);
    }

    /**
     * Makes sure that images on disk can be trained at the sizes of a run, and says the sizes and how many examples have each where there are several.
     *
     * @param size of the run's own images
     * @throws UserException if an image or the checkpoint does not take them
     */
    static void check(
            DataSource data, RunConfig config, ImageSize size, CheckpointOutline checkpoint, Consumer<String> lines) {
        data.check(size);
        if (data.sizes(size).size() > 1) {
            int count = config.rollout().promptsPerEpoch();
            StoredOrder order = of(data, size, count, new RandomStreams(config.seed()));
            order.buckets.forEach(bucket -> bucket.requireTakenBy(checkpoint));
            lines.accept("images on disk are trained at " + Count.of(order.buckets.size(), "size") + ": "
                    + order.buckets.stream()
                            .map(bucket -> bucket.size + " (" + bucket.examples.length + ")")
                            .collect(Collectors.joining(", ")));
        }
    }

    /** What an epoch trains on; epochs are counted from 0. */
    Turns epoch(long epoch) {
        if (epoch < before) {
            pass = 0;
            before = 0;
        }
        for (int ending = ending().size(); epoch >= before + ending; ending = ending().size()) {
            before += ending;
            pass++;
        }
        List<Portion> ending = ending();
        int drawn = (int) (epoch - before);
        int[] order = buckets.get(0).alone
                ? IntStream.range(0, ending.size()).toArray()
                : random.permutation(ending.size(), "buckets", pass);
        return ending.get(order[drawn]).turns(count, random);
    }

    /** The epochs that end within the pass, those of one bucket after those of another. */
    private List<Portion> ending() {
        List<Portion> portions = new ArrayList<>();
        for (Bucket bucket : buckets) {
            long first = pass * bucket.examples.length / count;
            long next = (pass + 1) * bucket.examples.length / count;
            LongStream.range(first, next).forEach(number -> portions.add(new Portion(bucket, number)));
        }
        return portions;
    }
}
