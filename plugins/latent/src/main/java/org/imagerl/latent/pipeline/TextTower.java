package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.function.Consumer;
import org.imagerl.hub.tokenizer.ClipTokenizer;
import org.imagerl.latent.checkpoint.ClipTextConfig;
import org.imagerl.latent.clip.ClipTextModel;
import org.imagerl.latent.clip.TextEncoding;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.ParameterStore;

/** One CLIP tokenizer with its text encoder. */
public final class TextTower implements AutoCloseable {
    private final ClipTokenizer tokenizer;
    private final PromptNetwork prompts;
    private final ParameterStore network;
    private final Consumer<String> warnings;

    /**
     * Loads both.
     *
     * @param suffix of {@code text_encoder} and {@code tokenizer}: empty, or {@code _2} for a second one
     */
    public TextTower(OpenCheckpoint folder, String suffix) {
        warnings = folder.warnings();
        network = new ParameterStore("text_encoder" + suffix);
        ClipTextConfig config = ClipTextConfig.read(folder.config("text_encoder" + suffix));
        ClipTextModel model = new ClipTextModel(network, config);
        Weights weights = new Weights(
                Component.TRANSFORMERS, network, folder.dtypes().textEncoders(), names -> ClipTextModel::currentKey);
        prompts = folder.prompts(
                weights, config.toString(), ids -> model.forward(ids).byName());
        tokenizer = folder.clipTokenizer("tokenizer" + suffix);
        if (tokenizer.vocabularySize() > config.vocabSize() || tokenizer.maxLength() > config.maxPositions()) {
            tokenizer.close();
            throw UserException.input(
                    folder.path() + ": tokenizer" + suffix + " has " + tokenizer.vocabularySize() + " tokens and "
                            + tokenizer.maxLength() + " places, but text_encoder" + suffix + " only "
                            + config.vocabSize() + " and "
                            + config.maxPositions() + "; take both from the same checkpoint");
        }
    }

    /** The encoder's weights. */
    public ParameterStore network() {
        return network;
    }

    /** Encodes prompts, padded to the tokenizer's length; warns of what is cut off. */
    public TextEncoding encode(NDManager manager, List<String> texts) {
        return TextEncoding.of(prompts.apply(TokenBatch.of(manager, tokenizer, texts, warnings)));
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
