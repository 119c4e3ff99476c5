package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.tensor.Floats;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;

/**
 * Sampled latents as images. A sample that has values that are NaN or infinite is no image: such values would be
 * clamped to a black or white one, which a reward scores like any other. The reason says which component gave them
 * first.
 */
public final class SampledImages {
    private static final String REMEDY =
            "; its weights or those of a LoRA are damaged, or their training diverged, or a number was too large for"
                    + " float16: take float32, or an earlier checkpoint";

    private SampledImages() {}

    /**
     * Decodes the last states.
     *
     * @param made with the last state and the conditioning at least
     * @return one for each sample, in their order; with the reason where there is no image
     */
    public static List<ImageOrReason> of(Pipeline pipeline, Trajectories made) {
        return Gradients.off(() -> {
            try (NDArray decoded = pipeline.decode(made.state(made.kernel().steps()))) {
                return explained(ImageTensors.convert(decoded), made);
            }
        });
    }

    /**
     * The same of samples that nobody looks at.
     *
     * @param made with the last state and the conditioning at least
     * @return one for each sample, in their order, without an image; with a reason where there could be none
     */
    public static List<ImageOrReason> undecoded(Trajectories made) {
        NDArray latents = made.state(made.kernel().steps());
        List<ImageOrReason> samples = new ArrayList<>();
        for (int i = 0; i < made.size(); i++) {
            samples.add(new ImageOrReason(null, isFinite(latents, i) ? "" : reason("", made, i) + REMEDY));
        }
        return List.copyOf(samples);
    }

    /**
     * Says why samples became no images.
     *
     * @param converted of the decoded samples
     * @param made the samples
     * @return the same, with better reasons
     */
    static List<ImageOrReason> explained(List<ImageOrReason> converted, Trajectories made) {
        List<ImageOrReason> explained = new ArrayList<>();
        for (int i = 0; i < converted.size(); i++) {
            ImageOrReason one = converted.get(i);
            explained.add(one.image() != null ? one : new ImageOrReason(null, reason(one.reason(), made, i) + REMEDY));
        }
        return List.copyOf(explained);
    }

    private static String reason(String pixels, Trajectories made, int sample) {
        Conditioning given = made.conditioning();
        Map<String, NDArray> all = new TreeMap<>(given.positive());
        given.negative().forEach((name, tensor) -> all.put("negative " + name, tensor));
        for (Map.Entry<String, NDArray> entry : all.entrySet()) {
            if (!isFinite(entry.getValue(), sample)) {
                return "the text encoder gave values that are NaN or infinite (" + entry.getKey() + ")";
            }
        }
        if (!isFinite(made.state(made.kernel().steps()), sample)) {
            return "the denoiser gave latents that are NaN or infinite";
        }
        return "the VAE gave no image: " + pixels;
    }

    private static boolean isFinite(NDArray tensor, int row) {
        if (!tensor.getDataType().isFloating()) {
            return true;
        }
        float[] values = Floats.of(tensor);
        int width = values.length / (int) tensor.getShape().get(0);
        for (int i = row * width; i < (row + 1) * width; i++) {
            if (!Float.isFinite(values[i])) {
                return false;
            }
        }
        return true;
    }

    /**
     * The images, for callers that can do nothing without all of them.
     *
     * @throws UserException with the reason, if a sample became none
     */
    public static List<RgbImage> all(List<ImageOrReason> converted) {
        List<RgbImage> images = new ArrayList<>();
        for (ImageOrReason one : converted) {
            RgbImage image = one.image();
            if (image == null) {
                throw failed(images.size(), converted.size(), one.reason());
            }
            images.add(image);
        }
        return images;
    }

    private static UserException failed(int index, int count, String reason) {
        return UserException.input("sample " + (index + 1) + " of " + count + " is no image: " + reason);
    }
}
