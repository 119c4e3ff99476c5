package org.imagerl.latent.pipeline;

import java.nio.file.Path;
import org.imagerl.spi.UserException;

/** Whether the components of a checkpoint were made for each other: each may be sound, and the folder put together wrongly. */
public final class ComponentCompatibility {
    private ComponentCompatibility() {}

    /**
     * Checks one width at which the denoiser meets another component.
     *
     * @param denoiser its folder
     * @param key of its configuration, whose value is {@code value}
     * @param other what it must fit, whose width is {@code expected}
     */
    public static void same(Path checkpoint, String denoiser, String key, int value, String other, int expected) {
        if (value != expected) {
            throw UserException.input(checkpoint + "/" + denoiser + "/config.json: " + key + " is " + value + ", but "
                    + other + " is " + expected
                    + "; take all components from the same checkpoint");
        }
    }
}
