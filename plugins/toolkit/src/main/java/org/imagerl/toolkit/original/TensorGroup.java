package org.imagerl.toolkit.original;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.safetensors.SafetensorsFile;

/**
 * The tensors of one component in a file that may hold several: those whose names begin with its prefix.
 *
 * @param file an open file
 * @param prefix what the names of the component's tensors begin with; empty in a file of this component alone
 */
public record TensorGroup(SafetensorsFile file, String prefix) {
    /** What the names of a whole checkpoint begin with, and the parts that they belong to. */
    private static final List<Map.Entry<String, String>> PARTS = List.of(
            Map.entry("model.diffusion_model.", "UNet or transformer"),
            Map.entry("first_stage_model.", "VAE"),
            Map.entry("vae.", "VAE"),
            Map.entry("cond_stage_model.", "text encoders"),
            Map.entry("conditioner.", "text encoders"),
            Map.entry("text_encoders.", "text encoders"),
            Map.entry("model_ema.", "EMA weights"));

    /** The parts of a whole checkpoint that have tensors among these, for people. */
    public static List<String> parts(Collection<String> names) {
        return PARTS.stream()
                .filter(part -> names.stream().anyMatch(name -> name.startsWith(part.getKey())))
                .map(Map.Entry::getValue)
                .distinct()
                .toList();
    }

    /**
     * The group with the first of some prefixes at which a tensor is.
     *
     * @param tensor its name without the prefix
     */
    public static Optional<TensorGroup> with(SafetensorsFile file, String tensor, String... prefixes) {
        return Stream.of(prefixes)
                .filter(prefix -> file.has(prefix + tensor))
                .findFirst()
                .map(prefix -> new TensorGroup(file, prefix));
    }

    /** The names without the prefix, in the order of the file. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (String name : file.names()) {
            if (name.startsWith(prefix) && !(prefix.isEmpty() && ofComponent(name))) {
                names.add(name.substring(prefix.length()));
            }
        }
        return names;
    }

    private static boolean ofComponent(String name) {
        return PARTS.stream().anyMatch(part -> name.startsWith(part.getKey()));
    }

    /** Whether there is a tensor of that name. */
    public boolean has(String name) {
        return file.has(prefix + name);
    }

    /**
     * The shape of a tensor.
     *
     * @throws UserException if there is none of that name
     */
    public Shape shape(String name) {
        if (!has(name)) {
            throw UserException.input(file.path() + ": has no tensor " + Quote.of(prefix + name)
                    + ", from which the description of the model follows; the file is not whole or of another kind: get"
                    + " it again, or take another file of the model");
        }
        return file.entry(prefix + name).shape();
    }

    /**
     * One number of a tensor's shape, as a size of the model.
     *
     * @param dimension from 0
     * @throws UserException if there is no such tensor, it has fewer dimensions, or the number is none of 1 to 2^24
     */
    public int size(String name, int dimension) {
        Shape shape = shape(name);
        long size = dimension < shape.dimension() ? shape.get(dimension) : 0;
        if (size < 1 || size > 1 << 24) {
            throw UserException.input(file.path() + ": tensor " + Quote.of(prefix + name) + " has the shape " + shape
                    + ", from which no model of this kind follows; the file is damaged or of another kind");
        }
        return (int) size;
    }

    /**
     * How many blocks there are: one more than the highest number in the names.
     *
     * @param pattern with the number as its only group, for the beginnings of names
     */
    public int count(String pattern) {
        Pattern number = Pattern.compile(pattern);
        int count = 0;
        for (String name : names()) {
            Matcher matcher = number.matcher(name);
            if (matcher.lookingAt()) {
                count = Math.max(count, 1 + Integer.parseInt(matcher.group(1)));
            }
        }
        return count;
    }
}
