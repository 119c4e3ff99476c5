package org.imagerl.rewards.model;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

/** How the worth of a set is divided among its images. */
enum SetCredit {
    /** What an image adds to those before it in the group: the paper's, for steps of a trajectory. Early images have more. */
    ORDER,
    /** The mean of that over the orders, Shapley's value: over all of them up to six images, else over 256 that are drawn, always the same. */
    SHAPLEY,
    /** What the whole set would lose without the image. The sum is below the worth of the set. */
    LEAVE_ONE_OUT;

    private static final int ALL_ORDERS = 6;
    private static final int DRAWN = 256;

    /**
     * The credit of each image.
     *
     * @param images how many
     * @param gains by image, of an order
     */
    double[] of(int images, Function<int[], double[]> gains) {
        int[] order = IntStream.range(0, images).toArray();
        return switch (this) {
            case ORDER -> gains.apply(order);
            case LEAVE_ONE_OUT ->
                IntStream.range(0, images)
                        .mapToDouble(last -> gains.apply(last(order, last))[last])
                        .toArray();
            case SHAPLEY -> images <= ALL_ORDERS ? overAll(order, gains) : overDrawn(order, gains);
        };
    }

    private static int[] last(int[] order, int last) {
        return IntStream.concat(Arrays.stream(order).filter(i -> i != last), IntStream.of(last))
                .toArray();
    }

    private static double[] overAll(int[] order, Function<int[], double[]> gains) {
        double[] sum = new double[order.length];
        int orders = permute(order, 0, gains, sum);
        return Arrays.stream(sum).map(each -> each / orders).toArray();
    }

    /** Adds the gains of all orders that begin as this one does up to a place; returns how many. */
    private static int permute(int[] order, int from, Function<int[], double[]> gains, double[] sum) {
        if (from == order.length) {
            add(gains.apply(order), sum);
            return 1;
        }
        int count = 0;
        for (int i = from; i < order.length; i++) {
            swap(order, from, i);
            count += permute(order, from + 1, gains, sum);
            swap(order, from, i);
        }
        return count;
    }

    private static double[] overDrawn(int[] order, Function<int[], double[]> gains) {
        SplittableRandom random = new SplittableRandom(1);
        double[] sum = new double[order.length];
        for (int draw = 0; draw < DRAWN; draw++) {
            for (int i = order.length - 1; i > 0; i--) {
                swap(order, i, random.nextInt(i + 1));
            }
            add(gains.apply(order), sum);
        }
        return Arrays.stream(sum).map(each -> each / DRAWN).toArray();
    }

    private static void add(double[] gains, double[] sum) {
        Arrays.setAll(sum, i -> sum[i] + gains[i]);
    }

    private static void swap(int[] order, int i, int j) {
        int kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}
