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
import org.imagerl.toolkit.recipe.SimpleFactory;

/** Rewards that executors find on their class path. */
public final class TestRewards implements Plugin {

    /**
     * Of the broken reward.
     *
     * @param flag a file: the process that makes it is broken from then on, and the others are not; empty for all executors
     */
    public record Broken(String flag) {}

    @Override
    public String name() {
        return "tests-of-spark";
    }

    @Override
    public List<Factory<? extends Reward, ?>> rewards() {
        return List.of(
                SimpleFactory.of("broken", "For tests", new Broken(""), BrokenReward::new),
                SimpleFactory.of("ending", "For tests", new Broken(""), EndingReward::new),
                SimpleFactory.of("counting", "For tests", CountingReward::new));
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
            broken |= config.flag().isEmpty() || isFirst(Path.of(config.flag()));
            if (broken) {
                throw new IllegalStateException("the scorer of this host has no licence");
            }
            return images.stream().map(image -> Score.of(image.rgb()[0] & 0xff)).toList();
        }

        static boolean isFirst(Path flag) {
            try {
                Files.createFile(flag);
                return true;
            } catch (FileAlreadyExistsException e) {
                return false;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The process that makes the flag ends as if it were killed, in the middle of a task. */
    private record EndingReward(Broken config) implements Reward {
        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, 255, true, "red of the first pixel");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            if (images.stream().anyMatch(image -> image.rgb()[0] == 33)
                    && BrokenReward.isFirst(Path.of(config.flag()))) {
                Runtime.getRuntime().halt(137);
            }
            return images.stream().map(image -> Score.of(image.rgb()[0] & 0xff)).toList();
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
