package org.imagerl.rewards.detect;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.imagerl.rewards.model.Embeddings;
import org.imagerl.rewards.model.ImageTextEmbedder;
import org.imagerl.spi.RgbImage;

/**
 * Names the colour of an object by CLIP, without training: what its box shows is compared with texts of each colour,
 * {@code a photo of a red apple}, {@code a photo of a red-colored apple}, {@code a photo of a red object}; the vector
 * of a colour is the mean of those of its texts, each of length 1.
 *
 * <p>Source: {@code color_classification} of GenEval's evaluate_images.py, with {@code zero_shot_classifier} of
 * clip_benchmark. GenEval's detector has masks and paints gray what is beside the object; here the box is shown as it
 * is, as there for detectors without masks.
 */
record ClipColours(ImageTextEmbedder clip, Map<String, List<float[]>> known) {
    private static final List<String> TEXTS =
            List.of("a photo of a %s %s", "a photo of a %s-colored %s", "a photo of a %s object");

    ClipColours(ImageTextEmbedder clip) {
        this(clip, new ConcurrentHashMap<>());
    }

    /** The colour of an object of a class. */
    String of(String className, RgbImage image, Found object) throws OrtException {
        List<float[]> colours = colours(className);
        float[] seen = clip.image(object.box().cut(image));
        int best = 0;
        for (int i = 1; i < colours.size(); i++) {
            best = Embeddings.cosine(seen, colours.get(i)) > Embeddings.cosine(seen, colours.get(best)) ? i : best;
        }
        return Task.COLOURS.get(best);
    }

    /** A vector per colour. */
    private List<float[]> colours(String className) throws OrtException {
        List<float[]> made = known.get(className);
        if (made == null) {
            made = new ArrayList<>();
            for (String colour : Task.COLOURS) {
                made.add(mean(colour, className));
            }
            known.put(className, made);
        }
        return made;
    }

    private float[] mean(String colour, String className) throws OrtException {
        float[] mean = new float[0];
        for (String text : TEXTS) {
            float[] unit =
                    Embeddings.unit(clip.text(text.replaceFirst("%s", colour).replace("%s", className)));
            mean = mean.length == 0 ? new float[unit.length] : mean;
            for (int i = 0; i < unit.length; i++) {
                mean[i] += unit[i] / TEXTS.size();
            }
        }
        return mean;
    }
}
