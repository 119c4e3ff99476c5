package org.imagerl.latent.source;

import java.nio.file.Path;
import java.util.Optional;
import org.imagerl.hub.tokenizer.ClipTokenizer;
import org.imagerl.hub.tokenizer.PublishedVocabulary;

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
    public String place() {
        return "CLIP's tokenizer, which is part of imagerl";
    }
}
