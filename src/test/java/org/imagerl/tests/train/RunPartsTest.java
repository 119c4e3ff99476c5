package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RolloutEvidence;
import org.imagerl.spi.StepNoise;
import org.imagerl.spi.TrainingUnit;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.spi.run.Tracker;
import org.imagerl.tests.recipe.LaplaceNoise;
import org.imagerl.toolkit.recipe.SimpleFactory;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.loop.Training;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of a plugin around the algorithm: a unit of training, a budget, advantages per step, a tracker. None needs a change of the loop. */
class RunPartsTest {
    @TempDir
    private Path scratch;

    private final List<Set<String>> batches = new ArrayList<>();
    private final List<Integer> sizes = new ArrayList<>();
    private final List<String> tracked = new ArrayList<>();

    /** The spread of the outputs of a group, which says nothing of single samples. */
    private final class GroupObjective implements Objective {
        @Override
        public Needs needs() {
            return new Needs(false, false, Set.of());
        }

        @Override
        public TrainingUnit unit() {
            return TrainingUnit.GROUP;
        }

        @Override
        public int passes(Batch batch) {
            return 1;
        }

        @Override
        public Loss loss(Policy policy, Batch batch, int pass) {
            Trajectories all = batch.trajectories();
            batches.add(new HashSet<>(all.prompts().stream().map(Prompt::id).toList()));
            sizes.add(all.size());
            NDArray output =
                    policy.output(WeightSet.LIVE, all.state(all.kernel().steps()), new double[all.size()], all);
            NDArray loss = Kernels.scale(output.mul(output).mean(), 1e-3);
            return new Loss(
                    loss,
                    new Metrics()
                            .sum(
                                    "groups_trained",
                                    batches.get(batches.size() - 1).size()));
        }
    }

    /** All of the samples that others can spare for the first prompt. */
    private static final class FirstPrompt implements RolloutBudget {
        @Override
        public int[] samples(List<Prompt> prompts, int mean, long epoch) {
            int[] samples = new int[prompts.size()];
            Arrays.fill(samples, 1);
            samples[0] += (mean - 1) * prompts.size();
            return samples;
        }
    }

    /** Only the first step has an advantage. */
    private static final class FirstStep implements Advantage {
        @Override
        public int minimumGroup() {
            return 1;
        }

        @Override
        public double[] advantages(List<String> groups, double[] rewards) {
            throw new IllegalStateException("asked for one advantage per sample");
        }

        @Override
        public Advantages advantages(List<String> groups, double[] rewards, RolloutEvidence rollouts) {
            double[][] steps =
                    new double[rewards.length][rollouts.trajectories().kernel().steps()];
            for (int i = 0; i < rewards.length; i++) {
                steps[i][0] = i % 2 == 0 ? 1 : -1;
            }
            return Advantages.ofSteps(steps);
        }
    }

    private final class Remembering implements Tracker {
        @Override
        public void begin(Path run, long epoch) {
            tracked.add("begin " + epoch);
        }

        @Override
        public void metrics(long epoch, SortedMap<String, Double> values) {
            tracked.add("metrics " + epoch + (values.containsKey("reward_mean") ? " reward" : ""));
        }

        @Override
        public void images(long epoch, Path folder) {
            tracked.add("images " + epoch + " " + Files.exists(folder.resolve("grid.png")));
        }

        @Override
        public void end(boolean finished) {
            tracked.add("end " + finished);
        }
    }

    private final class RunPlugin implements Plugin {
        @Override
        public String name() {
            return "run-parts-test";
        }

        @Override
        public List<Factory<? extends Objective, ?>> objectives() {
            return List.of(SimpleFactory.of("groups", "whole groups", GroupObjective::new));
        }

        @Override
        public List<Factory<? extends Advantage, ?>> advantages() {
            return List.of(SimpleFactory.of("first-step", "the first step alone", FirstStep::new));
        }

        @Override
        public List<Factory<? extends StepNoise, ?>> stepNoises() {
            return List.of(SimpleFactory.of("laplace", "heavier tails", LaplaceNoise::new));
        }

        @Override
        public List<Factory<? extends RolloutBudget, ?>> rolloutBudgets() {
            return List.of(SimpleFactory.of("first-prompt", "most for the first", FirstPrompt::new));
        }

        @Override
        public List<Factory<? extends Tracker, ?>> trackers() {
            return List.of(SimpleFactory.of("remembering", "remembers rewards", Remembering::new));
        }
    }

    private Registry registry() {
        return Registry.of(Stream.concat(TinyRun.REGISTRY.plugins().stream(), Stream.of(new RunPlugin()))
                .toArray(Plugin[]::new));
    }

    private TinyRun train(String... overrides) {
        return train(scratch, List.of(overrides));
    }

    private TinyRun train(Path folder, List<String> overrides) {
        TinyRun run = new TinyRun(folder);
        Registry registry = registry();
        Training.start(
                new RunConfigLoader(registry).load(run.file(), overrides),
                registry,
                List.of("train"),
                (stage, done, total, detail) -> {},
                line -> {});
        return run;
    }

    @Test
    void groupsAreTrainedTogether() {
        TinyRun run = train(
                "epochs=1",
                "algorithm={preset: ctrl, objective: {type: groups}}",
                "rollout.prompts_per_epoch=3",
                "rollout.samples_per_prompt=2",
                "rollout.budget=first-prompt",
                "optimiser.micro_batch=2",
                "optimiser.updates_per_epoch=1",
                "optimiser.inner_epochs=3");
        assertThat(sizes)
                .as("of micro-batches: 4 samples of one prompt are more than 2")
                .contains(4);
        assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(3 * 6);
        int groups = batches.stream().mapToInt(Set::size).sum();
        assertThat(groups).as("each group once in a pass").isEqualTo(3 * 3);
        assertThat(run.rows().get(1L)).containsEntry("groups_trained", 9.0);
    }

    /** The steps without an advantage have no gradient, so that the diagnosis of each step finds none. */
    @Test
    void stepsMayHaveAdvantagesOfTheirOwn() {
        TinyRun run = train(
                "epochs=1",
                "algorithm.advantage=first-step",
                "run.diagnose_every=1",
                "evaluation=null",
                "optimiser.updates_per_epoch=1");
        Map<String, Double> row = run.rows().get(1L);
        Map<String, Double> norms = new TreeMap<>(row);
        norms.keySet().removeIf(name -> !name.matches("step_[0-9]+_grad_norm"));
        assertThat(norms.get("step_0_grad_norm")).isPositive();
        norms.remove("step_0_grad_norm");
        assertThat(norms)
                .isNotEmpty()
                .allSatisfy((name, norm) -> assertThat(norm).isZero());
    }

    /** Rollout and training use one density, whatever it is: the ratios of the first update are 1, and the policy moves. */
    @Test
    void stepsMayAddNoiseOfAnyDistribution() {
        List<String> settings = List.of("epochs=1", "evaluation=null", "optimiser.updates_per_epoch=1");
        Map<String, Double> usual =
                train(scratch.resolve("usual"), settings).rows().get(1L);
        Map<String, Double> row = train(
                        scratch.resolve("laplace"),
                        Stream.concat(settings.stream(), Stream.of("rollout.noise=laplace"))
                                .toList())
                .rows()
                .get(1L);
        assertThat(row.get("on_policy_deviation_max")).isLessThan(1e-4);
        assertThat(row.get("grad_norm")).isPositive().isNotEqualTo(usual.get("grad_norm"));
    }

    @Test
    void partsDerivedForGaussiansRefuseOtherNoise() {
        TinyRun run = new TinyRun(scratch);
        assertThatThrownBy(() -> new RunConfigLoader(registry())
                        .load(
                                run.file(),
                                List.of(
                                        "rollout.noise=laplace",
                                        "algorithm.penalty=kl-mean",
                                        "algorithm.likelihood={type: transition, density: squared-distance}")))
                .hasMessageContaining(
                        "algorithm.penalty: kl-mean is derived for steps that are Gaussian, and rollout.noise is laplace")
                .hasMessageContaining("algorithm.likelihood: transition is derived for steps that are Gaussian");
        assertThatThrownBy(() -> new RunConfigLoader(registry())
                        .load(run.file(), List.of("rollout.noise=laplace", "rollout.dynamics={type: ddim, eta: 0}")))
                .hasMessageContaining("rollout.noise: has no effect");
        new RunConfigLoader(registry())
                .load(
                        run.file(),
                        List.of("rollout.noise=laplace", "algorithm.penalty={type: kl-mean, variance: none}"));
    }

    @Test
    void aRuleOfGuidanceNeedsGuidance() {
        TinyRun run = new TinyRun(scratch);
        RunConfigLoader loader = new RunConfigLoader(registry());
        assertThatThrownBy(
                        () -> loader.load(run.file(), List.of("rollout.guidance=1", "rollout.guidance_rule=rescaled")))
                .hasMessageContaining("rollout.guidance_rule: has no effect");
        loader.load(
                run.file(), List.of("rollout.guidance=1", "rollout.guidance_rule=rescaled", "evaluation.guidance=2"));
    }

    @Test
    void aTrackerIsGivenTheRun() {
        TinyRun run = train("run.trackers=[remembering, csv, tensorboard]");
        assertThat(tracked)
                .containsExactly(
                        "begin -1",
                        "metrics 0",
                        "images 0 true",
                        "metrics 1 reward",
                        "images 1 true",
                        "metrics 2 reward",
                        "images 2 true",
                        "end true");
        tracked.clear();
        Training.resume(run.path(), registry(), (stage, done, total, detail) -> {}, line -> {});
        assertThat(tracked).containsExactly("begin 2", "end true");
        assertThat(run.names("tensorboard"))
                .as("a file for each time that it was begun")
                .hasSize(2);
        assertThat(run.table()).containsExactlyElementsOf(run.rows().keySet());
    }
}
