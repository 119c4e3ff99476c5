package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the pipeline of every checkpoint family must do; extend it with a test of your own, on the smallest checkpoint of the family. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class PipelineContract {
    private static final List<String> PROMPTS = List.of("a photo of the cat", "the dog");
    private static final double[] TIMES = {700, 300};

    /** The greatest difference between outputs that rounding makes. */
    private static final float ROUNDING = 1e-4f;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path scratch;

    @SuppressWarnings("NullAway.Init")
    private Pipeline pipeline;

    /** The family. */
    protected abstract PipelineFactory family();

    /** A checkpoint of the family in float32; it is not written to. */
    protected abstract Path checkpoint();

    /** How it is opened. */
    protected abstract PipelineFactory.Options options();

    /** The size of the images that are made of it. */
    protected ImageSize size() {
        return pipeline.defaultSize();
    }

    private Pipeline open(Path checkpoint) {
        return family().open(checkpoint, options());
    }

    @BeforeAll
    final void openCheckpoint() {
        pipeline = open(checkpoint());
    }

    @AfterAll
    final void close() {
        pipeline.close();
    }

    /** The pipeline that the tests share. */
    protected final Pipeline pipeline() {
        return pipeline;
    }

    private NDArray latents(NDManager manager) {
        long[] shape = pipeline.latentShape(size().width(), size().height());
        int elements = (int) (PROMPTS.size() * shape[0] * shape[1] * shape[2]);
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = (float) (1.5 * Math.sin(12.9898 * i));
        }
        // A copy lives in memory of the engine's own, as everything must that gradients go through.
        return manager.create(values, new Shape(PROMPTS.size(), shape[0], shape[1], shape[2]))
                .duplicate();
    }

    /** The denoiser's output for the samples of these rows. */
    private static NDArray output(Pipeline of, NDArray latents, ImageSize size, int... rows) {
        NDManager manager = latents.getManager();
        List<String> prompts = IntStream.of(rows).mapToObj(PROMPTS::get).toList();
        Conditioning conditioning = of.encode(manager, prompts, List.of(), size);
        return of.denoise(
                Conditioning.rows(manager, latents, rows),
                IntStream.of(rows).mapToDouble(row -> TIMES[row]).toArray(),
                conditioning.positive());
    }

    private float[] output(Pipeline of, int... rows) {
        try (NDManager manager = of.manager().newSubManager()) {
            return output(of, latents(manager), size(), rows).toFloatArray();
        }
    }

    @Test
    public void theCheckpointIsRecognisedAndAnEmptyFolderIsNot() throws Exception {
        assertThat(family().recognises(checkpoint())).isTrue();
        assertThat(family().recognises(Files.createDirectory(scratch.resolve("empty"))))
                .isFalse();
        family().check(checkpoint(), options());
    }

    /** What else is in a batch changes nothing. */
    @Test
    public void eachSampleIsDenoisedByItself() {
        float[] both = output(pipeline, 0, 1);
        requireClose(output(pipeline, 0), Arrays.copyOf(both, both.length / 2));
        requireClose(output(pipeline, 1), Arrays.copyOfRange(both, both.length / 2, both.length));
    }

    @Test
    public void latentsBecomeImagesOfTheSizeAskedFor() {
        try (NDManager manager = pipeline.manager().newSubManager()) {
            NDArray images = pipeline.decode(latents(manager));
            assertThat(images.getShape()).isEqualTo(new Shape(PROMPTS.size(), 3, size().height(), size().width()));
            assertThat(images.getDataType()).isEqualTo(DataType.FLOAT32);
            assertThat(images.min().getFloat()).isGreaterThanOrEqualTo(0);
            assertThat(images.max().getFloat())
                    .isLessThanOrEqualTo(1)
                    .isGreaterThan(images.min().getFloat());
        }
    }

    @Test
    public void guidanceEncodesTheNegativePromptsAsPrompts() {
        try (NDManager manager = pipeline.manager().newSubManager()) {
            Conditioning without = pipeline.encode(manager, PROMPTS, List.of(), size());
            assertThat(without.guided()).isFalse();
            Conditioning with = pipeline.encode(manager, PROMPTS, List.of("the dog", "the dog"), size());
            assertThat(with.positive().keySet()).isEqualTo(with.negative().keySet());
            with.positive().forEach((name, tensor) -> {
                requireClose(
                        tensor.toFloatArray(),
                        Objects.requireNonNull(without.positive().get(name)).toFloatArray());
                requireClose(
                        Objects.requireNonNull(with.negative().get(name)).get(1).toFloatArray(),
                        tensor.get(1).toFloatArray());
            });
        }
    }

    /** A run with workers calls it from several threads at a time. */
    @Test
    public void threadsDoNotDisturbEachOther() {
        float[] expected = output(pipeline, 0, 1);
        List<CompletableFuture<float[]>> outputs = IntStream.range(0, 3)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> output(pipeline, 0, 1)))
                .toList();
        outputs.forEach(output -> requireClose(output.join(), expected));
    }

    @Test
    public void leavesNoArrayBehind() {
        output(pipeline, 0, 1);
        int before = pipeline.manager().getManagedArrays().size();
        output(pipeline, 0, 1);
        assertThat(pipeline.manager().getManagedArrays()).hasSize(before);
    }

    /** An adapter changes nothing before it is trained, has gradients, and can be left out for the reference. */
    @Test
    public void anAdapterStartsAtTheCheckpointAndIsTrained() {
        float[] base = output(pipeline, 0, 1);
        try (Tuning tuning = pipeline.tune(adapter(), 1)) {
            assertThat(tuning.parameters()).isNotEmpty();
            assertThat(output(pipeline, 0, 1)).isEqualTo(base);
            requireGradients(tuning);
            Map<String, NDArray> moved = moved(tuning);
            float[] other = tuning.with(moved, () -> output(pipeline, 0, 1));
            assertThat(other).isNotEqualTo(base);
            moved.values().forEach(NDArray::close);
            train(tuning);
            requireClose(output(pipeline, 0, 1), other);
            assertThat(tuning.asReference(() -> output(pipeline, 0, 1))).isEqualTo(base);
        }
        assertThat(output(pipeline, 0, 1)).as("after the training is taken off").isEqualTo(base);
    }

    /** What training exports does to the checkpoint what it did in training. */
    @Test
    public void anExportedAdapterIsLoadedAndSaved() throws Exception {
        Path folder = Files.createDirectories(scratch.resolve("adapter"));
        float[] trained;
        Path file;
        try (Tuning tuning = pipeline.tune(adapter(), 1)) {
            train(tuning);
            trained = output(pipeline, 0, 1);
            file = tuning.export(folder, Map.of());
        }
        Path saved = scratch.resolve("saved");
        try (Pipeline loaded = open(checkpoint())) {
            for (double scale : new double[] {1e300, Double.NaN}) {
                assertThatThrownBy(() -> loaded.loadLora(file, scale)).isInstanceOf(UserException.class);
            }
            loaded.loadLora(file, 1);
            requireClose(output(loaded, 0, 1), trained);
            loaded.save(saved, "float32");
            try (Pipeline again = open(saved)) {
                assertThat(output(again, 0, 1)).isEqualTo(output(loaded, 0, 1));
            }
        }
    }

    /** Says where two outputs differ most. */
    private static void requireClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        int worst = 0;
        for (int i = 0; i < actual.length; i++) {
            worst = Math.abs(actual[i] - expected[i]) > Math.abs(actual[worst] - expected[worst]) ? i : worst;
            if (!Float.isFinite(actual[i])) {
                throw new AssertionError("element " + i + " is " + actual[i]);
            }
        }
        assertThat(actual[worst])
                .as("element %d of %d, the farthest", worst, actual.length)
                .isCloseTo(expected[worst], within(ROUNDING));
    }

    private static TuningSpec adapter() {
        return new TuningSpec.Lora(List.of(), 2, 2, List.of(), TuningSpec.Lora.Init.GAUSSIAN);
    }

    private void requireGradients(Tuning tuning) {
        try (NDManager manager = pipeline.manager().newSubManager();
                GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(output(pipeline, latents(manager), size(), 0).sum());
        }
        double largest = 0;
        for (NDArray parameter : tuning.parameters().values()) {
            assertThat(parameter.getDataType()).isEqualTo(DataType.FLOAT32);
            try (NDArray gradient = parameter.getGradient();
                    NDArray size = gradient.abs();
                    NDArray max = size.max()) {
                largest = Math.max(largest, max.getFloat());
            }
        }
        assertThat(largest).as("largest number of the gradient").isPositive().isFinite();
    }

    /** Other values for all that is trained. */
    private static Map<String, NDArray> moved(Tuning tuning) {
        Map<String, NDArray> moved = new TreeMap<>();
        tuning.parameters().forEach((name, parameter) -> moved.put(name, parameter.add(0.1f)));
        return moved;
    }

    private static void train(Tuning tuning) {
        for (NDArray parameter : tuning.parameters().values()) {
            parameter.setRequiresGradient(false); // a leaf of a graph may not be changed in its place
            parameter.addi(0.1f);
            parameter.setRequiresGradient(true);
        }
    }
}
