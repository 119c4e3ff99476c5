package org.imagerl.samples.parts;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.spi.lora.TensorFile;
import org.imagerl.spi.lora.TensorFiles;
import org.imagerl.spi.lora.TensorFiles.Tensor;

/** A layout of adapters: one file with the tensors {@code PATH/down}, {@code PATH/up} and {@code PATH/alpha} of each layer. */
final class FlatLayout implements LoraLayout {
    private static final String DOWN = "/down";

    @Override
    public String name() {
        return "flat-example";
    }

    @Override
    public String description() {
        return "one file with PATH/down, PATH/up and PATH/alpha: this example alone";
    }

    @Override
    public boolean recognises(Collection<String> names) {
        return names.stream().anyMatch(name -> name.endsWith(DOWN));
    }

    @Override
    public LoraWeights read(Path path, Map<String, Shape> layers, TensorFiles files) {
        Map<String, LoraPair> pairs = new TreeMap<>();
        try (TensorFile file = files.open(path)) {
            for (String name : file.names()) {
                if (name.endsWith(DOWN)) {
                    String layer = name.substring(0, name.length() - DOWN.length());
                    pairs.put(layer, pair(file, layer));
                }
            }
            return new LoraWeights(new TreeMap<>(pairs), Map.of(), new TreeMap<>(file.metadata()));
        }
    }

    private static LoraPair pair(TensorFile file, String layer) {
        Shape down = file.shape(layer + DOWN);
        Shape up = file.shape(layer + "/up");
        LoraPair.problem(down, up).ifPresent(problem -> {
            throw UserException.input(file.path() + ": layer " + layer + ": " + problem);
        });
        double alpha = file.number(layer + "/alpha");
        return new LoraPair(file.floats(layer + DOWN), down, file.floats(layer + "/up"), up, alpha);
    }

    @Override
    public void write(Path target, LoraWeights weights, Writing writing, TensorFiles files) {
        Map<String, Tensor> tensors = new TreeMap<>();
        weights.pairs().forEach((path, pair) -> {
            tensors.put(path + DOWN, new Tensor(pair.downShape(), pair.down()));
            tensors.put(path + "/up", new Tensor(pair.upShape(), pair.up()));
            tensors.put(path + "/alpha", Tensor.of(pair.alpha()));
        });
        files.write(target, tensors, writing.dtype(), weights.metadata());
    }
}
