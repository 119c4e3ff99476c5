package org.imagerl.ctrl;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.Features;
import org.imagerl.spi.PartCodec;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.RgbImage;

/** The mean of each colour, 0..255, and a number that never changes. */
public record MeanColour(Path file) implements Features {
    private static final String JSON = "{\"type\":\"mean-colour\",\"file\":\"features.txt\"}";

    /** As a configuration names it: it depends on a file {@code features.txt} beside that. */
    public static final PartConfig<Features> FEATURES = new PartConfig<>() {
        @Override
        public String type() {
            return "mean-colour";
        }

        @Override
        public Features create(Context context) {
            return new MeanColour(context.folder().resolve("features.txt"));
        }
    };

    /** Knows nothing else. */
    public static final PartCodec PARTS = new PartCodec() {
        @Override
        public String write(PartConfig<?> part) {
            return JSON;
        }

        @Override
        @SuppressWarnings("unchecked") // the only contract here
        public <T> PartConfig<T> read(Class<T> contract, String json, String where) {
            if (contract != Features.class || !json.equals(JSON)) {
                throw new IllegalArgumentException(json);
            }
            return (PartConfig<T>) FEATURES;
        }
    };

    @Override
    public int width() {
        return 4;
    }

    @Override
    public List<Path> files() {
        return List.of(file);
    }

    @Override
    public float[][] of(List<RgbImage> images) {
        return images.stream().map(MeanColour::vector).toArray(float[][]::new);
    }

    private static float[] vector(RgbImage image) {
        byte[] rgb = image.rgb();
        float[] vector = {0, 0, 0, 7};
        for (int i = 0; i < rgb.length; i++) {
            vector[i % 3] += 3f * (rgb[i] & 0xff) / rgb.length;
        }
        return vector;
    }
}
