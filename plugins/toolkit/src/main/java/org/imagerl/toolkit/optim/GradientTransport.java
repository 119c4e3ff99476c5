package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.imagerl.spi.State;
import org.imagerl.spi.run.Optimiser;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
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
public final class GradientTransport implements Optimiser {

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

    private final NormalisedSteps settings;
    private final SortedMap<String, NDArray> parameters;
    private final Accumulated accumulated;
    private final ToDoubleFunction<String> factors;
    private final NDManager manager;
    private final SortedMap<String, NDArray> iterates = new TreeMap<>();
    private final SortedMap<String, NDArray> means = new TreeMap<>();
    private long steps;

    private GradientTransport(
            Settings settings,
            SortedMap<String, NDArray> parameters,
            ToDoubleFunction<String> factors,
            NDManager parent) {
        this.settings = settings.steps();
        this.parameters = parameters;
        this.factors = factors;
        accumulated = new Accumulated(parameters);
        manager = parent.newSubManager();
        parameters.forEach((name, parameter) -> {
            iterates.put(name, zeros(parameter));
            means.put(name, zeros(parameter));
        });
        Gradients.off(() -> {
            iterates.forEach((name, iterate) -> InPlaceKernels.copyInPlace(iterate, of(parameters, name)));
            return null;
        });
    }

    private NDArray zeros(NDArray parameter) {
        return Scope.keep(manager.zeros(parameter.getShape(), DataType.FLOAT32));
    }

    private static NDArray of(Map<String, NDArray> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name));
    }

    @Override
    public Step step(double learningRate) {
        return Gradients.off(() -> {
            Step[] result = new Step[1];
            Scope.run(() -> result[0] = update(learningRate));
            return result[0];
        });
    }

    private Step update(double learningRate) {
        List<NDArray> gradients = List.copyOf(accumulated.gradients().values());
        double norm = InPlaceKernels.globalNorm(gradients);
        boolean finite = Double.isFinite(norm);
        if (finite) {
            InPlaceKernels.lerpInPlace(List.copyOf(means.values()), gradients, settings.share(steps));
            move(settings.length(learningRate, steps));
            steps++;
        }
        accumulated.clear();
        return new Step(norm, !finite);
    }

    /** A step of theta along the mean of the gradients, and of x beyond it. */
    private void move(double length) {
        double norm = InPlaceKernels.globalNorm(List.copyOf(means.values()));
        double share = settings.share(steps + 1);
        double beyond = (1 - share) / share;
        parameters.forEach((name, parameter) -> {
            NDArray mean = of(means, name);
            NDArray iterate = of(iterates, name);
            double step = norm == 0 ? 0 : -length * factors.applyAsDouble(name) / norm; // no gradient has no direction
            InPlaceKernels.copyInPlace(iterate, Kernels.combine(iterate, 1, mean, step));
            InPlaceKernels.copyInPlace(parameter, Kernels.combine(iterate, 1, mean, beyond * step));
        });
    }

    @Override
    public double discard() {
        return accumulated.discard();
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public SortedMap<String, NDArray> evaluated() {
        return iterates;
    }

    /** {@code iterate.NAME} is theta, {@code mean.NAME} d, and the number of updates. */
    @Override
    public State state() {
        Map<String, NDArray> tensors = new TreeMap<>();
        iterates.forEach((name, tensor) -> tensors.put("iterate." + name, tensor));
        means.forEach((name, tensor) -> tensors.put("mean." + name, tensor));
        return State.count("steps", steps).with(tensors);
    }

    @Override
    public void restore(State state) {
        steps = (long) state.number("steps");
    }

    @Override
    public void close() {
        manager.close();
    }
}
