package org.imagerl.testkit;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Loss;
import org.imagerl.spi.NoConfig;
import org.imagerl.spi.Objective;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Preset;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Score;
import org.imagerl.spi.Selection;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.UserException;
import org.imagerl.spi.run.Tracker;

/** A plugin with one part of every kind that a configuration needs; its parts do no tensor work. */
public final class TestPlugin implements Plugin {

    /** Settings of the dynamics. */
    public record Ddim(double eta) {
        public Ddim {
            if (eta < 0 || eta > 1) {
                throw new IllegalArgumentException("eta must be 0 to 1, not " + eta);
            }
        }
    }

    /** Settings of the clip. */
    public record Clip(double range, Unit unit) {
        /** Unit of the range. */
        public enum Unit {
            PER_ELEMENT,
            /** A body makes the enum a sealed class, which must not be taken for a choice of records. */
            TOTAL {}
        }
    }

    /** Settings of the group advantage. */
    public record Group(double epsilon) {}

    /** Settings of a reward. */
    public record Brightness(int channel, String note, List<String> tags, Map<String, Double> extra) {}

    /** Settings with a required key. */
    public record Model(String file) {}

    /** Settings that name a part of their own. */
    public record Conditioned(PartConfig<Reward> by, double weight) {}

    /** A factory from its pieces. */
    public record Made<T, C extends Record>(String name, C defaults, BiFunction<C, Context, T> maker)
            implements Factory<T, C> {
        @Override
        public String description() {
            return name + " for tests";
        }

        @Override
        public T create(C config, Context context) {
            return maker.apply(config, context);
        }
    }

    @Override
    public String name() {
        return "test";
    }

    @Override
    public List<Factory<? extends Dynamics, ?>> dynamics() {
        return List.of(
                new Made<Dynamics, Ddim>("ddim", new Ddim(1), (config, context) -> new Steps(config.eta() > 0)),
                new Made<Dynamics, NoConfig>("ode", new NoConfig(), (config, context) -> new Steps(false)));
    }

    @Override
    @SuppressWarnings("NullAway") // a default that is null is a key that must be given
    public List<Factory<? extends Reward, ?>> rewards() {
        return List.of(
                new Made<Reward, Brightness>(
                        "brightness",
                        new Brightness(0, "", List.of(), Map.of()),
                        (config, context) -> new Channel(config.channel())),
                new Made<Reward, Model>("model", new Model(null), (config, context) -> {
                    throw UserException.input("no such model: " + config.file());
                }));
    }

    @Override
    @SuppressWarnings("NullAway") // a default that is null is a key that must be given
    public List<Factory<? extends Augmentation, ?>> augmentations() {
        return List.of(new Made<Augmentation, Conditioned>(
                "conditioned", new Conditioned(null, 1), (config, context) -> new Nothing()));
    }

    @Override
    public List<Factory<? extends Advantage, ?>> advantages() {
        return List.of(
                new Made<Advantage, Group>("group", new Group(1e-4), (config, context) -> new Centred(2)),
                new Made<Advantage, NoConfig>("batch", new NoConfig(), (config, context) -> new Centred(1)));
    }

    @Override
    public List<Factory<? extends Selection, ?>> selections() {
        return List.of(
                new Made<Selection, NoConfig>("all", new NoConfig(), (config, context) -> candidates -> new int[0]));
    }

    @Override
    public List<Factory<? extends Likelihood, ?>> likelihoods() {
        return List.of(new Made<Likelihood, NoConfig>("transition", new NoConfig(), (config, context) -> new Dense()));
    }

    @Override
    public List<Factory<? extends Ratio, ?>> ratios() {
        return List.of(new Made<Ratio, NoConfig>(
                "importance", new NoConfig(), (config, context) -> Likelihood.Evaluation::logDensity));
    }

    @Override
    public List<Factory<? extends TrustRegion, ?>> trustRegions() {
        return List.of(
                new Made<TrustRegion, Clip>(
                        "clip", new Clip(1e-4, Clip.Unit.PER_ELEMENT), (config, context) -> pass -> {
                            throw noTensors();
                        }),
                new Made<TrustRegion, NoConfig>("none", new NoConfig(), (config, context) -> pass -> {
                    throw noTensors();
                }));
    }

    @Override
    public List<Factory<? extends StepWeight, ?>> stepWeights() {
        return List.of(
                new Made<StepWeight, NoConfig>("uniform", new NoConfig(), (config, context) -> (kernel, step) -> 1));
    }

    @Override
    public List<Factory<? extends Objective, ?>> objectives() {
        return List.of(new Made<Objective, NoConfig>("whole", new NoConfig(), (config, context) -> new Whole()));
    }

    @Override
    public List<Factory<? extends Tracker, ?>> trackers() {
        return List.of(
                new Made<Tracker, NoConfig>("silent", new NoConfig(), (config, context) -> (epoch, values) -> {}));
    }

    @Override
    public List<Preset> presets() {
        return List.of(new Preset(
                "ddpo",
                "DDPO for tests",
                "nobody",
                Map.of(
                        "likelihood", Map.of("type", "transition"),
                        "ratio", Map.of("type", "importance"),
                        "trust_region", Map.of("type", "clip", "range", 2e-4),
                        "step_weight", Map.of("type", "uniform"),
                        "advantage", Map.of("type", "group"))));
    }

    private static UnsupportedOperationException noTensors() {
        return new UnsupportedOperationException("parts for tests do no tensor work");
    }

    private record Steps(boolean stochastic) implements Dynamics {
        @Override
        public TransitionKernel kernel(Schedule schedule, int steps) {
            throw noTensors();
        }
    }

    private record Centred(int minimumGroup) implements Advantage {
        @Override
        public double[] advantages(List<String> groups, double[] rewards) {
            return rewards.clone();
        }
    }

    private record Dense() implements Likelihood {
        @Override
        public boolean needsDensity() {
            return true;
        }

        @Override
        public int passes(Batch batch) {
            return 1;
        }

        @Override
        public Evaluation evaluate(Policy policy, Batch batch, int pass) {
            throw noTensors();
        }
    }

    private record Nothing() implements Augmentation {
        @Override
        public Pipeline augment(Pipeline base) {
            return base;
        }

        @Override
        public List<Prompt> prompts(List<Prompt> prompts) {
            return prompts;
        }

        @Override
        public Prompt ask(Prompt prompt, Map<String, String> wishes) {
            if (!wishes.isEmpty()) {
                throw UserException.input("nothing can be asked for, not " + wishes.keySet());
            }
            return prompt;
        }
    }

    private record Whole() implements Objective {
        @Override
        public Needs needs() {
            return new Needs(true, false, Set.of());
        }

        @Override
        public int passes(Batch batch) {
            return 1;
        }

        @Override
        public Loss loss(Policy policy, Batch batch, int pass) {
            throw noTensors();
        }
    }

    /** Mean of a channel, 0..255 (channel 3 stands for one where lower is better); an image of one pixel cannot be scored. */
    public record Channel(int channel) implements Reward {
        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, 255, channel < 3, "mean level");
        }

        @Override
        public void check(Prompt prompt) {
            if (prompt.text().contains("unscorable")) {
                throw UserException.input("cannot score unscorable prompts");
            }
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            return images.stream().map(this::score).toList();
        }

        private Score score(RgbImage image) {
            if (image.width() * image.height() == 1) {
                return Score.failed("an image of one pixel has no brightness");
            }
            double sum = 0;
            for (int y = 0; y < image.height(); y++) {
                for (int x = 0; x < image.width(); x++) {
                    sum += image.at(x, y, channel);
                }
            }
            double mean = sum / image.width() / image.height();
            return new Score(mean, Map.of("channel", Integer.toString(channel)), null);
        }
    }
}
