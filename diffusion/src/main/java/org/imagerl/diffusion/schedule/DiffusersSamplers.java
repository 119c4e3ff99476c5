package org.imagerl.diffusion.schedule;

import java.util.Map;
import java.util.Optional;

/**
 * The scheduler classes of diffusers that sample as dynamics of this library do: it finds the class of given dynamics,
 * and the dynamics of a given class.
 */
public final class DiffusersSamplers {
    private static final Map<String, String> CLASS_OF = Map.of(
            "ddim", "DDIMScheduler",
            "euler", "EulerDiscreteScheduler",
            "euler-a", "EulerAncestralDiscreteScheduler",
            "dpmpp-2m", "DPMSolverMultistepScheduler",
            "unipc", "UniPCMultistepScheduler");

    private DiffusersSamplers() {}

    /**
     * The class of dynamics.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static String classOf(String dynamics) {
        return Optional.ofNullable(CLASS_OF.get(dynamics))
                .orElseThrow(() -> new IllegalArgumentException(dynamics + " samples as no class of diffusers does"));
    }

    /** The dynamics that sample as a class does, if there are such; their settings are in the class's file. */
    static Optional<String> dynamicsOf(String className) {
        return CLASS_OF.entrySet().stream()
                .filter(entry -> entry.getValue().equals(className))
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
