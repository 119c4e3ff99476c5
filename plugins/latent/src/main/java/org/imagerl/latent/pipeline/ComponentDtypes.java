package org.imagerl.latent.pipeline;

import ai.djl.ndarray.types.DataType;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.toolkit.tensor.Precision;

/**
 * The dtypes in which the components of a checkpoint are held and computed, each float32, float16 or bfloat16. What
 * passes between them is float32.
 *
 * @param denoiser of the UNet or transformer
 * @param textEncoders of all text encoders
 * @param vae of the autoencoder
 */
public record ComponentDtypes(DataType denoiser, DataType textEncoders, DataType vae) {
    /** All in float32. */
    public static final ComponentDtypes FLOAT32 =
            new ComponentDtypes(DataType.FLOAT32, DataType.FLOAT32, DataType.FLOAT32);

    /**
     * The dtypes of these names.
     *
     * @throws org.imagerl.spi.UserException for an unknown name
     */
    static ComponentDtypes of(PipelineFactory.Dtypes names) {
        return new ComponentDtypes(
                Precision.named("dtype", names.denoiser()),
                Precision.named("text_encoder_dtype", names.textEncoders()),
                Precision.named("vae_dtype", names.vae()));
    }

    /** Whether a component is computed in a dtype. */
    boolean any(DataType dtype) {
        return Stream.of(denoiser, textEncoders, vae).anyMatch(type -> type == dtype);
    }

    /**
     * The dtype of a component that overflows in float16: float32 in its place, and a line about it.
     *
     * @param component what overflows, as the line calls it
     */
    public static DataType unlessFloat16(DataType wanted, String component, Consumer<String> notices) {
        if (wanted != DataType.FLOAT16) {
            return wanted;
        }
        notices.accept(component + " is held and computed in float32, because it overflows in float16");
        return DataType.FLOAT32;
    }
}
