package org.imagerl.flow.testing;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.flow.t5.T5Encoder;
import org.imagerl.latent.testing.GoldenFolder;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;

/** Whole checkpoint folders, put together from golden components and a random T5. */
public final class TinyCheckpoints {

    private TinyCheckpoints() {}

    /** The golden SD3.5 checkpoint, which has no T5. */
    public static Path sd3(Path folder) throws IOException {
        copy(golden("pipelines/sd3-tiny/model_index.json").getParent(), folder);
        return folder;
    }

    /** {@link #sd3} with a T5. */
    public static Path sd3WithT5(Path folder) throws IOException {
        sd3(folder);
        t5(folder, "_3", 96);
        edit(folder.resolve("model_index.json"), json -> {
            String encoder = json.replaceFirst(
                    "(?s)\"text_encoder_3\": \\[.*?\\]", "\"text_encoder_3\": [\"transformers\", \"T5EncoderModel\"]");
            return encoder.replaceFirst(
                    "(?s)\"tokenizer_3\": \\[.*?\\]", "\"tokenizer_3\": [\"transformers\", \"T5TokenizerFast\"]");
        });
        return folder;
    }

    /**
     * A FLUX checkpoint: its transformer and VAE are golden.
     *
     * @param variant {@code dev}, which is conditioned on the guidance scale, or {@code schnell}
     */
    public static Path flux(Path folder, String variant) throws IOException {
        copy(golden("models/flux-" + variant + "/config.json").getParent(), folder.resolve("transformer"));
        copy(golden("pipelines/sd3-tiny/vae/config.json").getParent(), folder.resolve("vae"));
        Path clip = golden("pipelines/sd-tiny/text_encoder/config.json").getParent();
        copy(clip, folder.resolve("text_encoder"));
        copy(clip.resolveSibling("tokenizer"), folder.resolve("tokenizer"));
        t5(folder, "_2", 32);
        Files.createDirectories(folder.resolve("scheduler"));
        Files.writeString(
                folder.resolve("scheduler/scheduler_config.json"),
                "{\"_class_name\": \"FlowMatchEulerDiscreteScheduler\", \"shift\": 3.0, \"use_dynamic_shifting\":"
                        + " true}");
        Files.writeString(folder.resolve("model_index.json"), """
            {
              "_class_name": "FluxPipeline",
              "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
              "text_encoder": ["transformers", "CLIPTextModel"],
              "text_encoder_2": ["transformers", "T5EncoderModel"],
              "tokenizer": ["transformers", "CLIPTokenizer"],
              "tokenizer_2": ["transformers", "T5TokenizerFast"],
              "transformer": ["diffusers", "FluxTransformer2DModel"],
              "vae": ["diffusers", "AutoencoderKL"]
            }
            """);
        return folder;
    }

    /** Changes a text file. */
    public static void edit(Path file, UnaryOperator<String> change) throws IOException {
        String before = Files.readString(file);
        String after = change.apply(before);
        if (after.equals(before)) {
            throw new IllegalArgumentException("nothing to change in " + file);
        }
        Files.writeString(file, after);
    }

    private static void t5(Path folder, String suffix, int width) throws IOException {
        Path encoder = folder.resolve("text_encoder" + suffix);
        Files.createDirectories(encoder);
        Path config = encoder.resolve("config.json");
        Files.writeString(config, """
            {"architectures": ["T5EncoderModel"], "model_type": "t5", "vocab_size": %d, "d_model": %d, "d_kv": 4, "d_ff": 24,
             "num_heads": 2, "num_layers": 2, "feed_forward_proj": "gated-gelu"}
            """.formatted(TinyT5.VOCABULARY, width));
        ParameterStore network = new ParameterStore("text_encoder" + suffix);
        T5Encoder unused = new T5Encoder(network, T5Config.read(config));
        try (NDManager manager = NDManager.newBaseManager()) {
            NetworkWeights.initialise(network, manager, new RandomStreams(5));
            SafetensorsWriter.write(
                    encoder.resolve("model.safetensors"), NetworkWeights.sources(network, DType.F32), Map.of());
        }
        TinyT5.writeTokenizer(folder.resolve("tokenizer" + suffix));
    }

    private static Path golden(String file) {
        return GoldenFolder.own(file);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.write(target, Files.readAllBytes(file));
            }
        }
    }
}
