package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.text.Quote;
import org.imagerl.spi.work.Workers;
import org.jspecify.annotations.Nullable;

/** The likeness of images to the reference images of their prompts. */
final class ReferenceImageReward implements Reward {
    /** Embeddings of references that are kept, the last ones used. */
    private static final int KEPT = 10_000;

    private final Embedder embedder;
    private final Workers workers;
    private final @Nullable PolicyDiscriminator trained;
    private final String field;
    private final Path folder;

    /** By file; read and written under its own lock. */
    private final Map<Path, float[]> references = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, float[]> eldest) {
            return size() > KEPT;
        }
    };

    /**
     * Takes over embedder and workers.
     *
     * @param trained what compares embeddings; null is the cosine
     */
    ReferenceImageReward(
            Embedder embedder, Workers workers, @Nullable PolicyDiscriminator trained, String field, Path folder) {
        this.embedder = embedder;
        this.workers = workers;
        this.trained = trained;
        this.field = field;
        this.folder = folder;
    }

    @Override
    public Spec spec() {
        String unit = trained == null ? "cosine to the reference image" : "likeness to the reference image";
        return new Spec(Scope.POINTWISE, -1, 1, true, unit);
    }

    @Override
    public List<Path> files() {
        List<Path> files = new ArrayList<>(embedder.files());
        if (trained != null) {
            files.addAll(trained.files());
        }
        return List.copyOf(files);
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>(embedder.facts());
        if (trained != null) {
            facts.putAll(trained.facts());
        }
        return facts;
    }

    @Override
    public void check(Prompt prompt) {
        BoundedFile.requireRegular(file(prompt));
    }

    private Path file(Prompt prompt) {
        String named = prompt.metadata().get(field);
        if (named == null || named.isBlank()) {
            throw UserException.input(
                    "reference-image: the prompt " + Quote.of(prompt.text()) + " has no field " + Quote.of(field)
                            + ", the file of its reference image; add it to the prompt file (.jsonl or .csv)");
        }
        try {
            return folder.resolve(named);
        } catch (InvalidPathException e) {
            throw UserException.input(
                    "reference-image: the field " + field + " of the prompt " + Quote.of(prompt.text())
                            + " names no file: " + Quote.of(named),
                    e);
        }
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return workers.map(images.size(), i -> score(images.get(i), prompts.get(i)));
    }

    private Score score(RgbImage image, Prompt prompt) {
        try {
            float[] reference = reference(file(prompt));
            float[] embedding = embedder.embed(image);
            return Score.of(
                    trained == null
                            ? Embeddings.cosine(reference, embedding)
                            : trained.discriminator().likeness(reference, embedding));
        } catch (OrtException e) {
            return Score.failed("ONNX Runtime failed: " + e.getMessage());
        } catch (UserException e) {
            return Score.failed(String.valueOf(e.getMessage()));
        }
    }

    private float[] reference(Path file) throws OrtException {
        synchronized (references) {
            float[] known = references.get(file);
            if (known != null) {
                return known;
            }
        }
        float[] made = embedder.embed(ImageDecoder.decode(file));
        synchronized (references) {
            references.put(file, made);
        }
        return made;
    }

    @Override
    public void close() {
        workers.close();
        embedder.close();
    }
}
