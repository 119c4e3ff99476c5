package org.imagerl.toolkit.tensor;

import ai.djl.Device;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.imagerl.spi.UserException;

/**
 * How a GPU computes with float32. DJL has no call for it: the libraries of CUDA and PyTorch read variables of the environment when they are
 * loaded, which the launcher sets by {@code --precision}. So this can be checked, and not changed.
 */
public enum Float32Precision {
    /** In float32. */
    HIGHEST,
    /** Tensor cores may round the factors of matrix products and convolutions to TF32, of which the mantissa has 10 bits. */
    HIGH;

    private static final String OF_NVIDIA = "NVIDIA_TF32_OVERRIDE";
    private static final String OF_PYTORCH = "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE";

    /**
     * What an environment leads to; empty for PyTorch's own default, which is neither: convolutions are rounded, matrix products are not.
     *
     * @param environment of the process, when it began
     */
    public static Optional<Float32Precision> of(Map<String, String> environment) {
        if ("0".equals(environment.get(OF_NVIDIA))) {
            return Optional.of(HIGHEST);
        }
        return "1".equals(environment.get(OF_PYTORCH)) ? Optional.of(HIGH) : Optional.empty();
    }

    /**
     * Makes sure that a GPU computes so; a CPU always computes in float32.
     *
     * @throws UserException if the environment is that of another precision
     */
    public void require(Device device, Map<String, String> environment) {
        Optional<Float32Precision> found = of(environment);
        if (!device.isGpu() || found.equals(Optional.of(this))) {
            return;
        }
        throw new UserException(
                UserException.Kind.ENVIRONMENT,
                "precision: " + text() + ", but this process was started "
                        + found.map(other -> "for " + other.text())
                                .orElse("with neither " + OF_NVIDIA + "=0 nor " + OF_PYTORCH + "=1")
                        + ", which cannot be changed later; start it with imagerl --precision " + text()
                        + " VERB ..., or set the key precision accordingly");
    }

    /** As in configurations. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
