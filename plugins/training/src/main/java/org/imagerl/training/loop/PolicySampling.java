package org.imagerl.training.loop;

import java.util.function.LongSupplier;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.sampling.Correction;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.sampling.Hinted;
import org.imagerl.toolkit.sampling.ImageStarts;
import org.imagerl.toolkit.sampling.KernelSpec;
import org.imagerl.toolkit.sampling.PolicyGuidance;
import org.imagerl.toolkit.sampling.PolicyWeights;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.sampling.StoredSamples;
import org.imagerl.training.config.PromptImages;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.work.Hint;
import org.imagerl.training.work.PolicyVersion;
import org.imagerl.training.work.Sampling;
import org.jspecify.annotations.Nullable;

/**
 * How the policy of a run is sampled. A {@link Sampling} says it as a record, which other processes read too, and a {@link Sampler} does it
 * in this process.
 */
public final class PolicySampling {
    private final RunConfig config;
    private final RunParts parts;
    private final Pipeline pipeline;
    private final PolicyWeights weights;
    private final RunKernels kernels;
    private final @Nullable ImageStarts starts;
    private final LongSupplier steps;
    private final GuidedPolicy policy;
    private final GuidedPolicy trainedPolicy;

    /**
     * @param starts images that samples begin with, or null
     * @param steps of the optimiser so far, by which samplings name the weights
     */
    PolicySampling(
            RunConfig config,
            RunParts parts,
            Pipeline pipeline,
            PolicyWeights weights,
            RunKernels kernels,
            @Nullable ImageStarts starts,
            LongSupplier steps) {
        this.config = config;
        this.parts = parts;
        this.pipeline = pipeline;
        this.weights = weights;
        this.kernels = kernels;
        this.starts = starts;
        this.steps = steps;
        double guidance = config.rollout().guidance();
        policy = policy(guidance, config.trainedGuidance() != 1);
        trainedPolicy = config.trainedGuidance() == guidance ? policy : policy.guidedBy(config.trainedGuidance());
    }

    /** The policy with the guidance of rollouts. */
    GuidedPolicy policy() {
        return policy;
    }

    /** The policy with the guidance of training. */
    public GuidedPolicy trainedPolicy() {
        return trainedPolicy;
    }

    /** How the rollouts of an epoch are sampled. */
    public Sampling rollouts(long epoch) {
        PolicyGuidance led = config.rollout().ledByPolicy();
        return new Sampling(
                "epoch " + (epoch + 1),
                new PolicyVersion(steps.getAsLong(), led == null ? weights.rollouts() : WeightSet.LIVE, false),
                rolloutKernel(epoch),
                config.rollout().guidance(),
                Correction.NONE,
                led,
                kept(),
                null,
                config.rewards().size(),
                false);
    }

    /**
     * How images on disk are taken for samples of an epoch; no reward scores them.
     *
     * @param name of the rollout
     */
    Sampling stored(String name, long epoch) {
        Sampling sampled = rollouts(epoch);
        return new Sampling(
                name,
                sampled.policy(),
                sampled.kernel(),
                sampled.guidance(),
                sampled.reference(),
                null,
                Sampler.Keep.LAST,
                null,
                0,
                false);
    }

    /** The reader that takes images on disk as if they had been sampled. */
    StoredSamples storedSamples(Sampling sampling) {
        sampling.policy().requireAt(steps.getAsLong());
        return new StoredSamples(policy, kernel(sampling.kernel()));
    }

    /**
     * How images are sampled to be looked at: as rollouts, but for what the evaluation section says, with the weights that are exported.
     *
     * @param name of the rollout
     * @param rewards how many score them
     */
    Sampling evaluation(String name, int rewards) {
        RunConfig.Evaluation evaluation = config.evaluation();
        Double own = evaluation == null ? null : evaluation.guidance();
        double guidance = own == null ? config.rollout().guidance() : own;
        return new Sampling(
                name,
                new PolicyVersion(steps.getAsLong(), WeightSet.LIVE, true),
                kernels.evaluation(),
                guidance,
                evaluation == null ? Correction.NONE : evaluation.correction(),
                null,
                Sampler.Keep.LAST,
                null,
                rewards,
                true);
    }

    /** The sampler for a {@link Sampling}; it must be used while the weights are those of its version. */
    public Sampler sampler(Sampling sampling) {
        sampling.policy().requireAt(steps.getAsLong());
        GuidedPolicy guided =
                sampling.guidance() == config.rollout().guidance() ? policy : policy(sampling.guidance(), false);
        TransitionKernel kernel = kernel(sampling.kernel());
        return new Sampler(
                mixed(guided, sampling, kernel),
                kernel,
                pipeline.latentShape(kernels.size().width(), kernels.size().height()),
                sampling.policy().weights(),
                starts,
                hinted(sampling));
    }

    private static GuidedPolicy mixed(GuidedPolicy policy, Sampling sampling, TransitionKernel kernel) {
        PolicyGuidance led = sampling.led();
        if (led != null) {
            return policy.guidedFromEma(led, kernel);
        }
        Correction correction = sampling.reference();
        return correction.weight() == 0 ? policy : policy.towardsReference(correction, kernel);
    }

    private @Nullable Hinted hinted(Sampling sampling) {
        Hint hint = sampling.hint();
        if (hint == null) {
            return null;
        }
        String field = hint.field();
        return new Hinted(
                policy.guidedBy(hint.guidance()),
                prompt -> field == null
                        ? prompt
                        : new Prompt(
                                prompt.id(), prompt.metadata().getOrDefault(field, prompt.text()), prompt.metadata()),
                start(hint, kernels.begin(sampling.kernel(), hint.strength())));
    }

    private Hinted.@Nullable Start start(Hint hint, int first) {
        String field = hint.image();
        return field == null || first == 0
                ? null
                : new Hinted.Start(
                        first,
                        prompt -> ImageStartFiles.resized(
                                new PromptImages(config, false).file(prompt, field), kernels.size()));
    }

    /**
     * The first step of each sample that the policy can be trained on: those before were not drawn where a hint begins with an image. 0 where single steps are not trained.
     */
    int firstTrained(Sampling sampling) {
        Hint hint = sampling.hint();
        return hint == null || sampling.keep() == Sampler.Keep.LAST
                ? 0
                : kernels.begin(sampling.kernel(), hint.strength());
    }

    /** The states of a path that are kept. */
    private Sampler.Keep kept() {
        Objective.Needs needs = parts.needs();
        if (needs.path()) {
            return Sampler.Keep.PATH;
        }
        if (needs.noise()) {
            return Sampler.Keep.NOISE;
        }
        return needs.density() ? Sampler.Keep.TRANSITIONS : Sampler.Keep.LAST;
    }

    /** The kernels of an epoch's rollouts: the noisy steps may change with it. */
    KernelSpec rolloutKernel(long epoch) {
        return kernels.rollout(epoch);
    }

    /** The kernels that this run specified, here or in another process. */
    public TransitionKernel kernel(KernelSpec spec) {
        return kernels.of(spec);
    }

    private GuidedPolicy policy(double guidance, boolean forTraining) {
        return new GuidedPolicy(
                pipeline,
                weights,
                new GuidedPolicy.Settings(
                        guidance, config.rollout().negativePrompt(), kernels.size(), forTraining, parts.guidance()));
    }
}
