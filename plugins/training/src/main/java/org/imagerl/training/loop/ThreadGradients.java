package org.imagerl.training.loop;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.Function;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.LossTerms;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.imagerl.training.work.GradientExecutor;
import org.imagerl.training.work.GradientUnit;

/** Differentiates in this process, as many shards at a time as there are workers. */
public final class ThreadGradients implements GradientExecutor {
    private final PolicyRuntime runtime;
    private final Objective objective;
    private final Policy policy;
    private final Samples samples;

    /** Where the samples of rollouts are. */
    @FunctionalInterface
    public interface Samples {
        /** The chosen samples of a rollout, in that order, as new arrays of the manager. */
        Trajectories rows(NDManager manager, String rollout, int... rows);

        /** The samples of rollouts that are in this process as a whole, by the name of the rollout. */
        static Samples of(Function<String, Trajectories> rollouts) {
            return (manager, rollout, rows) -> rollouts.apply(rollout).rows(manager, rows);
        }
    }

    /** @param policy with the guidance of training */
    public ThreadGradients(PolicyRuntime runtime, Objective objective, Policy policy, Samples samples) {
        this.runtime = runtime;
        this.objective = objective;
        this.policy = policy;
        this.samples = samples;
    }

    @Override
    public List<Outcome> add(List<GradientUnit> units) {
        Outcome[] outcomes = new Outcome[units.size()];
        runtime.shards().run(outcomes.length, index -> outcomes[index] = add(units.get(index)));
        return Arrays.asList(outcomes);
    }

    @Override
    public List<UpdateSurvey.Pair> survey(List<GradientUnit> units) {
        UpdateSurvey survey = Objects.requireNonNull(objective.survey(), "the objective looks at no update first");
        List<UpdateSurvey.Pair> pairs = Collections.synchronizedList(new ArrayList<>());
        runtime.shards()
                .run(
                        units.size(),
                        index -> with(units.get(index), batch -> {
                            for (int pass = 0; pass < objective.passes(batch); pass++) {
                                int each = pass;
                                Gradients.off(() -> {
                                    Scope.run(() -> pairs.addAll(survey.observe(policy, batch, each)));
                                    return pairs;
                                });
                            }
                            return pairs;
                        }));
        return pairs;
    }

    /**
     * The results of units, for a process that adds them up.
     *
     * @param outcomes of each unit
     * @param gradients of each shard that has units, by the name of the trained tensor
     */
    public record Taken(List<Outcome> outcomes, List<SortedMap<String, float[]>> gradients) {}

    /** Computes units as {@link #add} does, and hands their gradients over: the trained tensors of this process have none afterwards. */
    public Taken take(List<GradientUnit> units) {
        runtime.optimiser().discard(); // sampling may have left gradients
        Outcome[] outcomes = new Outcome[units.size()];
        List<SortedMap<String, float[]>> gradients =
                runtime.shards().take(outcomes.length, index -> outcomes[index] = add(units.get(index)));
        return new Taken(Arrays.asList(outcomes), gradients);
    }

    /** Computes all units as a single shard, as {@link #take} does with several. */
    public Taken takeOne(List<GradientUnit> units) {
        runtime.optimiser().discard();
        List<Outcome> outcomes = new ArrayList<>();
        SortedMap<String, float[]> gradients =
                runtime.shards().takeOne(units.size(), index -> outcomes.add(add(units.get(index))));
        return new Taken(outcomes, List.of(gradients));
    }

    private Outcome add(GradientUnit unit) {
        return with(unit, batch -> {
            Metrics metrics = new Metrics();
            boolean trained = unit.firstPass() ? first(batch, unit, metrics) : all(batch, unit, metrics);
            return new Outcome(metrics, trained);
        });
    }

    private <T> T with(GradientUnit unit, Function<Batch, T> body) {
        unit.policy().requireAt(runtime.optimiser().steps());
        try (NDManager manager = runtime.pipeline().manager().newSubManager()) {
            return body.apply(new Batch(
                    Gradients.off(() -> samples.rows(manager, unit.rollout(), unit.rows())),
                    unit.advantages(),
                    unit.steps(),
                    unit.onPolicy(),
                    unit.seed(),
                    unit.progress(),
                    unit.marks(),
                    unit.terms(),
                    unit.rows()));
        }
    }

    private boolean first(Batch batch, GradientUnit unit, Metrics metrics) {
        backward(batch, 0, unit.share() * unit.lossScale(), unit.share(), metrics);
        return true;
    }

    /** Whether there was anything to differentiate. */
    private boolean all(Batch batch, GradientUnit unit, Metrics metrics) {
        double weight = unit.share() * unit.lossScale();
        Metrics added = objective.backward(policy, batch, weight);
        metrics.add(added, unit.share());
        int passes = objective.passes(batch);
        for (int pass = 0; pass < passes; pass++) {
            backward(batch, pass, weight / passes, unit.share(), metrics);
        }
        return objective.trains() && (passes > 0 || !added.isEmpty());
    }

    private void backward(Batch batch, int pass, double weight, double share, Metrics metrics) {
        Scope.run(() -> Gradients.record(recording -> {
            Loss loss = objective.loss(policy, batch, pass);
            if (batch.terms() != LossTerms.PENALTY || Kernels.requiresGradient(loss.value())) {
                recording.backward(Kernels.scale(loss.value(), weight)); // a penalty may be 0, as a constant
            }
            metrics.add(loss.metrics(), share);
            return loss;
        }));
    }
}
