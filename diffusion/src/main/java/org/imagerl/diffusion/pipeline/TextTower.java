package org.imagerl.diffusion.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.imagerl.diffusion.checkpoint.ClipTextConfig;
import org.imagerl.diffusion.clip.ClipTextModel;
import org.imagerl.diffusion.clip.TextEncoding;
import org.imagerl.hub.tokenizer.ClipTokenizer;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.Network;

/** One tokenizer with its text encoder. */
final class TextTower implements AutoCloseable {
    private final ClipTokenizer tokenizer;
    private final ClipTextConfig config;
    private final ClipTextModel model;
    private final Network network;
    private final Consumer<String> warnings;

    /**
     * Loads both.
     *
     * @param suffix empty, or {@code _2} for SDXL's second one
     */
    TextTower(Path checkpoint, String suffix, NDManager manager, DataType type, Consumer<String> warnings) {
        this.warnings = warnings;
        network = new Network("text_encoder" + suffix);
        config = ClipTextConfig.read(checkpoint.resolve("text_encoder" + suffix + "/config.json"));
        model = new ClipTextModel(network, config);
        Component.TRANSFORMERS.load(checkpoint, network, manager, type, ClipTextModel::currentKey);
        tokenizer = ClipTokenizer.load(checkpoint.resolve("tokenizer" + suffix));
        if (tokenizer.vocabularySize() > config.vocabSize() || tokenizer.maxLength() > config.maxPositions()) {
            tokenizer.close();
            throw UserException.input(
                    checkpoint + ": tokenizer" + suffix + " has " + tokenizer.vocabularySize() + " tokens and "
                            + tokenizer.maxLength() + " places, but text_encoder" + suffix + " only "
                            + config.vocabSize() + " and "
                            + config.maxPositions() + "; take both from the same checkpoint");
        }
    }

    ClipTextConfig config() {
        return config;
    }

    Network network() {
        return network;
    }

    /** Encodes prompts, padded to the tokenizer's length; warns of what is cut off. */
    TextEncoding encode(NDManager manager, List<String> texts) {
        int length = tokenizer.maxLength();
        long[] ids = new long[texts.size() * length];
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            tokenizer
                    .cutOff(text)
                    .ifPresent(lost -> warnings.accept("the prompt '" + text + "' is longer than " + length
                            + " tokens; the model will not see: '" + lost + "'"));
            int[] row = tokenizer.encode(text);
            for (int k = 0; k < length; k++) {
                ids[i * length + k] = row[k];
            }
        }
        NDArray input = manager.create(ids, new Shape(texts.size(), length));
        return model.forward(input);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
