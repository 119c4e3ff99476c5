package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.Features;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.Workers;

/** An output of an ONNX model as the vectors of images, one by one, spread over threads. */
final class OnnxFeatures implements Features {
    private static final int PROBE_SIDE = 32;

    private final Embedder embedder;
    private final Workers workers;
    private final int width;

    /** Takes over both, and looks at a black image to see how wide its vector is. */
    OnnxFeatures(Embedder embedder, Workers workers) {
        this.embedder = embedder;
        this.workers = workers;
        width = embed(probe(embedder.image())).length; // what its numbers are does not matter
        if (width < 1 || width > MAX_WIDTH) {
            throw failure(width + " numbers of an image, not 1 to " + MAX_WIDTH
                    + "; name the output that is one vector of the whole image: features.output");
        }
    }

    /** A black image, of the size of the input where that is fixed. */
    private static RgbImage probe(ImageInput input) {
        int height = side(input.tensor().length(input.coloursLast() ? -3 : -2));
        int width = side(input.tensor().length(input.coloursLast() ? -2 : -1));
        return new RgbImage(width, height, new byte[3 * width * height]);
    }

    private static int side(long fixed) {
        return fixed > 0 ? (int) fixed : PROBE_SIDE;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public List<Path> files() {
        return embedder.files();
    }

    @Override
    public Map<String, String> facts() {
        return embedder.facts();
    }

    @Override
    public float[][] of(List<RgbImage> images) {
        float[][] vectors =
                workers.map(images.size(), i -> vector(images.get(i))).toArray(new float[0][]);
        for (float[] vector : vectors) {
            if (vector.length != width) {
                throw failure(vector.length + " numbers of one image and " + width
                        + " of another; say to what size images are made: features.preprocess");
            }
        }
        return vectors;
    }

    private float[] vector(RgbImage image) {
        float[] vector = embed(image);
        for (float value : vector) {
            if (!Float.isFinite(value)) {
                throw failure("a value that is not a number (" + value + ") of an image");
            }
        }
        return vector;
    }

    private float[] embed(RgbImage image) {
        try {
            return embedder.embed(image);
        } catch (OrtException e) {
            throw UserException.input(embedder.folder() + ": ONNX Runtime failed: " + e.getMessage(), e);
        }
    }

    private UserException failure(String what) {
        return UserException.input(
                embedder.folder() + ": output " + TensorSpec.shown(embedder.output()) + " has " + what);
    }

    @Override
    public void close() {
        workers.close();
        embedder.close();
    }
}
