package org.imagerl.flow.pretrain;

import static org.imagerl.latent.checkpoint.ConfigJson.diffusers;
import static org.imagerl.latent.pretrain.ConfigFiles.component;
import static org.imagerl.latent.pretrain.ConfigFiles.save;

import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.imagerl.flow.matching.NormalQuantile;
import org.imagerl.flow.pipeline.StableDiffusion3;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.latent.pipeline.PipelineParts;
import org.imagerl.latent.pretrain.ConfigFiles;
import org.imagerl.latent.pretrain.NewCheckpoint;
import org.imagerl.latent.pretrain.PretrainPlan;
import org.imagerl.spi.Schedule;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Scope;
import tools.jackson.databind.node.ObjectNode;

/**
 * A new checkpoint of the type SD3.5, for pretraining, without T5 (Esser et al., Scaling Rectified Flow Transformers
 * for High-Resolution Image Synthesis, 2024, arXiv 2403.03206; times of training from section 3.1).
 *
 * @param downscale pixels per latent element along one side
 */
record Sd3Checkpoint(Sd3PretrainConfig config, int downscale) implements NewCheckpoint {
    private static final String CLIP = "CLIPTextModelWithProjection";

    /** Of T5's zeros one stays: what it is worth, as a place to look away to, does not grow with their number. */
    private static final int T5_TOKENS = 1;

    /**
     * What starts at zero, so that every block starts as the identity and the prediction at zero (Peebles, Xie, Scalable Diffusion Models with
     * Transformers, 2022, arXiv 2212.09748, section 3.2, adaLN-Zero).
     */
    private static final Pattern ZERO = Pattern.compile("((.*\\.norm1(_context)?|norm_out)\\.linear|proj_out)\\..*");

    @Override
    public String denoiser() {
        return "transformer";
    }

    @Override
    public void describe(Path folder) {
        save(folder.resolve("model_index.json"), modelIndex());
        save(folder.resolve("scheduler/scheduler_config.json"), scheduler());
        save(folder.resolve("transformer/config.json"), transformer());
        ConfigFiles.textEncoder(folder, "", CLIP, config.textEncoders());
        ConfigFiles.textEncoder(folder, "_2", CLIP, config.textEncoders());
    }

    @Override
    public PipelineParts parts(OpenCheckpoint folder) {
        return StableDiffusion3.parts(folder);
    }

    @Override
    public void initialise(ParameterStore network, NDManager manager, RandomStreams random) {
        NetworkWeights.initialise(network, manager, random);
        for (Parameter parameter : network.parameters()) {
            if (ZERO.matcher(parameter.key()).matches()) {
                parameter.value().close();
                parameter.set(Scope.keep(manager.zeros(parameter.shape())));
            }
        }
    }

    @Override
    public double timestep(Schedule schedule, SplittableRandom random) {
        double u = random.nextDouble();
        return schedule.timestep(
                switch (config.transformer().times()) {
                    case UNIFORM -> u;
                    case LOGIT_NORMAL -> 1 / (1 + Math.exp(-NormalQuantile.of(u)));
                });
    }

    private static ObjectNode modelIndex() {
        ObjectNode index = diffusers("StableDiffusion3Pipeline");
        component(index, "feature_extractor", null, null);
        component(index, "image_encoder", null, null);
        index.put("max_sequence_length", T5_TOKENS);
        component(index, "scheduler", "diffusers", "FlowMatchEulerDiscreteScheduler");
        component(index, "text_encoder", "transformers", CLIP);
        component(index, "text_encoder_2", "transformers", CLIP);
        component(index, "text_encoder_3", null, null);
        component(index, "tokenizer", "transformers", "CLIPTokenizer");
        component(index, "tokenizer_2", "transformers", "CLIPTokenizer");
        component(index, "tokenizer_3", null, null);
        component(index, "transformer", "diffusers", "SD3Transformer2DModel");
        component(index, "vae", "diffusers", "AutoencoderKL");
        return index;
    }

    private ObjectNode scheduler() {
        return diffusers("FlowMatchEulerDiscreteScheduler")
                .put("num_train_timesteps", 1000)
                .put("shift", config.shift())
                .put("use_dynamic_shifting", false);
    }

    private ObjectNode transformer() {
        Sd3PretrainConfig.Transformer transformer = config.transformer();
        PretrainPlan.TextEncoder text = config.textEncoders();
        int side = Math.max(config.width(), config.height()) / downscale;
        return diffusers("SD3Transformer2DModel")
                .put("attention_head_dim", transformer.headWidth())
                .put("caption_projection_dim", transformer.width())
                .put("in_channels", config.vae().latentChannels())
                .put("joint_attention_dim", 2 * text.width())
                .put("num_attention_heads", transformer.heads())
                .put("num_layers", transformer.layers())
                .put("out_channels", config.vae().latentChannels())
                .put("patch_size", transformer.patch())
                .put("pooled_projection_dim", 2 * text.width())
                .put("pos_embed_max_size", side / transformer.patch())
                .put("qk_norm", "rms_norm")
                .put("sample_size", side);
    }
}
