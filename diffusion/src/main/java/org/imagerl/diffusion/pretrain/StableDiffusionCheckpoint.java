package org.imagerl.diffusion.pretrain;

import static org.imagerl.latent.checkpoint.ConfigJson.diffusers;
import static org.imagerl.latent.checkpoint.ConfigJson.integers;
import static org.imagerl.latent.checkpoint.ConfigJson.strings;
import static org.imagerl.latent.pretrain.ConfigFiles.component;
import static org.imagerl.latent.pretrain.ConfigFiles.save;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.latent.pipeline.PipelineParts;
import org.imagerl.latent.pretrain.ConfigFiles;
import org.imagerl.latent.pretrain.NewCheckpoint;
import org.imagerl.spi.Schedule;
import tools.jackson.databind.node.ObjectNode;

/**
 * A new checkpoint of the type Stable Diffusion 1, for pretraining. Its timesteps are drawn evenly (Ho, Jain, Abbeel,
 * 2020, arXiv 2006.11239, algorithm 1).
 */
record StableDiffusionCheckpoint(PretrainConfig config) implements NewCheckpoint {

    @Override
    public String denoiser() {
        return "unet";
    }

    @Override
    public void describe(Path folder) {
        save(folder.resolve("model_index.json"), modelIndex());
        save(folder.resolve("scheduler/scheduler_config.json"), scheduler());
        save(folder.resolve("unet/config.json"), unet());
        ConfigFiles.textEncoder(folder, "", "CLIPTextModel", config.textEncoder());
    }

    @Override
    public PipelineParts parts(OpenCheckpoint folder) {
        return StableDiffusion.parts(folder);
    }

    @Override
    public double timestep(Schedule schedule, SplittableRandom random) {
        return random.nextInt((int) schedule.timestep(1) + 1);
    }

    private static ObjectNode modelIndex() {
        ObjectNode index = diffusers("StableDiffusionPipeline");
        component(index, "feature_extractor", null, null);
        component(index, "image_encoder", null, null);
        index.put("requires_safety_checker", false);
        component(index, "safety_checker", null, null);
        component(index, "scheduler", "diffusers", "DDIMScheduler");
        component(index, "text_encoder", "transformers", "CLIPTextModel");
        component(index, "tokenizer", "transformers", "CLIPTokenizer");
        component(index, "unet", "diffusers", "UNet2DConditionModel");
        component(index, "vae", "diffusers", "AutoencoderKL");
        return index;
    }

    private static ObjectNode scheduler() {
        return diffusers("DDIMScheduler")
                .put("beta_start", 0.00085)
                .put("beta_end", 0.012)
                .put("beta_schedule", "scaled_linear")
                .put("clip_sample", false)
                .put("num_train_timesteps", 1000)
                .put("prediction_type", "epsilon")
                .put("set_alpha_to_one", false)
                .put("steps_offset", 1)
                .put("timestep_spacing", "leading");
    }

    private ObjectNode unet() {
        PretrainConfig.Unet unet = config.unet();
        int levels = unet.channels().size();
        int downscale = 1 << (config.vae().channels().size() - 1);
        ObjectNode node = diffusers("UNet2DConditionModel").put("act_fn", "silu");
        node.put("attention_head_dim", unet.heads());
        integers(node, "block_out_channels", unet.channels());
        node.put("center_input_sample", false);
        node.put("cross_attention_dim", config.textEncoder().width());
        strings(node, "down_block_types", Collections.nCopies(levels, "CrossAttnDownBlock2D"));
        node.put("downsample_padding", 1);
        node.put("flip_sin_to_cos", true);
        node.put("freq_shift", 0);
        node.put("in_channels", config.vae().latentChannels());
        node.put("layers_per_block", unet.layersPerBlock());
        node.put("mid_block_scale_factor", 1);
        node.put("norm_eps", 1e-5);
        node.put("norm_num_groups", unet.normGroups());
        node.put("out_channels", config.vae().latentChannels());
        integers(node, "sample_size", List.of(config.height() / downscale, config.width() / downscale));
        strings(node, "up_block_types", Collections.nCopies(levels, "CrossAttnUpBlock2D"));
        return node;
    }
}
