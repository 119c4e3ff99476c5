package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.SimpleFactory;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.Training;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an advantage can ask about the rollouts before the first update: how likely they are under which weights. */
class RolloutEvidenceTest {
    private final List<RolloutEvidence.Comparison> live = new ArrayList<>();
    private final List<RolloutEvidence.Comparison> reference = new ArrayList<>();
    private final List<double[]> stored = new ArrayList<>();

    @TempDir
    Path scratch;

    private final class Asking implements Advantage {
        @Override
        public int minimumGroup() {
            return 1;
        }

        @Override
        public Objective.Needs needs() {
            return new Objective.Needs(true, true, Set.of(WeightSet.REFERENCE));
        }

        @Override
        public double[] advantages(List<String> groups, double[] rewards) {
            return rewards;
        }

        @Override
        public Advantages advantages(List<String> groups, double[] rewards, RolloutEvidence rollouts) {
            Trajectories all = rollouts.trajectories();
            live.add(rollouts.compare(WeightSet.LIVE));
            reference.add(rollouts.compare(WeightSet.REFERENCE));
            stored.add(all.logDensity(0).toType(DataType.FLOAT64, false).toDoubleArray());
            return Advantages.ofSamples(1, -1, 1, -1);
        }
    }

    private final class AskingPlugin implements Plugin {
        @Override
        public String name() {
            return "asking";
        }

        @Override
        public List<Factory<? extends Advantage, ?>> advantages() {
            return List.of(SimpleFactory.of("asking", "asks about the rollouts", Asking::new));
        }
    }

    /** Two micro-batches of two; the weights of the first epoch are still those of the reference. */
    @Test
    void theSampledStepsAreEvaluatedUnderOtherWeights() {
        Registry registry =
                Registry.of(Stream.concat(TinyRun.REGISTRY.plugins().stream(), Stream.of(new AskingPlugin()))
                        .toArray(Plugin[]::new));
        TinyRun run = new TinyRun(scratch);
        List<String> settings =
                List.of("evaluation=", "samples={prompts: 1, seeds: [0]}", "algorithm.advantage=asking");
        Training.start(
                new RunConfigLoader(registry).load(run.file(), settings),
                registry,
                List.of("train"),
                (stage, done, total, detail) -> {},
                line -> {});
        Map<Long, Map<String, Double>> rows = run.rows();
        assertThat(rows.get(2L).get("grad_norm")).isPositive();
        for (int epoch = 0; epoch < 2; epoch++) {
            for (int i = 0; i < 4; i++) {
                assertThat(live.get(epoch).logDensities()[i][0]).isCloseTo(stored.get(epoch)[i], within(1e-4));
                assertThat(live.get(epoch).divergences()[i][0]).isBetween(0.0, 1e-8);
            }
        }
        assertThat(reference.get(0).divergences()[3][0]).isBetween(0.0, 1e-8);
        for (int i = 0; i < 4; i++) {
            // l_old - l_ref of one draw is the divergence and noise around it: with small steps its sign is open, its
            // size is not.
            double d = reference.get(1).divergences()[i][0];
            double ratio = stored.get(1)[i] - reference.get(1).logDensities()[i][0];
            assertThat(d).isGreaterThan(1e-8);
            assertThat(Math.abs(ratio)).isBetween(0.0, 20 * Math.sqrt(d));
        }
    }
}
