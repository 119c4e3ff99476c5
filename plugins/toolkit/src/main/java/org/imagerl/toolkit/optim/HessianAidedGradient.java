package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * N-HARPG, normalised Hessian-aided recursive policy gradient (Fatkhullin, Barakat, Kireeva, He: Stochastic Policy
 * Gradient Methods: Improved Sample Complexity for Fisher-non-degenerate Policies, 2023, arXiv 2302.01734), with the
 * second-order product as a difference of gradients:
 *
 * <pre>
 * v_t = g_t(theta_t) - g_t(theta_(t-1))              both of the rollouts at theta_t
 * d_t = (1 - eta_t) (d_(t-1) + v_t) + eta_t g_t(theta_t)            d_0 = g_0(theta_0)
 * theta_(t+1) = theta_t - gamma_t d_t / |d_t|
 * </pre>
 *
 * with g_t the gradient of the loss of update t and the norm over all trained tensors. v carries the old direction from
 * theta_(t-1) to theta_t, so that a long mean does not lag behind; for a quadratic loss d_t is exactly the gradient at
 * theta_t.
 *
 * <p>Differs from the paper: it multiplies an estimate of the Hessian at a random point between the two weights by
 * their distance, and samples further rollouts there. The mean of that product over the segment is the difference of
 * the gradients at its ends, which is taken here, with the rollouts of theta_t in both places: at theta_(t-1) the
 * importance ratio of the recipe weighs them. A ratio that is always 1 would leave out a term of the Hessian and is
 * refused; a clip would stop gradients at theta_(t-1), so that it goes with {@code trust_region: none}. Of the paper's
 * schedules only that of the step was seen by us: {@code averaging_power} 1 is what its rate asks for
 * (<i>unconfirmed</i>). The constant of the problem in its gamma_t is the learning rate here.
 */
public final class HessianAidedGradient extends NormalisedOptimiser {

    /**
     * How weights are updated; t counts updates from 0.
     *
     * @param momentum share of the old direction, {@code 1 - eta} from the second update on; null for the paper's, which grows
     * @param averagingPower p of {@code eta_t = (2 / (t + 2))^p}, without effect beside a momentum
     * @param stepPower q of the length of a step, {@code learning_rate (2 / (t + 2))^q}; 0 leaves it to the schedule of the learning rate
     */
    public record Settings(@Nullable Double momentum, double averagingPower, double stepPower) implements UpdateRule {
        /** As said above. */
        public static final Settings PUBLISHED = new Settings(null, 1, 1);

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
        public boolean compares() {
            return true;
        }

        @Override
        public HessianAidedGradient over(
                SortedMap<String, NDArray> parameters, ToDoubleFunction<String> factors, NDManager parent) {
            return new HessianAidedGradient(this, parameters, factors, parent);
        }
    }

    private final SortedMap<String, NDArray> former;
    private final SortedMap<String, NDArray> directions;

    /** The gradients at the former weights: within an update only. */
    private final SortedMap<String, NDArray> formerGradients;

    private boolean compared;

    private HessianAidedGradient(
            Settings settings,
            SortedMap<String, NDArray> parameters,
            ToDoubleFunction<String> factors,
            NDManager parent) {
        super(settings.steps(), parameters, factors, parent);
        former = saved("former"); // theta of the update before
        directions = saved("direction"); // d
        formerGradients = zeros();
    }

    /** The weights before the last step, from the second update on. */
    @Override
    public SortedMap<String, NDArray> compared() {
        return steps() == 0 ? Collections.emptySortedMap() : former;
    }

    @Override
    public void compare() {
        Gradients.off(() -> {
            Scope.run(() -> accumulated()
                    .gradients()
                    .forEach((name, gradient) -> InPlaceKernels.copyInPlace(of(formerGradients, name), gradient)));
            accumulated().clear();
            return null;
        });
        compared = true;
    }

    @Override
    public Step step(double learningRate) {
        if (steps() > 0 && !compared) {
            throw new IllegalStateException("the gradient at the former weights was not taken");
        }
        compared = false;
        return super.step(learningRate);
    }

    @Override
    boolean usable() {
        return Double.isFinite(InPlaceKernels.globalNorm(List.copyOf(formerGradients.values())));
    }

    /** {@code d = g + (1 - eta) (d - g')}, and a step along it. */
    @Override
    void update(SortedMap<String, NDArray> gradients, double learningRate) {
        double kept = 1 - settings().share(steps());
        gradients.forEach((name, gradient) -> {
            NDArray direction = of(directions, name);
            NDArray carried = Kernels.combine(direction, 1, of(formerGradients, name), -1);
            InPlaceKernels.copyInPlace(direction, Kernels.combine(gradient, 1, carried, kept));
        });
        double norm = InPlaceKernels.globalNorm(List.copyOf(directions.values()));
        double length = settings().length(learningRate, steps());
        parameters().forEach((name, parameter) -> {
            InPlaceKernels.copyInPlace(of(former, name), parameter);
            double step = factor(name, length, norm);
            InPlaceKernels.copyInPlace(parameter, Kernels.combine(parameter, 1, of(directions, name), step));
        });
    }
}
