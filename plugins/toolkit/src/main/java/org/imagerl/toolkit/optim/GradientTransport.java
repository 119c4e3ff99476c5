package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * N-PG-IGT, normalised policy gradient with implicit gradient transport (Fatkhullin, Barakat, Kireeva, He: Stochastic Policy Gradient Methods: Improved Sample
 * Complexity for Fisher-non-degenerate Policies, 2023, arXiv 2302.01734; the transport is of Cutkosky and Mehta, Momentum Improves Normalized SGD, 2020,
 * arXiv 2002.03305):
 *
 * <pre>
 * x_t = theta_t + (1 - eta_t) / eta_t (theta_t - theta_(t-1))     rollouts are sampled, and differentiated, at x_t
 * d_t = (1 - eta_t) d_(t-1) + eta_t g(x_t)                         d_0 = g(theta_0)
 * theta_(t+1) = theta_t - gamma_t d_t / |d_t|
 * </pre>
 *
 * with g the gradient of the loss and the norm over all trained tensors. For a quadratic loss d_t is exactly the gradient at theta_t, so that a long mean of
 * gradients does not lag behind. The trained tensors hold x_t: whatever samples with the current weights samples at x_t, without importance weights. theta_t is
 * what is evaluated and exported ({@link Optimiser#evaluated()}).
 *
 * <p>Differs from the paper: its gamma_t is a constant of the problem, which nobody knows, times 1 / (t + 2); here the learning rate has its place. Where a
 * tensor has a factor of the learning rate, its part of the step is multiplied by it, so that the length is the learning rate only with factors of 1.
 */
public final class GradientTransport extends NormalisedOptimiser {

    /**
     * How weights are updated; t counts updates from 0.
     *
     * @param momentum share of the old mean of gradients, {@code 1 - eta} from the second update on; null for the paper's, which grows
     * @param averagingPower p of the paper's {@code eta_t = (2 / (t + 2))^p}, without effect beside a momentum
     * @param stepPower q of the length of a step, {@code learning_rate (2 / (t + 2))^q}; 0 leaves it to the schedule of the learning rate
     */
    public record Settings(@Nullable Double momentum, double averagingPower, double stepPower) implements UpdateRule {
        /** Those of the paper's theorem. */
        public static final Settings PUBLISHED = new Settings(null, 0.8, 1);

        /** Checks the ranges. */
        public Settings {
            new NormalisedSteps(momentum, averagingPower, stepPower);
        }

        private NormalisedSteps steps() {
            return new NormalisedSteps(momentum, averagingPower, stepPower);
        }

        @Override
        public int updates() {
            return 1;
        }

        @Override
        public GradientTransport over(
                SortedMap<String, NDArray> parameters, ToDoubleFunction<String> factors, NDManager parent) {
            return new GradientTransport(this, parameters, factors, parent);
        }
    }

    private final SortedMap<String, NDArray> iterates;
    private final SortedMap<String, NDArray> means;

    private GradientTransport(
            Settings settings,
            SortedMap<String, NDArray> parameters,
            ToDoubleFunction<String> factors,
            NDManager parent) {
        super(settings.steps(), parameters, factors, parent);
        iterates = saved("iterate"); // theta
        means = saved("mean"); // d
        Gradients.off(() -> {
            iterates.forEach((name, iterate) -> InPlaceKernels.copyInPlace(iterate, of(parameters, name)));
            return null;
        });
    }

    /** A step of theta along the mean of the gradients, and of x beyond it. */
    @Override
    void update(SortedMap<String, NDArray> gradients, double learningRate) {
        List<NDArray> mean = List.copyOf(means.values());
        InPlaceKernels.lerpInPlace(
                mean, List.copyOf(gradients.values()), settings().share(steps()));
        double norm = InPlaceKernels.globalNorm(mean);
        double share = settings().share(steps() + 1);
        double beyond = (1 - share) / share;
        double length = settings().length(learningRate, steps());
        parameters().forEach((name, parameter) -> {
            NDArray iterate = of(iterates, name);
            double step = factor(name, length, norm);
            InPlaceKernels.copyInPlace(iterate, Kernels.combine(iterate, 1, of(means, name), step));
            InPlaceKernels.copyInPlace(parameter, Kernels.combine(iterate, 1, of(means, name), beyond * step));
        });
    }

    @Override
    public SortedMap<String, NDArray> evaluated() {
        return iterates;
    }
}
