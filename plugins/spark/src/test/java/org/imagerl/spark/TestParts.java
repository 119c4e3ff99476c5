package org.imagerl.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.State;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.recipe.SimpleFactory;

/** Parts that executors find on their class path. */
public final class TestParts implements Plugin {

    /**
     * Of the broken reward.
     *
     * @param flag a file: the process that makes it is broken from then on, and the others are not; empty for all executors
     */
    public record Broken(String flag) {}

    /**
     * Of the reward that ends its process.
     *
     * @param flag a file: the process that makes it ends
     * @param images so many in one call, and not fewer or more
     * @param red one of them has this in its first pixel; -1 for any
     */
    public record Ending(String flag, int images, int red) {}

    @Override
    public String name() {
        return "tests-of-spark";
    }

    @Override
    public List<Factory<? extends Reward, ?>> rewards() {
        return List.of(
                SimpleFactory.of("broken", "For tests", new Broken(""), BrokenReward::new),
                SimpleFactory.of("ending", "For tests", new Ending("", 1, -1), EndingReward::new),
                SimpleFactory.of("counting", "For tests", CountingReward::new));
    }

    @Override
    public List<Factory<? extends StepWeight, ?>> stepWeights() {
        return List.of(SimpleFactory.of("ending", "For tests", new Broken(""), EndingStepWeight::new));
    }

    private static boolean isFirst(String flag) {
        try {
            Files.createFile(Path.of(flag));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class BrokenReward implements Reward {
        private final Broken config;
        private boolean broken;

        BrokenReward(Broken config) {
            this.config = config;
        }

        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, 255, true, "red of the first pixel");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            broken |= config.flag().isEmpty() || isFirst(config.flag());
            if (broken) {
                throw new IllegalStateException("the scorer of this host has no licence");
            }
            return images.stream().map(image -> Score.of(image.rgb()[0] & 0xff)).toList();
        }
    }

    /** The process that makes the flag ends as if it were killed, in the middle of a task. */
    private record EndingReward(Ending config) implements Reward {
        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, 255, true, "red of the first pixel");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            if (images.size() == config.images()
                    && images.stream().anyMatch(image -> config.red() < 0 || image.rgb()[0] == config.red())
                    && isFirst(config.flag())) {
                Runtime.getRuntime().halt(137);
            }
            return images.stream().map(image -> Score.of(image.rgb()[0] & 0xff)).toList();
        }
    }

    /** The process that makes the flag ends as if it were killed, while it computes a gradient. */
    private record EndingStepWeight(Broken config) implements StepWeight {
        @Override
        public double weight(TransitionKernel kernel, int step) {
            if (isFirst(config.flag())) {
                Runtime.getRuntime().halt(137);
            }
            return 1;
        }
    }

    /** Remembers how many images it has seen, and adds that to a score. */
    private static final class CountingReward implements Reward, Stateful {
        private int seen;

        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, Double.POSITIVE_INFINITY, true, "red of the first pixel and a number");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            List<Score> scores = new ArrayList<>();
            images.forEach(image -> scores.add(Score.of((image.rgb()[0] & 0xff) + seen++)));
            return scores;
        }

        @Override
        public State state() {
            return State.of(Map.of("seen", new double[] {seen}));
        }

        @Override
        public void restore(State state) {
            seen = (int) state.numbers().get("seen")[0];
        }
    }
}
