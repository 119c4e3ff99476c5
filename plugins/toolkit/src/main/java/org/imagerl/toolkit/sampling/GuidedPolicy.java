package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Guidance;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.recipe.PerSample;
import org.imagerl.toolkit.tensor.FreeMemory;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/** A pipeline's denoiser with guidance. Both branches of it run in one batch, and both are differentiated. */
public final class GuidedPolicy implements Policy {
    private final Pipeline pipeline;
    private final @Nullable PolicyWeights weights;
    private final Settings settings;
    private final AtomicLong evaluations;
    private final OutputMixture mixture;

    /**
     * How to guide.
     *
     * @param scale 1 is no guidance, at half the cost
     * @param negativePrompt what guidance leads away from, where a prompt does not say it itself
     * @param size of the images
     * @param forOthers whether the negative prompt is encoded even without guidance, for a policy that is asked about the same rollouts with
     *     guidance
     * @param rule that makes one output of two
     */
    public record Settings(double scale, String negativePrompt, ImageSize size, boolean forOthers, Guidance rule) {
        /** Encodes what it needs by itself, with classifier-free guidance. */
        public Settings(double scale, String negativePrompt, ImageSize size) {
            this(scale, negativePrompt, size, false, new ClassifierFreeGuidance());
        }

        /** Whether the denoiser runs twice. */
        public boolean guided() {
            return scale != 1;
        }
    }

    /** @param weights those of what is trained, or null for plain sampling */
    public GuidedPolicy(Pipeline pipeline, @Nullable PolicyWeights weights, Settings settings) {
        this(pipeline, weights, settings, new AtomicLong(), OutputMixture.NONE);
    }

    private GuidedPolicy(
            Pipeline pipeline,
            @Nullable PolicyWeights weights,
            Settings settings,
            AtomicLong evaluations,
            OutputMixture mixture) {
        this.pipeline = pipeline;
        this.weights = weights;
        this.settings = settings;
        this.evaluations = evaluations;
        this.mixture = mixture;
    }

    /**
     * The same denoiser and weights with another guidance, for rollouts of this one: how a policy is trained without the guidance that its rollouts
     * had. The evaluations of both are counted together.
     *
     * @param scale 1 is none; for more than 1 this policy must encode the negative prompt ({@link Settings#forOthers})
     */
    public GuidedPolicy guidedBy(double scale) {
        return new GuidedPolicy(
                pipeline,
                weights,
                new Settings(scale, settings.negativePrompt, settings.size, false, settings.rule),
                evaluations,
                mixture);
    }

    /**
     * The same, whose samples are corrected towards the weights before training, after CDSA (Conservative Denoising Score-based Algorithm, 2024, arXiv
     * 2406.07541), which moves the actions of a finished policy along the score of its data: {@code o = o_tuned + w (o_reference - o_tuned)} at chosen steps,
     * a guidance between weights. The paper's score is of a model of its own; here it is that of the checkpoint.
     *
     * @param correction w in 0..1: 0 is the tuned policy and 1 the checkpoint, both to the bit and without a further call of the denoiser; and its steps
     * @param kernel of the sampler whose steps these are
     */
    public GuidedPolicy towardsReference(Correction correction, TransitionKernel kernel) {
        return mixed(WeightSet.REFERENCE, shares(correction, kernel));
    }

    /**
     * The same towards another checkpoint, which has text encoders of its own.
     *
     * @param other its policy, for images of the same size and with the same guidance
     */
    public GuidedPolicy towards(GuidedPolicy other, Correction correction, TransitionKernel kernel) {
        return mixed(new OtherCheckpoint(other)::output, shares(correction, kernel));
    }

    private static DoubleUnaryOperator shares(Correction correction, TransitionKernel kernel) {
        DoublePredicate times = correction.times(kernel);
        return time -> times.test(time) ? correction.weight() : 0;
    }

    /**
     * The live policy, held back towards the EMA weights: what samples the EMA weights led towards the live ones.
     *
     * @param guidance how far; with a coefficient of 0 it is the policy of the EMA weights, to the bit and without a further call of the denoiser
     * @param kernel of the sampler whose steps these are
     */
    public GuidedPolicy guidedFromEma(PolicyGuidance guidance, TransitionKernel kernel) {
        return mixed(WeightSet.EMA, guidance.shares(kernel));
    }

    private GuidedPolicy mixed(WeightSet other, DoubleUnaryOperator share) {
        return mixed((latents, timesteps, batch) -> with(other, () -> inForce(latents, timesteps, batch)), share);
    }

    private GuidedPolicy mixed(OutputMixture.Other other, DoubleUnaryOperator share) {
        return new GuidedPolicy(pipeline, weights, settings, evaluations, new OutputMixture(other, share));
    }

    /**
     * Makes sure that the activations of a batch fit into the memory that is free.
     *
     * @throws org.imagerl.spi.UserException with the numbers, if they certainly do not
     */
    void requireMemory(int batch) {
        long one = pipeline.imageBytes(settings.size.width(), settings.size.height());
        FreeMemory.require(
                batch * one,
                "a batch of " + batch + " images of " + settings.size + " pixels",
                "take smaller batches (sample: --batch; train: rollout.batch_size) or smaller images (width, height)");
    }

    /** Encodes prompts; equal prompts once. */
    @Override
    public Conditioning encode(List<Prompt> prompts) {
        return GuidedConditioning.encode(pipeline, settings, prompts);
    }

    /** The same, owned by the manager of the checkpoint until somebody closes it. */
    Conditioning encodeOwned(List<Prompt> prompts) {
        return OwnedConditioning.of(pipeline.manager(), this, prompts, null);
    }

    /** The same for measurements, where nothing has been sampled: what paints into images is given black ones. */
    public Conditioning encodeToMeasure(List<Prompt> prompts) {
        Conditioning encoded = encode(prompts);
        if (!paintsIn()) {
            return encoded;
        }
        long[] shape = pipeline.latentShape(settings.size.width(), settings.size.height());
        NDArray black =
                pipeline.manager().zeros(new Shape(prompts.size(), 1 + shape[0], shape[1], shape[2]), DataType.FLOAT32);
        return encoded.completedBy(OwnedConditioning.ofMasked(black));
    }

    @Override
    public Schedule schedule() {
        return pipeline.schedule(settings.size.width(), settings.size.height());
    }

    @Override
    public NDArray latents(NDArray images) {
        return Gradients.off(() -> pipeline.latents(images));
    }

    /** As {@link Pipeline#latents(NDArray, NDArray)}. */
    NDArray latents(NDArray images, NDArray noise) {
        return pipeline.latents(images, noise);
    }

    /** As {@link Pipeline#paintsIn}. */
    boolean paintsIn() {
        return pipeline.paintsIn();
    }

    @Override
    public NDArray decode(NDArray latents) {
        return pipeline.decode(latents);
    }

    @Override
    public <T> T with(WeightSet set, Supplier<T> body) {
        return weights == null ? body.get() : weights.with(set, body);
    }

    @Override
    public NDArray output(WeightSet set, NDArray latents, double[] timesteps, Trajectories batch) {
        return with(set, () -> output(latents, timesteps, batch));
    }

    /** Latents that the denoiser has been asked about so far, each branch of guidance by itself; backward passes are not counted. */
    public long evaluations() {
        return evaluations.get();
    }

    /** The same with the weights that are in force, mixed with others. */
    NDArray output(NDArray latents, double[] timesteps, Trajectories batch) {
        double share = mixture.share(timesteps);
        if (share == 0) {
            return inForce(latents, timesteps, batch);
        }
        NDArray other = mixture.other().output(latents, timesteps, batch);
        return share == 1 ? other : Kernels.combine(inForce(latents, timesteps, batch), 1 - share, other, share);
    }

    private NDArray inForce(NDArray latents, double[] timesteps, Trajectories batch) {
        Conditioning conditioning = conditioning(batch);
        double[] guided = settings.guided() && conditioning.guided() ? guided(timesteps) : new double[timesteps.length];
        boolean any = Arrays.stream(guided).anyMatch(share -> share > 0);
        evaluations.addAndGet((long) timesteps.length * (any ? 2 : 1));
        if (!any) {
            return pipeline.denoise(latents, timesteps, conditioning.positive());
        }
        int size = timesteps.length;
        double[] both = Arrays.copyOf(timesteps, 2 * size);
        System.arraycopy(timesteps, 0, both, size, size);
        NDArray outputs = pipeline.denoise(latents.concat(latents, 0), both, stacked(conditioning));
        NDArray negative = half(outputs, 0, size);
        NDArray positive = half(outputs, size, 2 * size);
        NDArray output = settings.rule.output(negative, positive, settings.scale);
        return Arrays.stream(guided).allMatch(share -> share == 1)
                ? output
                : PerSample.mixed(
                        positive, Arrays.stream(guided).map(share -> 1 - share).toArray(), output, guided);
    }

    /** 1 for samples whose time is guided, else 0. */
    private double[] guided(double... timesteps) {
        Schedule schedule = schedule();
        return Arrays.stream(timesteps)
                .map(timestep -> settings.rule.guides(schedule.at(timestep).time()) ? 1 : 0)
                .toArray();
    }

    /** What the batch carries; encoded anew where encoders are trained, guided only if the batch is. */
    private Conditioning conditioning(Trajectories batch) {
        Conditioning carried = batch.conditioning();
        if (!pipeline.encoderTuned()) {
            return carried;
        }
        Conditioning fresh = encode(batch.prompts());
        Conditioning wanted = carried.guided() ? fresh : new Conditioning(fresh.positive(), Map.of());
        return wanted.completedBy(carried);
    }

    private static Map<String, NDArray> stacked(Conditioning conditioning) {
        Map<String, NDArray> stacked = new TreeMap<>();
        conditioning.negative().forEach((name, negative) -> {
            NDArray positive = Objects.requireNonNull(conditioning.positive().get(name));
            stacked.put(name, negative.concat(positive, 0));
        });
        return stacked;
    }

    private static NDArray half(NDArray outputs, int from, int to) {
        return JniUtils.slice((PtNDArray) outputs, 0, from, to, 1);
    }
}
