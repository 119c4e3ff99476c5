package org.imagerl.flow.supervised;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.imagerl.flow.matching.Draws;
import org.imagerl.flow.matching.MatchingObjective;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Batch;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Policy;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * {@code diffusion-opd}, on-policy distillation: the student is the policy without guidance, the teacher the weights before training, with guidance or with
 * another adapter or with both. On the student's own images, made noisy again, the student learns what the teacher says:
 *
 * <pre>
 * L = mean_i mean_d (v_theta(x_t, t) - v_teacher(x_t, t))^2
 * </pre>
 *
 * as an error of velocities. Distilling guidance into one call is the first stage of Meng et al., On Distillation of Guided Diffusion Models, 2022, arXiv
 * 2210.03142, on images of the data and for a range of scales; here it is for the one scale of {@code algorithm.guidance}. Training on samples of the student
 * is the idea of Agarwal et al., On-Policy Distillation of Language Models, 2023, arXiv 2306.13649. Rewards are watched.
 */
public final class DistillationObjective implements MatchingObjective {

    /**
     * The settings.
     *
     * @param draws times and noises per image, each two calls of the denoiser of which one is differentiated, and one more where the teacher is guided
     * @param times where the times are from
     * @param teacherLora the teacher's adapter of the same checkpoint: a LoRA file of any known layout, or a folder with one, as that of a finished run;
     *     relative to the configuration, by default none
     * @param teacherScale by which that adapter is multiplied; 1 is as it was trained
     */
    public record Config(int draws, Times times, @Nullable String teacherLora, double teacherScale) {
        /** Checks the range. */
        public Config {
            Draws.check(draws);
        }
    }

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
        return new Needs(false, false, Set.of(teaching()));
    }

    @Override
    public boolean maximisesRewards() {
        return false;
    }

    @Override
    public int furtherCalls() {
        return 1;
    }

    @Override
    public Draws draws() {
        return new Draws(config.draws, config.times);
    }

    @Override
    public Loss loss(Policy policy, Batch batch, NoisedImages noised) {
        NDArray teacher = noised.output(policy, teaching(), batch);
        NDArray student =
                policy.output(WeightSet.LIVE, noised.latents(), noised.timesteps(), Unguided.of(batch.trajectories()));
        NDArray distance = noised.distances(student, teacher).mean();
        double number = distance.stopGradient().getDouble();
        return new Loss(Kernels.cast(distance, DataType.FLOAT32), new Metrics().mean("teacher_distance", number));
    }
}
