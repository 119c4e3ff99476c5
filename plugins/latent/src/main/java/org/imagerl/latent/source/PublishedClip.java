package org.imagerl.latent.source;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.hub.ConfigFile;
import org.imagerl.hub.tokenizer.ClipTokenizer;
import org.imagerl.hub.tokenizer.PublishedVocabulary;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.WeightViews;

/**
 * The tokenizer of the published CLIP, whose vocabulary is part of imagerl, for single files.
 *
 * @param pad the token that fills prompts up; empty: end-of-text
 */
record PublishedClip(Optional<String> pad) implements ComponentSource {

    @Override
    public ClipTokenizer clipTokenizer() {
        return ClipTokenizer.published(pad);
    }

    @Override
    public void copy(Path target, boolean weightsToo) {
        PublishedVocabulary.write(target, pad);
    }

    @Override
    public ConfigFile config(String name) {
        throw onlyTokenizer();
    }

    @Override
    public Path folder() {
        throw onlyTokenizer();
    }

    @Override
    public void weights(
            ParameterStore network,
            String stem,
            Function<Collection<String>, UnaryOperator<String>> keys,
            Consumer<WeightViews> use) {
        throw onlyTokenizer();
    }

    private static UserException onlyTokenizer() {
        return UserException.input("CLIP's tokenizer is part of imagerl and has no folder, config.json or weights");
    }
}
