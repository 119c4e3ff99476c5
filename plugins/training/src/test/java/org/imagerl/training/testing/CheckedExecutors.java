package org.imagerl.training.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.work.GradientExecutor;
import org.imagerl.training.work.GradientUnit;
import org.imagerl.training.work.PolicyVersion;
import org.imagerl.training.work.Replacement;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutUnit;

/** Executors that are looked at while a run uses them. */
final class CheckedExecutors implements RolloutExecutor, GradientExecutor {
    private final OpenRun run;
    private final RunExecutors executors;
    private final List<float[]> states;
    private boolean refuses;
    private boolean stops;

    private CheckedExecutors(OpenRun run, RunExecutors executors, List<float[]> states, boolean refuses) {
        this.run = run;
        this.executors = executors;
        this.states = states;
        this.refuses = refuses;
    }

    /**
     * @param states takes the states of every trajectory
     * @param refuses whether the first update is also tried with weights that are not there
     */
    static RunExecutors.Factory over(RunExecutors.Factory factory, List<float[]> states, boolean refuses) {
        return (run, folder) -> {
            CheckedExecutors checked = new CheckedExecutors(run, factory.open(run, folder), states, refuses);
            return new RunExecutors(checked, checked);
        };
    }

    /** Takes down what it is called for. */
    private record Counted(Watch watch, List<List<Prompt>> begun, List<List<Prompt>> done) implements Watch {
        static Counted of(Watch watch) {
            return new Counted(
                    watch,
                    Collections.synchronizedList(new ArrayList<>()),
                    Collections.synchronizedList(new ArrayList<>()));
        }

        @Override
        public void begin() {
            begun.add(List.of());
            watch.begin();
        }

        @Override
        public void done(RolloutUnit unit) {
            done.add(unit.prompts());
            watch.done(unit);
        }
    }

    /** Samples are in the order of the units, and each unit is done once. A rollout that is stopped leaves nothing behind. */
    @Override
    public Rollout run(List<RolloutUnit> units, Watch watch) {
        if (stops) {
            stops = false;
            requireStopped(units);
        }
        Counted counted = Counted.of(watch);
        Rollout rollout = executors.rollouts().run(units, counted);
        List<List<Prompt>> each = units.stream().map(RolloutUnit::prompts).toList();
        List<Prompt> prompts = each.stream().flatMap(List::stream).toList();
        assertThat(counted.begun()).isNotEmpty();
        assertThat(counted.done()).containsExactlyInAnyOrderElementsOf(each);
        assertThat(rollout.images()).hasSameSizeAs(prompts);
        assertThat(rollout.rewards().columns())
                .allMatch(column -> column.scores().size() == prompts.size());
        Trajectories trajectories = rollout.trajectories();
        assertThat(trajectories.prompts()).isEqualTo(prompts);
        for (NDArray state : trajectories.states()) {
            states.add(state == null ? new float[0] : Floats.of(state));
        }
        return rollout;
    }

    /** What the watch throws ends the rollout, and comes out as it is. */
    private void requireStopped(List<RolloutUnit> units) {
        RuntimeException stop = new IllegalArgumentException("stopped by a test");
        assertThatThrownBy(() -> executors.rollouts().run(units, new Watch() {
                    @Override
                    public void begin() {
                        throw stop;
                    }

                    @Override
                    public void done(RolloutUnit unit) {}
                }))
                .isSameAs(stop);
    }

    @Override
    public void replace(Replacement replacement) {
        executors.rollouts().replace(replacement);
    }

    /** Each unit has an outcome. Weights of another step are refused, and after a failure nothing is added. */
    @Override
    public List<Outcome> add(List<GradientUnit> units) {
        if (refuses) {
            refuses = false;
            Map<String, float[]> before = gradients();
            List<GradientUnit> later =
                    units.stream().map(CheckedExecutors::oneStepLater).toList();
            assertThatThrownBy(() -> executors.gradients().add(later)).hasMessageContaining("optimiser steps");
            assertThat(gradients()).usingRecursiveComparison().isEqualTo(before);
        }
        List<Outcome> outcomes = executors.gradients().add(units);
        assertThat(outcomes).hasSameSizeAs(units).doesNotContainNull();
        stops = true;
        return outcomes;
    }

    private static GradientUnit oneStepLater(GradientUnit unit) {
        PolicyVersion now = unit.policy();
        return new GradientUnit(
                new PolicyVersion(now.steps() + 1, now.weights(), now.averaged()),
                unit.rollout(),
                unit.rows(),
                unit.advantages(),
                unit.steps(),
                unit.share(),
                unit.lossScale(),
                unit.onPolicy(),
                unit.seed(),
                unit.progress(),
                unit.marks(),
                unit.terms(),
                unit.firstPass());
    }

    private Map<String, float[]> gradients() {
        Map<String, float[]> gradients = new TreeMap<>();
        run.runtime().weights().state().tensors().forEach((name, tensor) -> {
            try (NDArray gradient = tensor.getGradient()) {
                gradients.put(name, Floats.of(gradient));
            }
        });
        return gradients;
    }

    @Override
    public List<UpdateSurvey.Pair> survey(List<GradientUnit> units) {
        return executors.gradients().survey(units);
    }

    @Override
    public void close() {
        executors.close();
    }
}
