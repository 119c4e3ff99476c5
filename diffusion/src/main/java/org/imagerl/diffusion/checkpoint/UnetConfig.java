package org.imagerl.diffusion.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.imagerl.hub.ConfigFile;
import org.imagerl.spi.UserException;

/**
 * A {@code UNet2DConditionModel} as its {@code config.json} describes it, with the values of each level resolved.
 *
 * @param inChannels channels of the latents
 * @param outChannels channels of the prediction
 * @param sampleSize height and width of the latents it was trained on; empty when the file does not say
 * @param down levels on the way down, finest first; all but the last end in a stride-2 convolution of padding 1
 * @param middle at the coarsest size: residual block, transformer, residual block ({@code UNetMidBlock2DCrossAttn};
 *     {@code residualBlocks} is 2), or one residual block ({@code UNetMidBlock2D}); empty: there is none
 * @param up levels on the way up, coarsest first; all but the last end in a nearest x2 upsampling and a convolution
 * @param timeEmbeddingDim width of the time embedding
 * @param flipSinToCos the sinusoid of a timestep begins with the cosines
 * @param freqShift subtracted from the number of frequencies in the denominator of their exponents
 * @param normGroups groups of every group norm but those inside a transformer's text path
 * @param normEps epsilon of the group norms of residual blocks and of the output; transformers' own group norm uses 1e-6
 * @param linearProjection transformers enter and leave through a linear layer, not a 1 x 1 convolution
 * @param upcastAttention attention scores in float32 also when the weights are float16
 * @param classEmbeddings rows of the table of class embeddings, added to the time embedding; empty: none
 * @param textTime the SDXL embedding of pooled text and image sizes, added to the time embedding; empty: none
 * @param guidanceWidth width of the sinusoid of a guidance scale, which joins that of the timestep ({@code time_cond_proj_dim} of models
 *     distilled from guidance, as LCM's); empty: none
 * @param warnings keys of the file that are not known, one line each
 */
public record UnetConfig(
        int inChannels,
        int outChannels,
        List<Integer> sampleSize,
        List<UnetLevel> down,
        Optional<UnetLevel> middle,
        List<UnetLevel> up,
        int timeEmbeddingDim,
        boolean flipSinToCos,
        int freqShift,
        int normGroups,
        double normEps,
        boolean linearProjection,
        boolean upcastAttention,
        Optional<Integer> classEmbeddings,
        Optional<TextTime> textTime,
        Optional<Integer> guidanceWidth,
        List<String> warnings) {

    /**
     * SDXL's {@code addition_embed_type: text_time}.
     *
     * @param timeDim width of the sinusoid of each of the six image sizes ({@code addition_time_embed_dim})
     * @param inputDim width of pooled text and sinusoids together ({@code projection_class_embeddings_input_dim})
     */
    public record TextTime(int timeDim, int inputDim) {}

    /** Keeps its own copies of the lists. */
    public UnetConfig {
        sampleSize = List.copyOf(sampleSize);
        down = List.copyOf(down);
        up = List.copyOf(up);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads and checks one file, with the defaults of diffusers' {@code UNet2DConditionModel}.
     *
     * @param path {@code unet/config.json}
     * @throws UserException naming file, key and value of the first thing that is wrong or has no code here
     */
    public static UnetConfig read(Path path) {
        return read(ConfigFile.read(path));
    }

    /** As {@link #read(Path)}, of a description that is open already. */
    public static UnetConfig read(ConfigFile file) {
        return new UnetConfigReader(file).read();
    }
}
