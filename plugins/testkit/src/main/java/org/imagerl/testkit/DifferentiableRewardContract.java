package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.reward.DifferentiableReward;
import org.junit.jupiter.api.Test;

/** What every {@link DifferentiableReward} must do beside what a reward must; extend it in a module that has an engine. */
public abstract class DifferentiableRewardContract extends RewardContract {

    @Override
    protected abstract DifferentiableReward create();

    /** By how much a score of a tensor may differ from that of the bytes that it was made of, absolute. */
    protected double tolerance() {
        return 1e-3;
    }

    /** The length of the change of an image over which a score is straight, as root of the sum of squares of values in 0..1. */
    protected double step() {
        return 1e-3;
    }

    private DifferentiableReward differentiable() {
        return (DifferentiableReward) reward();
    }

    @Test
    public void hasAGradient() {
        differentiable().checkDifferentiable();
    }

    @Test
    public void scoresTensorsAsBytes() {
        List<Score> scores = reward().score(
                        examples().stream().map(Example::image).toList(),
                        examples().stream().map(Example::prompt).toList());
        try (NDManager manager = NDManager.newBaseManager()) {
            for (int i = 0; i < scores.size(); i++) {
                float[] own = score(
                        tensor(manager, examples().get(i).image()),
                        examples().get(i).prompt());
                assertThat((double) own[0])
                        .as("example %d", i)
                        .isCloseTo(scores.get(i).value(), within(tolerance()));
            }
        }
    }

    /** Along the gradient a score rises by its length, and by no other rate. */
    @Test
    public void theGradientIsThatOfFiniteDifferences() {
        for (Example example : examples()) {
            try (NDManager manager = NDManager.newBaseManager()) {
                NDArray image = tensor(manager, example.image());
                float[] gradient = gradient(image, List.of(example.prompt()), new float[] {1});
                double length = length(gradient);
                assertThat(length).as("length of the gradient").isPositive();
                float[] values = image.toFloatArray();
                double above = moved(image, values, gradient, step() / length, example.prompt());
                double below = moved(image, values, gradient, -step() / length, example.prompt());
                assertThat((above - below) / (2 * step())).isCloseTo(length, within(0.05 * length));
            }
        }
    }

    /** The gradient of one score is that of one image, and that of the image alone. */
    @Test
    public void noImageOfABatchMattersToAnother() {
        Example example = examples().get(0);
        RgbImage image = example.image();
        Prompt other = examples().get(1).prompt();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray one = tensor(manager, image);
            NDArray two = one.concat(one.flip(3), 0);
            float[] alone = gradient(one, List.of(example.prompt()), new float[] {1});
            float[] both = gradient(two, List.of(example.prompt(), other), new float[] {1, 0});
            double limit = 1e-4 * length(alone);
            for (int i = 0; i < both.length; i++) {
                double expected = i < alone.length ? alone[i] : 0;
                assertThat((double) both[i]).as("value %d", i).isCloseTo(expected, within(limit));
            }
        }
    }

    @Test
    public void leavesNoArrayBehind() {
        Example example = examples().get(0);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray image = tensor(manager, example.image());
            differentiable().scores(image, List.of(example.prompt())).close();
            int before = manager.getManagedArrays().size();
            differentiable().scores(image, List.of(example.prompt())).close();
            assertThat(manager.getManagedArrays()).hasSize(before);
        }
    }

    private float[] score(NDArray images, Prompt prompt) {
        try (NDArray scores = differentiable().scores(images, List.of(prompt))) {
            return scores.toFloatArray();
        }
    }

    private double moved(NDArray image, float[] values, float[] direction, double by, Prompt prompt) {
        float[] moved = values.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (by * direction[i]);
        }
        try (NDArray other = image.getManager().create(moved, image.getShape())) {
            return score(other, prompt)[0];
        }
    }

    private float[] gradient(NDArray images, List<Prompt> prompts, float[] cotangent) {
        NDArray leaf = images.duplicate();
        leaf.setRequiresGradient(true);
        try (GradientCollector collector = leaf.getManager().getEngine().newGradientCollector()) {
            NDArray scores = differentiable().scores(leaf, prompts);
            NDArray weights = leaf.getManager().create(cotangent).duplicate();
            collector.backward(scores.mul(weights).sum());
            return leaf.getGradient().toFloatArray();
        }
    }

    private static double length(float... values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    /** float32 {@code [1, 3, H, W]} in 0..1. */
    private static NDArray tensor(NDManager manager, RgbImage image) {
        List<Float> values = new ArrayList<>();
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < image.height(); y++) {
                for (int x = 0; x < image.width(); x++) {
                    values.add(image.at(x, y, c) / 255f);
                }
            }
        }
        float[] flat = new float[values.size()];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = values.get(i);
        }
        return manager.create(flat, new Shape(1, 3, image.height(), image.width()))
                .duplicate();
    }
}
