package org.imagerl.ctrl.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.ctrl.Tiny;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.AugmentationContract;
import org.imagerl.toolkit.optim.AdamW;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.imagerl.toolkit.sampling.ForwardingPipeline;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.InPlaceKernels;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlledPipelineTest {
    private static final List<Control> CONTROLS = List.of(new Control("size", 3), new Control("hue", 2));
    private static final Prompt FREE = Prompt.of("p", "a photo of the cat");
    private static final Prompt FIRST = asking(Map.of("size", "0"));
    private static final Prompt LAST = asking(Map.of("size", "2", "hue", "1"));

    private static Prompt asking(Map<String, String> classes) {
        return new Prompt("p", FREE.text(), classes);
    }

    private static ControlAugmentation augmentation(List<Double> strengths, double guidance) {
        return new ControlAugmentation(
                new ControlAugmentation.Config(CONTROLS, strengths, List.of(), 10, null, guidance),
                Tiny.context(Path.of(".")));
    }

    private static ControlAugmentation ranged() {
        return new ControlAugmentation(
                new ControlAugmentation.Config(CONTROLS, List.of(), List.of(0.5, 4.0), 10, null, 1),
                Tiny.context(Path.of(".")));
    }

    @Nested
    class Contract extends AugmentationContract {
        @Override
        protected Augmentation create() {
            return ranged();
        }

        @Override
        protected Pipeline checkpoint() {
            return Tiny.checkpoint();
        }

        @Override
        protected Map<String, String> wishes() {
            return Map.of("size", "2", "hue", "1", Control.STRENGTH, "1.5");
        }
    }

    private static Pipeline open() {
        return augmentation(List.of(), 1).augment(Tiny.checkpoint());
    }

    /** What the denoiser says of fixed noise. */
    private static float[] output(Pipeline pipeline, Prompt prompt) {
        float[][] output = new float[1][];
        Scope.run(() -> output[0] = Gradients.off(() -> {
            NDArray latents = Kernels.randn(pipeline.manager(), 3, new Shape(1, 4, 16, 16));
            Conditioning conditioning =
                    pipeline.condition(pipeline.manager(), List.of(prompt), List.of(), pipeline.defaultSize());
            return pipeline.denoise(latents, new double[] {501}, conditioning.positive())
                    .toFloatArray();
        }));
        return output[0];
    }

    /** One update of all trained tensors by the gradient of the sum of outputs. */
    private static void train(Pipeline pipeline, Tuning tuning, Prompt prompt) {
        try (AdamW optimiser = new AdamW(
                new AdamW.Settings(0.9, 0.999, 1e-8, 0.1, 0),
                tuning.parameters(),
                tuning::learningRateFactor,
                pipeline.manager())) {
            for (int update = 0; update < 2; update++) {
                Scope.run(() -> Gradients.record(recording -> {
                    NDArray latents = Kernels.randn(pipeline.manager(), 4, new Shape(1, 4, 16, 16));
                    Conditioning conditioning =
                            pipeline.condition(pipeline.manager(), List.of(prompt), List.of(), pipeline.defaultSize());
                    NDArray output = pipeline.denoise(latents, new double[] {501}, conditioning.positive());
                    recording.backward(output.sum());
                    return output;
                }));
                optimiser.step(1e-2);
            }
        }
    }

    @Test
    void beforeTrainingEveryClassIsTheCheckpointItselfToTheBit() {
        float[] base;
        try (Pipeline checkpoint = Tiny.checkpoint()) {
            base = output(checkpoint, FREE);
        }
        try (Pipeline pipeline = open();
                Tuning tuning = pipeline.tune(Tiny.lora(), 1)) {
            assertThat(tuning.parameters()).containsKeys("control.size.weight", "control.hue.weight");
            for (Prompt prompt : List.of(FREE, FIRST, LAST)) {
                assertThat(output(pipeline, prompt)).isEqualTo(base);
            }
        }
    }

    @Test
    void trainingMovesTheRowThatIsAskedForAndLeavesTheNullClassAndTheReference() {
        try (Pipeline pipeline = open();
                Tuning tuning = pipeline.tune(Tiny.lora(), 1)) {
            float[] base = output(pipeline, FREE);
            train(pipeline, tuning, FIRST);
            float[] rows = tuning.parameters().get("control.size.weight").toFloatArray();
            int width = rows.length / 3;
            assertThat(rows[0]).isNotZero();
            for (int i = width; i < rows.length; i++) {
                assertThat(rows[i]).isZero();
            }
            assertThat(tuning.asReference(() -> output(pipeline, FIRST))).isEqualTo(base);
            assertThat(output(pipeline, FIRST)).isNotEqualTo(output(pipeline, FREE));
            // Nothing of the tables reaches a prompt without class: only the adapters do.
            float[] free = output(pipeline, FREE);
            Gradients.off(() -> tuning.parameters().get("control.size.weight").addi(1f));
            assertThat(output(pipeline, FREE)).isEqualTo(free);
        }
    }

    @Test
    void theEmbeddingsHaveALearningRateOfTheirOwn() {
        try (Pipeline pipeline = open();
                Tuning tuning = pipeline.tune(Tiny.lora(), 1)) {
            assertThat(tuning.learningRateFactor("control.size.weight")).isEqualTo(10);
            tuning.parameters().keySet().stream()
                    .filter(name -> !name.startsWith("control."))
                    .forEach(name -> assertThat(tuning.learningRateFactor(name)).isEqualTo(1));
            train(pipeline, tuning, FIRST);
            // Adam's first steps are as long as its learning rate: two of 10 x 1e-2.
            float first = tuning.parameters().get("control.size.weight").toFloatArray()[0];
            assertThat(Math.abs(first)).isCloseTo(0.2f, within(0.03f));
        }
    }

    @Test
    void anAdapterLoadsBackAndHasTheDocumentedKeys(@TempDir Path folder) {
        float[] trained;
        float[] free;
        try (Pipeline pipeline = open();
                Tuning tuning = pipeline.tune(Tiny.lora(), 1)) {
            train(pipeline, tuning, LAST);
            trained = output(pipeline, LAST);
            free = output(pipeline, FREE);
            assertThat(tuning.export(folder, Map.of("seed", "1"))).isEqualTo(folder.resolve("control.safetensors"));
        }
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("control.safetensors"))) {
            assertThat(file.metadata())
                    .containsEntry("format", "imagerl-control-1")
                    .containsEntry("controls", "size=3,hue=2")
                    .containsEntry("strengths", "")
                    .containsEntry("seed", "1");
            for (Control control : CONTROLS) {
                float[] rows = file.floats("control." + control.name() + ".weight");
                int width = (int) file.entry("control." + control.name() + ".weight")
                        .shape()
                        .get(1);
                assertThat(rows).hasSize((control.classes() + 1) * width);
                int last = control.classes() * width;
                assertThat(Arrays.copyOfRange(rows, last, rows.length))
                        .as("null class")
                        .containsOnly(0);
                assertThat(Arrays.copyOfRange(rows, last - width, last))
                        .as("class that was trained")
                        .doesNotContain(0);
            }
        }
        try (Pipeline loaded = ControlAugmentation.of(folder).augment(Tiny.checkpoint())) {
            requireClose(output(loaded, LAST), trained);
            requireClose(output(loaded, FREE), free);
            assertThatThrownBy(() -> loaded.tune(Tiny.lora(), 1))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("is for sampling");
        }
    }

    @Test
    void anAdapterWhoseNullClassIsNotZeroIsRefused(@TempDir Path folder) {
        try (Pipeline pipeline = open();
                Tuning tuning = pipeline.tune(Tiny.lora(), 1)) {
            tuning.export(folder, Map.of());
        }
        Path file = folder.resolve("control.safetensors");
        List<TensorSource> tensors = new ArrayList<>();
        Map<String, String> metadata;
        try (SafetensorsFile written = SafetensorsFile.open(file)) {
            metadata = written.metadata();
            written.entries().forEach(entry -> {
                float[] rows = written.floats(entry.name());
                rows[rows.length - 1] = entry.name().equals("control.hue.weight") ? 1e-6f : 0;
                tensors.add(TensorSource.ofFloats(entry.name(), DType.F32, entry.shape(), rows));
            });
        }
        SafetensorsWriter.write(file, tensors, metadata);
        try (Pipeline checkpoint = Tiny.checkpoint()) {
            ControlAugmentation augmentation = ControlAugmentation.of(folder);
            assertThatThrownBy(() -> augmentation.augment(checkpoint))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("control.hue.weight: the last row is the null class and must be zero");
        }
    }

    /** A checkpoint whose denoiser is steered by nothing that could be added to. */
    private static final class Unsteered extends ForwardingPipeline {
        Unsteered() {
            super(Tiny.checkpoint());
        }

        @Override
        protected Map<String, NDArray> added(NDManager manager, List<Prompt> prompts) {
            return Map.of();
        }

        @Override
        public int modulationWidth() {
            return 0;
        }

        @Override
        public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
            return base.denoise(latents, timesteps, conditioning);
        }
    }

    @Test
    void aCheckpointThatNothingCanBeAddedToIsRefusedAndStaysOpen() {
        try (Pipeline checkpoint = new Unsteered()) {
            assertThatThrownBy(() -> augmentation(List.of(), 1).augment(checkpoint))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("has no embedding that a control can be added to");
            assertThat(output(checkpoint, FREE)).isNotEmpty();
        }
    }

    /** A default method of the interface would answer in the place of the pipeline that calls are forwarded to. */
    @Test
    void everyMethodThatHasADefaultIsForwarded() throws NoSuchMethodException {
        List<Method> defaults =
                Stream.of(Pipeline.class.getMethods()).filter(Method::isDefault).toList();
        assertThat(defaults).hasSizeGreaterThan(5);
        for (Method method : defaults) {
            assertThat(ForwardingPipeline.class
                            .getMethod(method.getName(), method.getParameterTypes())
                            .getDeclaringClass())
                    .as(method.toString())
                    .isEqualTo(ForwardingPipeline.class);
        }
    }

    @Test
    void aCheckpointWithAControlIsWrittenInNoLayout(@TempDir Path folder) {
        try (Pipeline pipeline = open()) {
            assertThatThrownBy(() -> pipeline.save(folder.resolve("whole"), ""))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("no place for its embeddings in the diffusers layout");
            assertThatThrownBy(() -> pipeline.saveSingleFile(folder.resolve("whole.safetensors"), ""))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("no place for its embeddings in a single file");
        }
        assertThat(folder).isEmptyDirectory();
    }

    private static void requireClose(float[] actual, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as("element %d", i).isCloseTo(expected[i], within(1e-4f));
        }
    }

    @Test
    void anAdapterOfAnotherCheckpointIsRefused(@TempDir Path folder) {
        try (Pipeline pipeline = open();
                Tuning tuning = pipeline.tune(Tiny.lora(), 1)) {
            tuning.export(folder, Map.of());
        }
        try (Pipeline other = Tiny.checkpoint()) {
            Path lora = folder.resolve("pytorch_lora_weights.safetensors");
            try (Tuning tuning = other.tune(Tiny.lora(), 2)) {
                Gradients.off(() -> {
                    tuning.parameters().values().forEach(tensor -> tensor.addi(0.5f));
                    return tuning.export(folder, Map.of());
                });
            }
            other.loadLora(lora, 1); // another checkpoint of the same shapes
            assertThatThrownBy(() -> ControlAugmentation.of(folder).augment(other))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("was trained on another checkpoint");
        }
    }

    @Test
    void guidanceOfTheControlLeadsFromThePromptWithoutClassToThatWithIt() {
        try (Pipeline pipeline = augmentation(List.of(), 3).augment(Tiny.checkpoint());
                Tuning tuning = pipeline.tune(Tiny.lora(), 1)) {
            train(pipeline, tuning, FIRST);
            float[] guided = output(pipeline, FIRST);
            float[] free = output(pipeline, FREE);
            try (Pipeline joint = open();
                    Tuning same = joint.tune(Tiny.lora(), 1)) {
                tuning.parameters()
                        .forEach((name, tensor) -> Gradients.off(() -> {
                            InPlaceKernels.copyInPlace(same.parameters().get(name), tensor);
                            return tensor;
                        }));
                float[] conditioning = output(joint, FIRST);
                for (int i = 0; i < conditioning.length; i++) {
                    assertThat(guided[i]).isCloseTo(free[i] + 3 * (conditioning[i] - free[i]), within(1e-3f));
                }
            }
        }
    }

    @Test
    void strengthIsTold() {
        try (Pipeline pipeline = augmentation(List.of(0.5, 2.0), 1).augment(Tiny.checkpoint());
                Tuning tuning = pipeline.tune(Tiny.lora(), 1)) {
            assertThat(tuning.parameters()).containsKeys("control.size.strength");
            Gradients.off(() -> tuning.parameters().get("control.size.strength").addi(1f));
            Prompt usual = asking(Map.of("size", "1", "control_strength", "1"));
            Prompt strong = asking(Map.of("size", "1", "control_strength", "2"));
            assertThat(output(pipeline, usual)).isEqualTo(output(pipeline, FREE)); // ln 1
            assertThat(output(pipeline, strong)).isNotEqualTo(output(pipeline, FREE));
        }
    }

    @Test
    void aRangeOfStrengthsIsTrainedSavedAndLoadsBack(@TempDir Path folder) {
        Prompt strong = asking(Map.of("size", "1", "control_strength", "3.7"));
        Prompt beyond = asking(Map.of("size", "1", "control_strength", "4.5"));
        float[] trained;
        try (Pipeline pipeline = ranged().augment(Tiny.checkpoint());
                Tuning tuning = pipeline.tune(Tiny.lora(), 1)) {
            train(pipeline, tuning, strong);
            trained = output(pipeline, strong);
            assertThat(trained).isNotEqualTo(output(pipeline, asking(Map.of("size", "1"))));
            tuning.export(folder, Map.of());
        }
        ControlAugmentation loaded = ControlAugmentation.of(folder);
        try (Pipeline pipeline = loaded.augment(Tiny.checkpoint())) {
            requireClose(output(pipeline, strong), trained);
            assertThatThrownBy(() -> output(pipeline, beyond)).hasMessageContaining("0.5 to 4.0, not 4.5");
        }
        assertThat(loaded.ask(FREE, Map.of("control_strength", "0.5")).metadata())
                .containsEntry("control_strength", "0.5");
        assertThatThrownBy(() -> loaded.ask(FREE, Map.of("control_strength", "0.4")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("0.5 to 4.0, not 0.4");
        assertThatThrownBy(() -> loaded.prompts(List.of(beyond))).hasMessageContaining("prompt p: control_strength");
    }

    @Test
    void ofARangePromptsAreDrawnLater() {
        List<Prompt> prompts = ranged().prompts(List.of(FREE));
        assertThat(prompts)
                .hasSize(3 * 2)
                .allSatisfy(prompt -> assertThat(prompt.metadata()).doesNotContainKey("control_strength"));
        assertThat(ranged().drawn(prompts.get(0), 5).metadata())
                .containsEntry("size", "0")
                .containsKey("control_strength");
    }

    @Test
    void promptsAreAskedForEveryClassAndStrength() {
        List<Prompt> prompts = augmentation(List.of(1.0, 2.0), 1).prompts(List.of(FREE, FIRST));
        assertThat(prompts).hasSize(3 * 2 * 2 + 2 * 2);
        assertThat(prompts.get(0).id()).isEqualTo("p/size=0/hue=0/strength=1.0");
        assertThat(prompts.get(0).metadata())
                .containsEntry("size", "0")
                .containsEntry("size_classes", "3")
                .containsEntry("control_strength", "1.0");
        assertThat(prompts.stream().map(Prompt::id).limit(12)).doesNotHaveDuplicates();
    }

    @Test
    void aPromptThatSaysAStrengthIsRefusedWhereTheModelHasNone() {
        Prompt strong = asking(Map.of("size", "1", "control_strength", "2"));
        ControlAugmentation augmentation = augmentation(List.of(), 1);
        assertThatThrownBy(() -> augmentation.prompts(List.of(FREE, strong)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("prompt p: has the field control_strength")
                .hasMessageContaining("remove the field")
                .hasMessageContaining("gamma_range");
        assertThatThrownBy(() -> augmentation.ask(strong, Map.of("hue", "1")))
                .hasMessageContaining("has the field control_strength");
        assertThat(augmentation(List.of(1.0, 2.0), 1)
                        .ask(strong, Map.of("hue", "1"))
                        .metadata())
                .containsEntry("control_strength", "2");
    }

    @Test
    void whatIsUnknownIsRefused() {
        ControlAugmentation augmentation = augmentation(List.of(), 1);
        assertThatThrownBy(() -> augmentation.ask(FREE, Map.of("siz", "1")))
                .hasMessageContaining("no control named siz")
                .hasMessageContaining("size");
        assertThatThrownBy(() -> augmentation.ask(FREE, Map.of("size", "3"))).hasMessageContaining("0 to 2");
        for (String table : List.of("control.x", "control.size.weight")) {
            assertThatThrownBy(() -> augmentation.ask(FREE, Map.of(table, "1")))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("no control named " + table);
        }
        assertThatThrownBy(() -> augmentation.ask(FREE, Map.of("control_strength", "2")))
                .hasMessageContaining("trained with one");
        assertThatThrownBy(() -> augmentation(List.of(1.0, 2.0), 1).ask(FREE, Map.of("control_strength", "0")))
                .hasMessageContaining("above 0");
        assertThatThrownBy(() -> new Control("Size", 3)).hasMessageContaining("lower-case");
        assertThatThrownBy(() -> new Control("size", 1)).hasMessageContaining("one class says nothing");
        assertThatThrownBy(() -> augmentation(List.of(0.0, 1.0), 1)).hasMessageContaining("above 0");
        assertThatThrownBy(() -> augmentation(List.of(2.0), 1)).hasMessageContaining("must be several");
        try (Pipeline pipeline = open()) {
            assertThatThrownBy(() -> pipeline.tune(new TuningSpec.Full(List.of()), 1))
                    .hasMessageContaining("make it lora");
            assertThatThrownBy(() -> output(pipeline, asking(Map.of("size", "x"))))
                    .hasMessageContaining("must be the number of a class");
        }
    }

    @Test
    void aFolderThatIsNoAdapterIsRefused(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> ControlAugmentation.of(folder)).hasMessageContaining("is no adapter of a control");
        Files.writeString(folder.resolve("control.safetensors"), "nonsense");
        assertThatThrownBy(() -> ControlAugmentation.of(folder)).isInstanceOf(UserException.class);
    }

    @Test
    void anAdapterWhoseStrengthsAreNoneIsRefusedByTheirKey(@TempDir Path folder) {
        Map<String, String> metadata =
                Map.of("format", "imagerl-control-1", "controls", "size=3", "strength_range", "x");
        SafetensorsWriter.write(folder.resolve("control.safetensors"), List.of(), metadata);
        assertThatThrownBy(() -> ControlAugmentation.of(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("metadata: strength_range is x; expected numbers");
        Map<String, String> other = new TreeMap<>(metadata);
        other.put("strength_range", "4,0.5");
        SafetensorsWriter.write(folder.resolve("control.safetensors"), List.of(), other);
        assertThatThrownBy(() -> ControlAugmentation.of(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("metadata: strengths, strength_range: gamma_range must be two numbers above 0");
    }
}
