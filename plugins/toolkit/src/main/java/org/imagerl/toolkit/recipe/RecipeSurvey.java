package org.imagerl.toolkit.recipe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.UpdateSurvey;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.tensor.Kernels;

/** A trust region's look at a whole update, with the likelihood and the ratio of its recipe. */
record RecipeSurvey(Likelihood likelihood, Ratio ratio, TrustRegion.Survey survey) implements UpdateSurvey {

    @Override
    public boolean trial() {
        return survey.compared() == WeightSet.TRIAL;
    }

    @Override
    public int calls() {
        return survey.compared() == null ? 1 : 2;
    }

    @Override
    public List<Pair> observe(Policy policy, Batch batch, int pass) {
        Likelihood.Evaluation evaluation = likelihood.evaluate(policy, batch, pass);
        Likelihood.Transition transition =
                Objects.requireNonNull(evaluation.transition(), "a survey looks at transitions");
        double[] l = numbers(ofNoise(batch, transition, transition.mean()));
        double[] logRatio = numbers(ratio.logRatio(evaluation));
        Other other = other(policy, batch, transition);
        double[] advantages = Recipe.advantages(batch, evaluation);
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < l.length; i++) {
            pairs.add(new Pair(
                    batch.samples()[i],
                    transition.step(),
                    l[i],
                    logRatio[i],
                    advantages[i],
                    other.logDensities[i],
                    other.divergences[i]));
        }
        return pairs;
    }

    private record Other(double[] logDensities, double[] divergences) {}

    private Other other(Policy policy, Batch batch, Likelihood.Transition transition) {
        WeightSet compared = survey.compared();
        if (compared == null) {
            double[] none = new double[batch.samples().length];
            Arrays.fill(none, Double.NaN);
            return new Other(none, none);
        }
        NDArray mean = policy.mean(compared, transition.step(), batch.trajectories());
        NDArray apart = transition.mean().sub(mean);
        return new Other(
                numbers(ofNoise(batch, transition, mean)),
                numbers(Kernels.scale(
                        Kernels.meanPerSample(apart.mul(apart)), 0.5 / (transition.std() * transition.std()))));
    }

    /** The density of the noise that leads from a mean to the sampled state: without - ln S, by which that of the state tells steps apart. */
    private static NDArray ofNoise(Batch batch, Likelihood.Transition transition, NDArray mean) {
        NDArray density =
                GaussianNoise.of(batch.trajectories().kernel()).logDensity(transition.next(), mean, transition.std());
        return Kernels.shift(density, Math.log(transition.std()));
    }

    private static double[] numbers(NDArray values) {
        return values.toType(DataType.FLOAT64, false).toDoubleArray();
    }

    @Override
    public double[] marks(List<Pair> pairs, long seed) {
        return survey.marks(pairs, seed);
    }
}
