package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.imagerl.ctrl.data.LabelledImages;
import org.imagerl.spi.Context;
import org.imagerl.spi.Features;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.Progress;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of all images, computed once, with each number standardised by its mean and standard deviation over the
 * training images, so that one learning rate suits every model. In the finished classifier both are part of the linear
 * layers.
 */
final class PrecomputedFeatures implements ClassifierInput {
    private static final int AT_A_TIME = 32;
    /** What a training that goes on must find again; absent until there is something to go on with. */
    private static final String BEGUN = "features.json";

    private static final double LAST_BITS = 1e-6;

    private final Backbone.Frozen backbone;
    private final float[][] vectors;
    private final double[] mean;
    private final double[] std;

    /** @param vectors of all images, taken over */
    PrecomputedFeatures(Backbone.Frozen backbone, float[][] vectors, int... training) {
        this.backbone = backbone;
        this.vectors = vectors;
        mean = new double[backbone.width()];
        std = new double[backbone.width()];
        measure(training);
        for (float[] vector : vectors) {
            for (int j = 0; j < mean.length; j++) {
                vector[j] = (float) ((vector[j] - mean[j]) / std[j]);
            }
        }
    }

    private void measure(int... training) {
        for (int j = 0; j < mean.length; j++) {
            for (int row : training) {
                mean[j] += vectors[row][j] / (double) training.length;
            }
            double squares = 0;
            for (int row : training) {
                squares += Math.pow(vectors[row][j] - mean[j], 2) / training.length;
            }
            // A number that does not change, but for its last bits, says nothing: it stays near 0.
            std[j] = Math.sqrt(squares) > LAST_BITS * Math.abs(mean[j]) ? Math.sqrt(squares) : 1;
        }
    }

    /** Computes the vectors; null if the user stopped it. */
    static @Nullable PrecomputedFeatures compute(
            PartConfig<Features> configured,
            LabelledImages data,
            LabelledImages.Source source,
            Split split,
            Path folder,
            Context context,
            Progress progress) {
        int count = data.images().size();
        List<float[]> vectors = new ArrayList<>();
        try (Features features = configured.create(context)) {
            Backbone.Frozen backbone = FrozenFeatures.named(folder, configured, features, context);
            requireAsBegun(folder, backbone);
            while (vectors.size() < count) {
                int to = Math.min(count, vectors.size() + AT_A_TIME);
                vectors.addAll(of(features, data.images().subList(vectors.size(), to), source));
                progress.update("features", to, count, "");
                if (progress.stopped()) {
                    return null;
                }
            }
            AtomicFile.writeText(folder.resolve(BEGUN), text(backbone));
            return new PrecomputedFeatures(backbone, vectors.toArray(new float[0][]), split.training());
        }
    }

    private static List<float[]> of(
            Features features, List<LabelledImages.Labelled> labelled, LabelledImages.Source source) {
        List<RgbImage> images = labelled.stream()
                .map(image -> LabelledImages.decode(image.file(), source))
                .toList();
        try {
            return List.of(features.of(images));
        } catch (UserException e) {
            for (int i = 0; i < images.size(); i++) { // which of them it was
                requireVector(features, images.get(i), labelled.get(i).file());
            }
            throw e;
        }
    }

    private static void requireVector(Features features, RgbImage image, Path file) {
        try {
            features.of(List.of(image));
        } catch (UserException e) {
            throw new UserException(e.kind(), file + ": has no vector: " + e.getMessage(), e);
        }
    }

    /** The settings are compared elsewhere; here are the files that they name. */
    private static void requireAsBegun(Path folder, Backbone.Frozen backbone) {
        Path begun = folder.resolve(BEGUN);
        if (Files.exists(begun)
                && !StrictJson.indented(StrictJson.object(begun))
                        .equals(text(backbone).strip())) {
            throw UserException.input(begun + ": the training was begun on features of other files (their SHA-256 stand"
                    + " there); put those back, or delete " + folder + " to begin again");
        }
    }

    private static String text(Backbone.Frozen backbone) {
        return StrictJson.indented(ClassifierFolder.json(backbone)) + "\n";
    }

    @Override
    public Backbone backbone() {
        return backbone;
    }

    @Override
    public NDArray of(NDManager scope, int... rows) {
        float[] values = new float[rows.length * mean.length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(vectors[rows[i]], 0, values, i * mean.length, mean.length);
        }
        return scope.create(values, new Shape(rows.length, mean.length)).duplicate();
    }

    /** {@code W (x - mean) / std + b = (W / std) x + (b - W mean / std)}. */
    @Override
    public void finish(Map<String, NDArray> weights) {
        weights.keySet().stream()
                .filter(name -> name.endsWith(".weight"))
                .forEach(name -> fold(
                        Objects.requireNonNull(weights.get(name)),
                        Objects.requireNonNull(weights.get(name.replaceFirst("weight$", "bias")))));
    }

    private void fold(NDArray weight, NDArray bias) {
        float[] w = weight.toFloatArray();
        float[] b = bias.toFloatArray();
        for (int k = 0; k < b.length; k++) {
            double shift = 0;
            for (int j = 0; j < mean.length; j++) {
                double scaled = w[k * mean.length + j] / std[j];
                shift += scaled * mean[j];
                w[k * mean.length + j] = (float) scaled;
            }
            b[k] -= (float) shift;
        }
        Standardised.write(weight, w);
        Standardised.write(bias, b);
    }
}
