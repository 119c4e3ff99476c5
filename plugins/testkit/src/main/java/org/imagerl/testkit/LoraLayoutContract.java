package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.spi.lora.TensorFile;
import org.imagerl.spi.lora.TensorFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every layout of adapters must do; extend it with a test of your own. */
public abstract class LoraLayoutContract {
    /** A place for its files. */
    @TempDir
    protected Path folder;

    /** The layout. */
    protected abstract LoraLayout create();

    /** All layouts among which a file must be recognised, with or without this one. */
    protected abstract List<LoraLayout> others();

    /** Reads and writes safetensors files. */
    protected abstract TensorFiles files();

    /**
     * An adapter that the layout can hold, with ranks and alphas of several sizes: here of linear layers and convolutions of a UNet and of a
     * text encoder. Its values are multiples of 1/64.
     */
    protected LoraWeights adapter() {
        Map<String, LoraPair> pairs = new TreeMap<>();
        pairs.put("unet.mid_block.attentions.0.proj_in", pair(1, new Shape(2, 6), new Shape(4, 2), 2));
        pairs.put("unet.down_blocks.0.resnets.0.conv1", pair(2, new Shape(3, 4, 3, 3), new Shape(5, 3, 1, 1), 0.25));
        pairs.put("text_encoder.text_model.encoder.layers.0.mlp.fc1", pair(3, new Shape(1, 3), new Shape(7, 1), 8));
        return LoraWeights.of(pairs, Map.of("seed", "7"));
    }

    /** Matrices of values that float16 holds. */
    protected static LoraPair pair(long seed, Shape down, Shape up, double alpha) {
        SplittableRandom random = new SplittableRandom(seed);
        return new LoraPair(values(random, down), down, values(random, up), up, alpha);
    }

    private static float[] values(SplittableRandom random, Shape shape) {
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(-64, 64) / 64f;
        }
        return values;
    }

    private static Map<String, Shape> layers(LoraWeights weights) {
        Map<String, Shape> layers = new TreeMap<>();
        weights.pairs().forEach((path, pair) -> layers.put(path, pair.weightShape()));
        return layers;
    }

    private Path written(LoraWeights weights, DataType dtype) {
        Path target = folder.resolve(create().folder() ? "adapter" : "adapter.safetensors");
        create().write(target, weights, new LoraLayout.Writing(dtype, layers(weights)), files());
        return target;
    }

    /** The files of tensors in what was written. */
    private List<Path> tensorFiles(Path target) throws IOException {
        try (Stream<Path> found = Files.walk(target)) {
            return found.filter(file -> file.toString().endsWith(".safetensors"))
                    .sorted()
                    .toList();
        }
    }

    /** Names are typed: lower case with hyphens; a description is one line. */
    @Test
    public void hasANameToTypeAndADescription() {
        assertThat(create().name()).matches("[a-z][a-z0-9]*(-[a-z0-9]+)*");
        assertThat(create().description()).isNotBlank().doesNotContain("\n");
    }

    /** What was written is the same adapter to the bit, in both types. */
    @Test
    public void whatIsWrittenIsReadAgainToTheBit() {
        LoraWeights weights = adapter();
        for (DataType dtype : List.of(DataType.FLOAT32, DataType.FLOAT16)) {
            Path target = written(weights, dtype);
            LoraWeights read = create().read(target, layers(weights), files());
            assertThat(read.pairs().keySet()).isEqualTo(weights.pairs().keySet());
            weights.pairs()
                    .forEach((path, pair) -> assertSame(
                            path, pair, Objects.requireNonNull(read.pairs().get(path))));
        }
    }

    private static void assertSame(String path, LoraPair expected, LoraPair actual) {
        assertThat(actual.downShape()).as(path).isEqualTo(expected.downShape());
        assertThat(actual.upShape()).as(path).isEqualTo(expected.upShape());
        assertThat(actual.alpha()).as(path).isEqualTo(expected.alpha());
        assertThat(actual.down()).as(path).containsExactly(expected.down());
        assertThat(actual.up()).as(path).containsExactly(expected.up());
    }

    /** What was written is a file of this layout and of no other that is particular; a folder is none of theirs either. */
    @Test
    public void ownFilesAreRecognisedByItAlone() throws IOException {
        Path target = written(adapter(), DataType.FLOAT32);
        List<String> wrong = new ArrayList<>();
        for (Path path : tensorFiles(target)) {
            try (TensorFile file = files().open(path)) {
                assertThat(create().recognises(file.names()))
                        .as(path.toString())
                        .isTrue();
                strangers()
                        .filter(other -> !other.general() && other.recognises(file.names()))
                        .forEach(other -> wrong.add(other.name()));
            }
        }
        strangers()
                .filter(other ->
                        Files.isDirectory(target) && !other.files(target).isEmpty())
                .forEach(other -> wrong.add(other.name()));
        assertThat(wrong).isEmpty();
        assertThat(create().recognises(List.of("conv_in.weight", "conv_in.bias")))
                .isFalse();
    }

    private Stream<LoraLayout> strangers() {
        return others().stream().filter(other -> !other.name().equals(create().name()));
    }

    /** The layout names all files of an adapter, from which its hash is computed. */
    @Test
    public void allFilesAreNamed() throws IOException {
        Path target = written(adapter(), DataType.FLOAT32);
        try (Stream<Path> found = Files.walk(target)) {
            assertThat(create().files(target))
                    .containsExactlyInAnyOrderElementsOf(
                            found.filter(Files::isRegularFile).toList());
        }
        assertThat(create().files(Files.createDirectory(folder.resolve("empty"))))
                .isEmpty();
    }

    /** Metadata of ours survives: what a run writes says how it was made. */
    @Test
    public void provenanceSurvives() {
        LoraWeights weights = adapter();
        LoraWeights read = create().read(written(weights, DataType.FLOAT32), layers(weights), files());
        assertThat(read.metadata(LoraWeights.OWN_METADATA)).isEqualTo(weights.metadata(LoraWeights.OWN_METADATA));
    }

    /** People see the layers, ranks and alphas of every file, and which tools load it. */
    @Test
    public void isSummarised() throws IOException {
        LoraWeights weights = adapter();
        int layers = 0;
        for (Path path : tensorFiles(written(weights, DataType.FLOAT32))) {
            try (TensorFile file = files().open(path)) {
                var summary = create().summary(file, files());
                layers += summary.layers().values().stream()
                        .mapToInt(count -> count)
                        .sum();
                assertThat(summary.ranks()).isNotBlank();
                assertThat(summary.alphas()).isNotBlank();
                assertThat(summary.tools()).anyMatch(line -> line.startsWith("loaded by: "));
            }
        }
        assertThat(layers).isEqualTo(weights.pairs().size());
    }
}
