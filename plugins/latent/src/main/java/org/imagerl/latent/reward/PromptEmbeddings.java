package org.imagerl.latent.reward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.hub.tokenizer.FolderTokenizer;
import org.imagerl.latent.clip.Similarity;
import org.imagerl.latent.clip.SimilarityConfig;
import org.imagerl.latent.clip.SimilarityModel;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.tensor.Gradients;

/** The embeddings of prompts, constants. Each prompt is embedded once, by itself: groups share theirs, and epochs come back to the same ones. */
final class PromptEmbeddings implements AutoCloseable {
    private static final int REMEMBERED = 4096;

    private final SimilarityModel model;
    private final SimilarityConfig config;
    private final String prefix;
    private final FolderTokenizer tokenizer;
    private final Map<String, float[]> known = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, float[]> eldest) {
            return size() > REMEMBERED;
        }
    });

    PromptEmbeddings(Path folder, SimilarityModel model, SimilarityConfig config, String prefix) {
        this.model = model;
        this.config = config;
        this.prefix = prefix;
        tokenizer = FolderTokenizer.load(folder);
    }

    /** The file of the tokenizer. */
    Path source() {
        return tokenizer.source();
    }

    /** float32 {@code [B, P]}, one row for each prompt, each of length 1, with native storage. */
    NDArray of(NDManager manager, List<String> prompts) {
        float[] all = new float[prompts.size() * config.width()];
        for (int i = 0; i < prompts.size(); i++) {
            System.arraycopy(embedding(manager, prompts.get(i)), 0, all, i * config.width(), config.width());
        }
        return manager.create(all, new Shape(prompts.size(), config.width())).duplicate();
    }

    private float[] embedding(NDManager manager, String prompt) {
        float[] ready = known.get(prompt);
        if (ready != null) {
            return ready;
        }
        long[] ids = ids(prompt);
        float[] made;
        try (NDManager scratch = manager.newSubManager()) {
            NDArray batch = scratch.create(ids, new Shape(1, ids.length));
            made = Gradients.off(() -> model.texts(batch)).toFloatArray();
        }
        known.put(prompt, made);
        return made;
    }

    /** A SigLIP was trained with texts that are filled up. */
    private long[] ids(String prompt) {
        int places = config.text().maxPositions();
        boolean filled = config.kind() == Similarity.SIGLIP;
        int[] ids = tokenizer.encode(prefix + prompt, filled ? places : Math.min(places, tokenizer.maxLength()));
        long[] row = new long[filled ? places : ids.length];
        Arrays.fill(row, filled && ids.length < places ? tokenizer.padId() : 0);
        for (int i = 0; i < ids.length; i++) {
            row[i] = ids[i];
        }
        for (long id : row) {
            if (id < 0 || id >= config.text().vocabSize()) {
                throw UserException.input(
                        tokenizer.source() + ": gives the token " + id + ", but the model beside it has "
                                + config.text().vocabSize() + "; take both from the same folder");
            }
        }
        return row;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
