package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.imagerl.latent.pipeline.CheckpointFamily;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.latent.pipeline.LoadedVae;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.latent.pipeline.PipelineParts;
import org.imagerl.latent.pipeline.PromptEncoder;
import org.imagerl.latent.pipeline.TextTower;
import org.imagerl.latent.source.SingleFileFormat;
import org.imagerl.spi.AlphaSigma;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Kernels;

/**
 * A family of checkpoints: folders in the layout of diffusers with a text encoder and an autoencoder that other families have, too, and a denoiser of its
 * own, in the folder that layouts of LoRA know as {@code unet}. Device, memory, dtypes, LoRA and saving are the same for all families.
 */
final class ConvFlow {
    static final CheckpointFamily FAMILY = new CheckpointFamily(
            "conv-flow", "three convolutions", List.of("ConvFlowPipeline"), SingleFileFormat.NONE, ConvFlow::parts);

    /** The denoiser's unit of time, as in other families. */
    private static final double TIMES = 1000;

    private ConvFlow() {}

    /** What {@code model_index.json} names, and what the files of a component say of it, is checked before weights are read. */
    static PipelineParts parts(OpenCheckpoint folder) {
        folder.index().require("text_encoder", "CLIPTextModel");
        folder.index().require("unet", "ConvFlowModel");
        folder.refuseEmbeddedGuidance();
        folder.refuseTextTokens();
        LoadedVae vae = LoadedVae.load(folder);
        int width = folder.config("unet").integer("width", 64, 1, 4096);
        int textWidth = folder.config("text_encoder").integer("hidden_size", 768, 1, 4096);
        Denoiser denoiser = folder.load(denoiser(vae.config().latentChannels(), width, textWidth));
        return new PipelineParts(new Prompts(new TextTower(folder, "")), denoiser, vae, shape -> new StraightLine());
    }

    private static Denoiser denoiser(int channels, int width, int textWidth) {
        ParameterStore network = new ParameterStore("unet");
        Network layers = Network.declare(network.root(), channels, width, textWidth);
        List<String> loraTargets = List.of("first", "middle", "last");
        return new Denoiser(network, channels, 1, 1024, List.of(), width, 0, loraTargets, layers);
    }

    /** The names of layers are those of the keys in the file of weights: {@code first.weight}. */
    private record Network(Conv2d first, Conv2d middle, Conv2d last, Linear text, Linear time)
            implements Denoiser.Forward {
        static Network declare(ParameterScope scope, int channels, int width, int textWidth) {
            return new Network(
                    scope.at("first").conv2d(channels, width, 3, 1, 1),
                    scope.at("middle").conv2d(width, width, 3, 1, 1),
                    scope.at("last").conv2d(width, channels, 3, 1, 1),
                    scope.at("text").linear(textWidth, width),
                    scope.at("time").linear(1, width));
        }

        @Override
        public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
            // A copy lives in the engine's own memory, as all must that a gradient goes through.
            NDArray times = latents.getManager()
                    .create(Arrays.stream(timesteps).map(time -> time / TIMES).toArray())
                    .toType(latents.getDataType(), false)
                    .reshape(-1, 1)
                    .duplicate();
            NDArray shift = time.apply(times).add(text.apply(Objects.requireNonNull(conditioning.get("prompt"))));
            Shape everywhere =
                    new Shape(shift.getShape().get(0), shift.getShape().get(1), 1, 1);
            NDArray hidden = Kernels.silu(first.apply(latents).add(shift.reshape(everywhere)));
            return last.apply(Kernels.silu(middle.apply(hidden)));
        }
    }

    /** The state of CLIP at the end of a prompt. */
    private record Prompts(TextTower clip) implements PromptEncoder {
        @Override
        public Map<String, NDArray> encode(NDManager manager, List<String> texts, boolean negative, ImageSize size) {
            return Map.of("prompt", clip.encode(manager, texts).pooled());
        }

        @Override
        public List<ParameterStore> networks() {
            return List.of(clip.network());
        }

        @Override
        public void close() {
            clip.close();
        }
    }

    /** Flow matching without a shift: {@code x = (1 - t) x0 + t eps}, and the denoiser says {@code eps - x0}. */
    record StraightLine() implements Schedule {
        @Override
        public String description() {
            return "flow (straight line)";
        }

        @Override
        public AlphaSigma at(double timestep) {
            double t = timestep / TIMES;
            return new AlphaSigma(1 - t, t, -1, 1);
        }

        @Override
        public double timestep(double position) {
            return TIMES * position;
        }

        @Override
        public TransitionKernel ode(int steps) {
            return new RenewedNoise(0).kernel(this, steps);
        }
    }
}
