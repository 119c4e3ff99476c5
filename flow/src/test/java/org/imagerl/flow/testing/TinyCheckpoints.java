package org.imagerl.flow.testing;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.flow.flux.FluxTransformer;
import org.imagerl.flow.t5.T5Encoder;
import org.imagerl.latent.testing.GoldenFolder;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;

/** Whole checkpoint folders, golden ones, with random networks where others are asked for. */
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
        t5(folder, Sd3Config.read(folder.resolve("transformer/config.json")).textWidth());
        edit(folder.resolve("model_index.json"), json -> {
            String encoder = json.replaceFirst(
                    "(?s)\"text_encoder_3\": \\[.*?\\]", "\"text_encoder_3\": [\"transformers\", \"T5EncoderModel\"]");
            return encoder.replaceFirst(
                    "(?s)\"tokenizer_3\": \\[.*?\\]", "\"tokenizer_3\": [\"transformers\", \"T5TokenizerFast\"]");
        });
        return folder;
    }

    /**
     * The golden FLUX checkpoint.
     *
     * @param variant {@code dev}, which is conditioned on the guidance scale, or {@code schnell}, whose transformer is random
     */
    public static Path flux(Path folder, String variant) throws IOException {
        copy(golden("pipelines/flux-tiny/model_index.json").getParent(), folder);
        if (variant.equals("schnell")) {
            Path config = folder.resolve("transformer/config.json");
            edit(config, json -> json.replace("\"guidance_embeds\": true", "\"guidance_embeds\": false"));
            ParameterStore network = new ParameterStore("transformer");
            FluxTransformer unused = new FluxTransformer(network, FluxConfig.read(config), false);
            random(network, config.resolveSibling("diffusion_pytorch_model.safetensors"));
        }
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

    private static void t5(Path folder, int width) throws IOException {
        Path encoder = folder.resolve("text_encoder_3");
        Files.createDirectories(encoder);
        Path config = encoder.resolve("config.json");
        Files.writeString(config, """
            {"architectures": ["T5EncoderModel"], "model_type": "t5", "vocab_size": %d, "d_model": %d, "d_kv": 4, "d_ff": 24,
             "num_heads": 2, "num_layers": 2, "feed_forward_proj": "gated-gelu"}
            """.formatted(TinyT5.VOCABULARY, width));
        ParameterStore network = new ParameterStore("text_encoder_3");
        T5Encoder unused = new T5Encoder(network, T5Config.read(config));
        random(network, encoder.resolve("model.safetensors"));
        TinyT5.writeTokenizer(folder.resolve("tokenizer_3"));
    }

    private static void random(ParameterStore network, Path file) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NetworkWeights.initialise(network, manager, new RandomStreams(5));
            SafetensorsWriter.write(file, NetworkWeights.sources(network, DType.F32), Map.of());
        }
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
