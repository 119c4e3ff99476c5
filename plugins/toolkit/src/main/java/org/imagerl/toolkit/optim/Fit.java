package org.imagerl.toolkit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.imagerl.spi.State;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.TensorFiles;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/** Plain supervised training: one loss, AdamW, an average of the weights, and a state that can be saved and taken up again. */
public final class Fit implements AutoCloseable {
    private final LearningRate learningRate;
    private final SortedMap<String, NDArray> parameters;
    private final AdamW optimiser;
    private final Ema ema;

    public Fit(
            LearningRate learningRate,
            AdamW.Settings settings,
            double emaDecay,
            SortedMap<String, NDArray> parameters,
            NDManager manager) {
        this.learningRate = learningRate;
        this.parameters = parameters;
        this.optimiser = new AdamW(settings, parameters, manager);
        this.ema = new Ema(emaDecay, parameters, manager);
    }

    /** Number of steps so far. */
    public long steps() {
        return optimiser.steps();
    }

    /**
     * One update.
     *
     * @param loss computes the scalar to minimise; called with gradients on
     * @return its value
     * @throws UserException if the gradient is not finite
     */
    public double step(Supplier<NDArray> loss) {
        double[] value = new double[1];
        Scope.run(() -> Gradients.record(recording -> {
            NDArray scalar = loss.get();
            recording.backward(scalar);
            value[0] = scalar.stopGradient().getFloat();
            return scalar;
        }));
        if (optimiser.step(learningRate.at(steps())).skipped()) {
            throw UserException.input("the training diverged: the gradient of step " + steps() + " is not finite (loss "
                    + value[0] + "); lower learning_rate or weight_decay");
        }
        ema.update();
        return value[0];
    }

    /** Runs the body with the averaged weights. */
    public <T> T averaged(Supplier<T> body) {
        return ema.with(body);
    }

    /** Saves weights, averages, moments and the step. */
    public void save(Path file) {
        save(file, Map.of());
    }

    /**
     * The same, and what the training itself has to remember, in one file.
     *
     * @param more other names than {@code steps} and {@code ema_updates}
     */
    public void save(Path file, Map<String, String> more) {
        Map<String, String> metadata = new TreeMap<>(more);
        metadata.put("steps", Long.toString(steps()));
        metadata.put("ema_updates", Long.toString(ema.updates()));
        TensorFiles.save(file, state(), metadata);
    }

    /**
     * Goes on from a saved state.
     *
     * @return its metadata
     */
    public Map<String, String> restore(Path file) {
        Map<String, String> metadata = TensorFiles.restore(file, state());
        optimiser.restore(State.count("steps", Long.parseLong(metadata.getOrDefault("steps", "0"))));
        ema.restore(State.count("updates", Long.parseLong(metadata.getOrDefault("ema_updates", "0"))));
        return metadata;
    }

    private Map<String, NDArray> state() {
        Map<String, NDArray> state = new TreeMap<>();
        parameters.forEach((name, tensor) -> state.put("weight." + name, tensor));
        ema.averages().forEach((name, tensor) -> state.put("average." + name, tensor));
        state.putAll(optimiser.state().tensors());
        return state;
    }

    @Override
    public void close() {
        ema.close();
        optimiser.close();
    }
}
