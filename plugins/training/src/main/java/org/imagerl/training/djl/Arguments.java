package org.imagerl.training.djl;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.imagerl.toolkit.sampling.ImageSampler;
import org.jspecify.annotations.Nullable;

/** The arguments of {@link TextToImage}'s criteria: numbers may also be text, as in a {@code serving.properties} file. */
final class Arguments {
    private static final Set<String> OURS = Set.of(
            "lora", "lora_scale", "dtype", "steps", "guidance", "negative_prompt", "eta", "seed", "width", "height");

    /** What DJL itself puts among the arguments. */
    private static final Set<String> DJL =
            Set.of("application", "artifact_id", "blockFactory", "engine", "model_name", "translatorFactory");

    /** Set by {@link TextToImage#criteria}; criteria that a program writes itself lack it, and have a folder. */
    static final String CHECKPOINT = "checkpoint";

    private final Map<String, ?> values;

    private Arguments(Map<String, ?> values) {
        this.values = values;
    }

    /** @throws UserException if a name is unknown */
    static Arguments of(Map<String, ?> values) {
        for (String name : new TreeSet<>(values.keySet())) {
            if (!OURS.contains(name) && !DJL.contains(name) && !name.equals(CHECKPOINT)) {
                throw UserException.input("there is no argument " + name + Nearest.hint(name, OURS) + " (known: "
                        + String.join(", ", new TreeSet<>(OURS)) + ")");
            }
        }
        return new Arguments(values);
    }

    /** @param folder of the model, for DJL */
    Path checkpoint(Path folder) {
        return text(CHECKPOINT).map(Path::of).orElse(folder);
    }

    Optional<Path> lora() {
        return text("lora").map(Path::of);
    }

    double loraScale() {
        return number("lora_scale", "1").doubleValue();
    }

    String dtype() {
        return text("dtype").orElse("float32");
    }

    double eta() {
        return between("eta", number("eta", "0"), 0, 1).doubleValue();
    }

    long seed() {
        return whole("seed", number("seed", "0"));
    }

    /**
     * How images are made.
     *
     * @param size if the arguments do not say
     */
    ImageSampler.Settings settings(ImageSize size) {
        return new ImageSampler.Settings(
                count("steps", Integer.toString(ImageSampler.Settings.DEFAULT_STEPS), 1000),
                between(
                                "guidance",
                                number("guidance", Double.toString(ImageSampler.Settings.DEFAULT_GUIDANCE)),
                                1,
                                Integer.MAX_VALUE)
                        .doubleValue(),
                text("negative_prompt").orElse(""),
                count("width", Integer.toString(size.width()), 8192),
                count("height", Integer.toString(size.height()), 8192));
    }

    private int count(String name, String ifAbsent, int max) {
        return (int) whole(name, between(name, number(name, ifAbsent), 1, max));
    }

    private static long whole(String name, BigDecimal number) {
        try {
            return number.longValueExact();
        } catch (ArithmeticException e) {
            throw UserException.input("argument " + name + " must be a whole number, not " + number, e);
        }
    }

    private static BigDecimal between(String name, BigDecimal number, int min, int max) {
        if (number.compareTo(BigDecimal.valueOf(min)) < 0 || number.compareTo(BigDecimal.valueOf(max)) > 0) {
            throw UserException.input("argument " + name + " must be from " + min
                    + (max == Integer.MAX_VALUE ? "" : " to " + max) + ", not " + number);
        }
        return number;
    }

    private BigDecimal number(String name, String ifAbsent) {
        String text = text(name).orElse(ifAbsent);
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw UserException.input("argument " + name + " must be a number, not " + text, e);
        }
    }

    private Optional<String> text(String name) {
        @Nullable Object value = values.get(name);
        return Optional.ofNullable(value).map(Object::toString);
    }
}
