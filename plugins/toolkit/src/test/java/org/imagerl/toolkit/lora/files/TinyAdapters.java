package org.imagerl.toolkit.lora.files;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorSource;

/** Small adapters of made-up models, and files of them in spellings that nothing here writes. */
final class TinyAdapters {
    static final String ATTENTION = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.";

    private TinyAdapters() {}

    static LoraPair linear(long seed, int rank, int in, int out, double alpha) {
        return pair(seed, new Shape(rank, in), new Shape(out, rank), alpha);
    }

    static LoraPair conv(long seed, int rank, int in, int out, int kernel, double alpha) {
        return pair(seed, new Shape(rank, in, kernel, kernel), new Shape(out, rank, 1, 1), alpha);
    }

    private static LoraPair pair(long seed, Shape down, Shape up, double alpha) {
        SplittableRandom random = new SplittableRandom(seed);
        return new LoraPair(values(random, down), down, values(random, up), up, alpha);
    }

    /** Multiples of 1/64, which float16 holds exactly. */
    private static float[] values(SplittableRandom random, Shape shape) {
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(-64, 64) / 64f;
        }
        return values;
    }

    /** Convolutions, linears and two text encoders, of different ranks and alphas. */
    static LoraWeights mixed() {
        Map<String, LoraPair> pairs = new TreeMap<>();
        pairs.put(ATTENTION + "to_q", linear(1, 4, 8, 6, 8));
        pairs.put(ATTENTION + "to_out.0", linear(2, 4, 6, 8, 8));
        pairs.put("unet.down_blocks.0.attentions.0.proj_in", conv(3, 2, 8, 8, 1, 8));
        pairs.put("unet.down_blocks.0.resnets.0.conv1", conv(4, 2, 4, 8, 3, 0.3));
        pairs.put("text_encoder.text_model.encoder.layers.0.self_attn.q_proj", linear(5, 4, 5, 5, 4));
        pairs.put("text_encoder.text_model.encoder.layers.0.mlp.fc1", linear(6, 4, 5, 7, 4));
        pairs.put("text_encoder_2.text_model.encoder.layers.0.mlp.fc1", linear(7, 4, 5, 7, 2));
        return LoraWeights.of(pairs, Map.of("version", "1"));
    }

    static BaseModules base(LoraWeights weights) {
        Map<String, Shape> shapes = new TreeMap<>();
        weights.pairs().forEach((path, pair) -> shapes.put(path, pair.weightShape()));
        return BaseModules.of(shapes);
    }

    /** Writes tensors of ones by name and shape. */
    static Path ones(Path file, Map<String, Shape> tensors, Map<String, String> metadata) {
        List<TensorSource> sources = new ArrayList<>();
        tensors.forEach((name, shape) -> {
            float[] ones = new float[(int) shape.size()];
            java.util.Arrays.fill(ones, 1f);
            sources.add(TensorSource.ofFloats(name, DType.F32, shape, ones));
        });
        SafetensorsWriter.write(file, sources, metadata);
        return file;
    }

    /** The two matrices of one linear layer under these keys. */
    static Map<String, Shape> one(String down, String up) {
        return Map.of(down, new Shape(2, 3), up, new Shape(5, 2));
    }
}
