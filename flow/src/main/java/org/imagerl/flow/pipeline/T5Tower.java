package org.imagerl.flow.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.flow.t5.T5Encoder;
import org.imagerl.flow.t5.T5Tokenizer;
import org.imagerl.latent.pipeline.Component;
import org.imagerl.latent.pipeline.ComponentDtypes;
import org.imagerl.latent.pipeline.OpenCheckpoint;
import org.imagerl.latent.pipeline.PromptNetwork;
import org.imagerl.latent.pipeline.TokenBatch;
import org.imagerl.latent.pipeline.Weights;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Kernels;

/** T5's tokenizer with its text encoder. */
final class T5Tower implements AutoCloseable {
    private static final String HIDDEN = "last_hidden_state";

    private final T5Tokenizer tokenizer;
    private final PromptNetwork prompts;
    private final ParameterStore network;
    private final Consumer<String> warnings;

    /**
     * Loads both.
     *
     * @param suffix of {@code text_encoder} and {@code tokenizer}
     * @param tokens of an encoded prompt
     */
    T5Tower(OpenCheckpoint folder, String suffix, int tokens) {
        warnings = folder.warnings();
        Path path = folder.path();
        network = new ParameterStore("text_encoder" + suffix);
        T5Config config = T5Config.read(folder.config("text_encoder" + suffix));
        config.warnings().forEach(warnings);
        T5Encoder model = new T5Encoder(network, config);
        DataType type = ComponentDtypes.unlessFloat16(
                folder.dtypes().textEncoders(), "T5 (text_encoder" + suffix + ")", warnings);
        prompts = folder.prompts(
                new Weights(Component.TRANSFORMERS, network, type, T5Encoder::keys),
                config.toString(),
                ids -> new TreeMap<>(Map.of(HIDDEN, model.forward(ids))));
        tokenizer = T5Tokenizer.load(folder.tokenizer("tokenizer" + suffix), tokens);
        if (tokenizer.vocabularySize() > config.vocabSize()) {
            tokenizer.close();
            throw UserException.input(path + ": tokenizer" + suffix + " has " + tokenizer.vocabularySize()
                    + " tokens, but text_encoder" + suffix + " only " + config.vocabSize()
                    + "; take both from the same checkpoint");
        }
    }

    ParameterStore network() {
        return network;
    }

    /** Hidden states float32 {@code [B, L, E]}; warns of what is cut off. */
    NDArray encode(NDManager manager, List<String> texts) {
        Map<String, NDArray> made = prompts.apply(TokenBatch.of(manager, tokenizer, texts, warnings));
        return Kernels.cast(Objects.requireNonNull(made.get(HIDDEN)), DataType.FLOAT32);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
