package org.imagerl.samples.parts;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.imagerl.latent.checkpoint.ConfigJson;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.latent.pipeline.PipelineParts;
import org.imagerl.latent.pretrain.CheckpointPretraining;
import org.imagerl.latent.pretrain.ConfigFiles;
import org.imagerl.latent.pretrain.NewCheckpoint;
import org.imagerl.latent.pretrain.PretrainPlan;
import org.imagerl.spi.Context;
import org.imagerl.spi.Pretraining;
import org.imagerl.spi.Schedule;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@link ConvFlow} that is yet to be trained: autoencoder, then text encoder and denoiser together, on images with captions.
 *
 * @param width of the denoiser
 * @param text the text encoder
 */
record NewConvFlow(int width, PretrainPlan.TextEncoder text) implements NewCheckpoint {

    /**
     * The settings.
     *
     * @param data what is learned; without a folder, images of three digits
     * @param width channels of the denoiser
     * @param steps updates of each of the two stages
     */
    record Settings(PretrainPlan.Data data, int width, int steps) {
        static Settings defaults() {
            return new Settings(new PretrainPlan.Data(null, 20_000, 100), 64, 1000);
        }
    }

    static Pretraining create(Settings settings, Context context) {
        PretrainPlan plan = new PretrainPlan(
                64,
                32,
                1,
                0,
                settings.data(),
                new PretrainPlan.Vae(List.of(8, 16, 16), 4, 1, 4, settings.steps(), 32, 2e-3, 1e-3),
                new PretrainPlan.DenoiserFit(settings.steps(), 64, 1e-3, 0.995, 0.1),
                250,
                "float32");
        NewConvFlow checkpoint = new NewConvFlow(settings.width(), new PretrainPlan.TextEncoder(32, 2, 4, 24));
        return new CheckpointPretraining(plan, checkpoint, context);
    }

    @Override
    public String denoiser() {
        return "unet";
    }

    @Override
    public void describe(Path folder) {
        ObjectNode index = ConfigJson.diffusers("ConvFlowPipeline");
        ConfigFiles.component(index, "unet", "conv_flow", "ConvFlowModel");
        ConfigFiles.component(index, "text_encoder", "transformers", "CLIPTextModel");
        ConfigFiles.component(index, "tokenizer", "transformers", "CLIPTokenizer");
        ConfigFiles.component(index, "vae", "diffusers", "AutoencoderKL");
        ConfigFiles.save(folder.resolve("model_index.json"), index);
        ObjectNode network = ConfigJson.diffusers("ConvFlowModel").put("width", width);
        ConfigFiles.save(folder.resolve("unet/config.json"), network);
        ConfigFiles.textEncoder(folder, "", "CLIPTextModel", text);
    }

    @Override
    public PipelineParts parts(OpenCheckpoint folder) {
        return ConvFlow.parts(folder);
    }

    @Override
    public double timestep(Schedule schedule, SplittableRandom random) {
        return schedule.timestep(random.nextDouble());
    }
}
