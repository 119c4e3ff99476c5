package org.imagerl.flow.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.imagerl.flow.schedule.FlowSchedule;
import org.imagerl.flow.schedule.FlowSchedulerConfig;
import org.imagerl.flow.schedule.GridEnd;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.parallel.ThreadScopedValue;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.sampling.PolicyWeights;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/** The smallest flow model: the velocity is {@code slope x + offset}, two trained numbers. */
public final class LineFlow implements Pipeline, Tuning {
    /** Latents of 2 x 8 x 8. */
    private static final long[] LATENT = {2, 8, 8};

    private final NDManager manager = NDManager.newBaseManager(null, "PyTorch");
    private final SortedMap<String, NDArray> parameters = new TreeMap<>();
    private final Map<String, NDArray> reference = new TreeMap<>();
    private final ThreadScopedValue<Map<String, NDArray>> inPlace = new ThreadScopedValue<>(parameters);

    public final PolicyWeights weights;
    public final GuidedPolicy policy;

    /** @param kept the weights that are needed beside the current ones */
    public LineFlow(WeightSet... kept) {
        parameter("slope", 0.3f);
        parameter("offset", 0.1f);
        weights = new PolicyWeights(this, manager, Set.of(kept), WeightSet.LIVE, k -> 0.5);
        policy = new GuidedPolicy(this, weights, new GuidedPolicy.Settings(1, "", defaultSize()));
    }

    private void parameter(String name, float value) {
        reference.put(name, manager.full(new Shape(1), value, DataType.FLOAT32));
        NDArray trained = manager.full(new Shape(1), value, DataType.FLOAT32);
        trained.setRequiresGradient(true);
        parameters.put(name, trained);
    }

    /** Adds to a trained number. */
    public void move(String name, double by) {
        Gradients.off(() -> parameters.get(name).addi((float) by));
    }

    /** Rollouts of the first prompts of {@code a, b, c, ...}, one each. */
    public Trajectories rollout(Dynamics dynamics, int steps, Sampler.Keep keep, int size) {
        TransitionKernel kernel = dynamics.kernel(schedule(8, 8), steps);
        List<Prompt> prompts = IntStream.range(0, size)
                .mapToObj(i -> Prompt.of("p" + i, "prompt " + i))
                .toList();
        return new Sampler(policy, kernel, LATENT)
                .sample(
                        manager,
                        prompts,
                        IntStream.range(0, size).asLongStream().toArray(),
                        keep,
                        step -> {});
    }

    /** Rollouts of the given prompts with the given noise. */
    public Trajectories rollout(Dynamics dynamics, int steps, Sampler.Keep keep, List<Prompt> prompts, Seeds seeds) {
        return new Sampler(policy, dynamics.kernel(schedule(8, 8), steps), LATENT)
                .sample(manager, prompts, seeds, keep, step -> {});
    }

    /** The gradient of a scalar by name of the trained number. */
    public Map<String, Double> gradients(Supplier<NDArray> scalar) {
        Map<String, Double> before = gradients();
        Scope.run(() -> Gradients.record(recording -> {
            NDArray value = scalar.get();
            recording.backward(value);
            return value;
        }));
        Map<String, Double> gradients = gradients();
        gradients.replaceAll((name, value) -> value - before.get(name));
        return gradients;
    }

    private Map<String, Double> gradients() {
        Map<String, Double> gradients = new TreeMap<>();
        parameters.forEach((name, parameter) -> {
            try (NDArray gradient = parameter.getGradient()) {
                gradients.put(name, (double) gradient.getFloat());
            }
        });
        return gradients;
    }

    @Override
    public NDManager manager() {
        return manager;
    }

    @Override
    public Map<String, String> summary() {
        return Map.of();
    }

    @Override
    public ImageSize defaultSize() {
        return new ImageSize(8, 8);
    }

    @Override
    public long[] latentShape(int width, int height) {
        return LATENT;
    }

    /** That of SD3. */
    @Override
    public FlowSchedule schedule(int width, int height) {
        FlowSchedulerConfig config = new FlowSchedulerConfig(1000, 3, Optional.empty(), Optional.empty(), List.of());
        return FlowSchedule.of(config, 1, GridEnd.TRAINED);
    }

    @Override
    public Conditioning encode(NDManager owner, List<String> texts, List<String> negatives, ImageSize size) {
        return new Conditioning(Map.of("text", owner.zeros(new Shape(texts.size(), 1))), Map.of());
    }

    @Override
    public boolean encoderTuned() {
        return false;
    }

    @Override
    public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        return latents.mul(inPlace.get().get("slope")).add(inPlace.get().get("offset"));
    }

    @Override
    public NDArray decode(NDArray latents) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Tuning tune(TuningSpec spec, long seed) {
        return this;
    }

    @Override
    public void loadLora(Path fileOrFolder, double scale) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void save(Path folder, String dtype) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<String, NDArray> parameters() {
        return parameters;
    }

    @Override
    public <T> T asReference(Supplier<T> body) {
        return with(reference, body);
    }

    @Override
    public <T> T with(Map<String, NDArray> values, Supplier<T> body) {
        return inPlace.with(values, body);
    }

    @Override
    public Path export(Path folder, Map<String, String> provenance) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        weights.close();
        manager.close();
    }
}
