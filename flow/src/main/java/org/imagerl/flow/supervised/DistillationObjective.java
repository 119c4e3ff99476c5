package org.imagerl.flow.supervised;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.imagerl.spi.Batch;
import org.imagerl.spi.FormerName;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Policy;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * {@code diffusion-opd}, on-policy distillation: the student is the policy without guidance, the teacher the weights before training, with guidance or with
 * another adapter or with both, in as many steps as the student or in more. The student learns on its own images what the teacher says ({@link
 * StudentStates}): {@code L = mean_i distance_i}. Training on samples of the student is the idea of Agarwal et al., On-Policy Distillation of Language Models,
 * 2023, arXiv 2306.13649. Distilling guidance into one call is the first stage of Meng et al., On Distillation of Guided Diffusion Models, 2022, arXiv
 * 2210.03142, on images of the data and for a range of scales; here it is for the one scale of {@code algorithm.guidance}. Rewards are watched.
 */
public final class DistillationObjective implements Objective {

    /**
     * The settings.
     *
     * @param states the latents that student and teacher are asked about
     * @param teacherLora the teacher's adapter of the same checkpoint: a LoRA file of any known layout, or a folder with one, as that of a finished run;
     *     relative to the configuration, by default none
     * @param teacherScale by which that adapter is multiplied; 1 is as it was trained
     */
    public record Config(
            @FormerName(value = "draws", within = "draws") @FormerName(value = "times", within = "times")
            StudentStates states,

            @Nullable String teacherLora,
            double teacherScale) {}

    private final Config config;
    private final @Nullable Teacher teacher;

    /** @param folder that the path of the teacher is relative to */
    public DistillationObjective(Config config, Path folder) {
        this.config = config;
        String lora = config.teacherLora;
        this.teacher = lora == null ? null : new Teacher(folder.resolve(lora), config.teacherScale);
    }

    private WeightSet teaching() {
        return teacher == null ? WeightSet.REFERENCE : WeightSet.TEACHER;
    }

    @Override
    public @Nullable Teacher teacher() {
        return teacher;
    }

    @Override
    public List<Path> files() {
        return teacher == null ? List.of() : LoraFiles.builtIn().files(teacher.lora());
    }

    @Override
    public Needs needs() {
        return new Needs(false, false, Set.of(teaching()), false, config.states.path());
    }

    @Override
    public boolean maximisesRewards() {
        return false;
    }

    /** It is asked about single latents, and not about the steps of a guided sampler. */
    @Override
    public boolean trainsWithAnyGuidance() {
        return true;
    }

    @Override
    public int furtherCalls() {
        return config.states.teacherCalls();
    }

    @Override
    public int passes(Batch batch) {
        return config.states.passes(batch);
    }

    @Override
    public void checkSteps(int steps) {
        config.states.checkSteps(steps);
    }

    @Override
    public void check(TransitionKernel rollouts) {
        config.states.check(rollouts);
    }

    @Override
    public Loss loss(Policy policy, Batch batch, int pass) {
        NDArray distance =
                config.states.distances(policy, teaching(), batch, pass).mean();
        double number = distance.stopGradient().getDouble();
        return new Loss(Kernels.cast(distance, DataType.FLOAT32), new Metrics().mean("teacher_distance", number));
    }
}
