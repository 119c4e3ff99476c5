package org.imagerl.ctrl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.ctrl.control.Control;
import org.imagerl.ctrl.control.ControlAugmentation;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.spi.Batch;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.Tuning;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.sampling.PolicyWeights;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/** A checkpoint with a control, its adapters somewhere on the way. */
public final class OpenControl implements AutoCloseable {
    public final Pipeline pipeline;
    public final Tuning tuning;
    private final PolicyWeights weights;
    private final GuidedPolicy policy;
    private final Sampler sampler;

    public OpenControl(boolean checkpointing, double std) {
        ControlAugmentation.Config config =
                new ControlAugmentation.Config(List.of(new Control("shade", 3)), List.of(), List.of(), 10, null, 1);
        pipeline = new ControlAugmentation(config, Tiny.context(Path.of("."))).augment(Tiny.checkpoint(checkpointing));
        tuning = pipeline.tune(Tiny.lora(), 1);
        tuning.parameters()
                .forEach((name, tensor) -> Scope.run(() -> Gradients.off(() -> tensor.addi(
                        Kernels.randn(pipeline.manager(), new RandomStreams(2).seed(name), tensor.getShape())
                                .muli((float) std)))));
        weights = PolicyWeights.of(tuning, pipeline.manager());
        ImageSize size = pipeline.defaultSize();
        policy = new GuidedPolicy(pipeline, weights, new GuidedPolicy.Settings(2, "", size));
        sampler = new Sampler(
                policy,
                new DdimDynamics(new DdimDynamics.Config(1)).kernel(pipeline.schedule(size.width(), size.height()), 3),
                pipeline.latentShape(size.width(), size.height()));
    }

    private Trajectories rollout(NDManager owner) {
        return sampler.sample(owner, List.of(asking(0), asking(2)), new long[] {4, 5}, Sampler.Keep.NOISE, step -> {});
    }

    /** Adds the gradient of an objective of two images, one of class 0 and one of class 2. */
    public Map<String, Double> add(Objective objective) {
        return add(objective, policy);
    }

    /** The checkpoint as objectives see it. */
    public Policy policy() {
        return policy;
    }

    /** The same with another policy than the one that made the images. */
    public Map<String, Double> add(Objective objective, Policy other) {
        try (NDManager owner = pipeline.manager().newSubManager()) {
            Batch batch = new Batch(rollout(owner), new double[2], new int[0], true, 9, new int[] {0, 1});
            return objective.backward(other, batch, 1).values();
        }
    }

    /** The gradients by name. */
    public Map<String, float[]> gradients(Objective objective) {
        add(objective);
        Map<String, float[]> gradients = new TreeMap<>();
        tuning.parameters().forEach((name, tensor) -> {
            try (NDArray gradient = tensor.getGradient()) {
                gradients.put(name, gradient.toFloatArray());
            }
        });
        return gradients;
    }

    @Override
    public void close() {
        weights.close();
        tuning.close();
        pipeline.close();
    }

    private static Prompt asking(int klass) {
        return new Prompt("p", "the cat", Map.of("shade", Integer.toString(klass), "shade_classes", "3"));
    }
}
