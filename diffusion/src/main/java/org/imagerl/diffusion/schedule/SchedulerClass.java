package org.imagerl.diffusion.schedule;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;

/**
 * What is known of one of diffusers' scheduler classes whose forward process is that of DDPM: the defaults of its constructor (diffusers 0.36,
 * {@code schedulers/scheduling_*.py}) for what the noise depends on. How it samples is of no interest.
 *
 * @param name the class
 * @param betaSchedule where {@code beta_schedule} is absent
 * @param betaStart where {@code beta_start} is absent
 * @param betaEnd where {@code beta_end} is absent
 * @param clipsSample where {@code clip_sample} is absent; empty: the class has no such parameter, so that it never clamps
 */
record SchedulerClass(
        String name, BetaSchedule betaSchedule, double betaStart, double betaEnd, Optional<Boolean> clipsSample) {
    private static final String CLASS_KEY = "_class_name";
    private static final String DDIM = "DDIMScheduler";

    /** Flax had copies of some classes; diffusers reads their files with the class of the plain name. */
    private static final String FLAX = "Flax";

    private static final String IPNDM = "IPNDMScheduler";

    /** The sampler has noise levels of its own; the betas in its file are those of the class that it was put in the place of. */
    private static final SchedulerClass IPNDM_WITH_BETAS =
            new SchedulerClass(IPNDM, BetaSchedule.LINEAR, 0.0001, 0.02, Optional.empty());

    private static final Map<String, SchedulerClass> KNOWN = known();

    /** Beginnings of the names of classes of other forward processes, with the reason why they are refused. */
    private static final Map<String, String> OTHERS = others();

    /**
     * The class that a file names; a file without a name is read as DDIM's.
     *
     * @throws UserException if its file does not describe the noise of DDPM; says why
     */
    static SchedulerClass of(ConfigFile file) {
        String written = file.text(CLASS_KEY, DDIM);
        String name = written.startsWith(FLAX) ? written.substring(FLAX.length()) : written;
        SchedulerClass found = name.equals(IPNDM) && hasBetas(file) ? IPNDM_WITH_BETAS : KNOWN.get(name);
        if (found == null) {
            throw file.refusal(
                    CLASS_KEY,
                    reason(name) + "; take scheduler_config.json from the checkpoint that this one was trained from;"
                            + " supported: " + String.join(", ", KNOWN.keySet()));
        }
        return found;
    }

    /** diffusers keeps the keys of the class that a file was converted from. */
    private static boolean hasBetas(ConfigFile file) {
        return Stream.of("beta_schedule", "beta_start", "beta_end")
                .allMatch(key -> file.value(key).isPresent());
    }

    private static String reason(String name) {
        return OTHERS.entrySet().stream()
                .filter(other -> name.startsWith(other.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("there is no code for the noise schedule of this class");
    }

    /** Whether it samples as this library does; if not, images differ from those that it makes. */
    boolean samplesByDdim() {
        return name.equals(DDIM) || name.equals("DDIMParallelScheduler");
    }

    /** The dynamics that sample as the class does, if there are such; their settings are in the file. */
    Optional<String> dynamics() {
        return DiffusersSamplers.dynamicsOf(name);
    }

    private static Map<String, SchedulerClass> known() {
        Map<String, SchedulerClass> known = new LinkedHashMap<>();
        ddpm(
                known,
                Optional.of(true),
                DDIM,
                "DDIMParallelScheduler",
                "DDIMInverseScheduler",
                "DDPMScheduler",
                "DDPMParallelScheduler",
                "RePaintScheduler");
        ddpm(
                known,
                Optional.empty(),
                "DEISMultistepScheduler",
                "DPMSolverMultistepScheduler",
                "DPMSolverMultistepInverseScheduler",
                "DPMSolverSinglestepScheduler",
                "EulerAncestralDiscreteScheduler",
                "EulerDiscreteScheduler",
                "LMSDiscreteScheduler",
                "PNDMScheduler",
                "SASolverScheduler",
                "UniPCMultistepScheduler");
        stableDiffusion(known, BetaSchedule.LINEAR, Optional.of(false), "HeunDiscreteScheduler");
        stableDiffusion(
                known,
                BetaSchedule.LINEAR,
                Optional.empty(),
                "DPMSolverSDEScheduler",
                "KDPM2AncestralDiscreteScheduler",
                "KDPM2DiscreteScheduler");
        stableDiffusion(known, BetaSchedule.SCALED_LINEAR, Optional.of(false), "LCMScheduler", "TCDScheduler");
        return known;
    }

    private static void ddpm(Map<String, SchedulerClass> known, Optional<Boolean> clips, String... names) {
        List.of(names)
                .forEach(name -> known.put(name, new SchedulerClass(name, BetaSchedule.LINEAR, 0.0001, 0.02, clips)));
    }

    private static void stableDiffusion(
            Map<String, SchedulerClass> known, BetaSchedule betas, Optional<Boolean> clips, String... names) {
        List.of(names).forEach(name -> known.put(name, new SchedulerClass(name, betas, 0.00085, 0.012, clips)));
    }

    private static Map<String, String> others() {
        Map<String, String> others = new LinkedHashMap<>();
        String flow =
                "it is of flow matching, which Stable Diffusion 3 and FLUX are trained with, not of a denoiser that"
                        + " is trained with betas";
        List.of("FlowMatch", "FlowMap", "LTXEuler", "Helios").forEach(name -> others.put(name, flow));
        others.put(
                "EDM",
                "its denoiser is trained with EDM's preconditioning: it is given x / sqrt(sigma^2 + sigma_data^2) and"
                        + " the time ln(sigma) / 4, for which there is no code");
        others.put(
                "IPNDM",
                "its file has no betas (beta_schedule, beta_start and beta_end): its noise levels are angles of the"
                        + " sampler's own");
        others.put("CogVideoX", "it shifts the signal-to-noise ratio of its betas, as video models need it");
        others.put("UnCLIP", "it is of unCLIP's prior and decoder, which are no latent diffusion");
        String continuous = "its noise levels are continuous, it has no betas";
        List.of("ScoreSde", "KarrasVe", "CMStochastic", "ConsistencyDecoder", "CosineDPM", "DDPMWuerstchen", "SCM")
                .forEach(name -> others.put(name, continuous));
        String tokens = "it is of a model of discrete tokens, not of latents with Gaussian noise";
        List.of("VQDiffusion", "Amused", "BlockRefinement", "DiscreteDDIM", "EntropyBound")
                .forEach(name -> others.put(name, tokens));
        return others;
    }
}
