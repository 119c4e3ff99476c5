package org.imagerl.diffusion.schedule;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;

/**
 * The noise schedule of a checkpoint, as {@code scheduler_config.json} describes it; {@code spacing} is read for DDIM.
 *
 * @param trainTimesteps T, number of forward steps
 * @param betaSchedule formula of the betas; not used when {@code trainedBetas} are given
 * @param betaStart beta of timestep 0, in (0, 1)
 * @param betaEnd beta of timestep T - 1, in (0, 1)
 * @param trainedBetas all T betas, each in (0, 1); empty: from the formula
 * @param zeroTerminalSnr rescale so that timestep T - 1 is pure noise
 * @param alphaOneAtEnd the last step ends at alphaBar 1 ({@code set_alpha_to_one}), not at that of timestep 0
 * @param stepsOffset added to the timesteps of leading spacing
 * @param spacing which timesteps a run visits
 * @param predictionType meaning of the denoiser's output
 * @param clipRange the predicted x0 is clamped to plus and minus this; empty: not clamped
 * @param solver settings that samplers other than DDIM read
 * @param warnings what a user should know of, one line each
 */
public record SchedulerConfig(
        int trainTimesteps,
        BetaSchedule betaSchedule,
        double betaStart,
        double betaEnd,
        List<Double> trainedBetas,
        boolean zeroTerminalSnr,
        boolean alphaOneAtEnd,
        int stepsOffset,
        TimestepSpacing spacing,
        PredictionType predictionType,
        Optional<Double> clipRange,
        SolverOptions solver,
        List<String> warnings) {

    /** Keeps its own copies of the lists. */
    public SchedulerConfig {
        trainedBetas = List.copyOf(trainedBetas);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads and checks one file. Any scheduler of the DDPM family will do: its betas are what a model was trained with, the
     * rest is a way of sampling. Absent keys of the noise have the defaults of the file's own class, the others those of
     * diffusers' {@code DDIMScheduler}, as if by its {@code from_config}. x0 is clamped only where the file's class would
     * clamp it: most classes have no {@code clip_sample}.
     *
     * @param path {@code scheduler/scheduler_config.json}
     * @throws UserException naming file, key and value of the first thing that is wrong or has no code here
     */
    public static SchedulerConfig read(Path path) {
        return read(ConfigFile.read(path));
    }

    /** As {@link #read(Path)}, of a description that is open already. */
    public static SchedulerConfig read(ConfigFile file) {
        return SchedulerConfigReader.read(file);
    }

    /**
     * As diffusers' {@code StableDiffusionPipeline} (not XL) corrects old files when it loads them: an offset of 1 and no
     * clamping of x0, because latents leave [-1, 1]. A warning says what was changed.
     */
    public SchedulerConfig forStableDiffusionPipeline() {
        List<String> changes = new ArrayList<>(warnings);
        if (stepsOffset != 1) {
            changes.add("scheduler: steps_offset " + stepsOffset + " is outdated for Stable Diffusion; 1 is used");
        }
        if (clipRange.isPresent()) {
            changes.add("scheduler: clip_sample would clamp latents; false is used, as StableDiffusionPipeline does");
        }
        return new SchedulerConfig(
                trainTimesteps,
                betaSchedule,
                betaStart,
                betaEnd,
                trainedBetas,
                zeroTerminalSnr,
                alphaOneAtEnd,
                1,
                spacing,
                predictionType,
                Optional.empty(),
                solver,
                changes);
    }
}
