package org.imagerl.diffusion.singlefile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.latent.testing.GoldenFolder;
import org.imagerl.spi.Context;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorEntry;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Single files that are damaged, of another kind, or made to harm: a message of one or a few lines, or they are loaded. */
class StrangeSingleFilesTest {
    private static final Path CASE = GoldenFolder.own("single-files/sd1");
    private static final Path FILE = CASE.resolve("checkpoint.safetensors");
    private static final String UNET = "model.diffusion_model.";

    @TempDir
    private Path scratch;

    private final List<String> notices = new ArrayList<>();

    /** The tensors of the golden file, with other names, types and shapes; their numbers are zero. */
    private Path changed(Consumer<List<TensorSource>> change) {
        List<TensorSource> tensors = new ArrayList<>();
        try (SafetensorsFile file = SafetensorsFile.open(FILE)) {
            for (TensorEntry entry : file.entries()) {
                tensors.add(zeros(entry.name(), entry.dtype(), entry.shape().getShape()));
            }
        }
        change.accept(tensors);
        Path path = scratch.resolve("changed.safetensors");
        SafetensorsWriter.write(path, tensors, Map.of());
        return path;
    }

    private static TensorSource zeros(String name, DType type, long... shape) {
        int bytes = Math.toIntExact(new Shape(shape).size() * type.bytes());
        return TensorSource.ofBytes(name, type, new Shape(shape), () -> ByteBuffer.allocate(bytes));
    }

    private void check(Path file) {
        check(file, CASE);
    }

    /** @param described the case whose tokenizer is taken */
    private void check(Path file, Path described) {
        Map<String, Path> components = Map.of("tokenizer", described.resolve("folder/tokenizer"));
        Context context = new Context(Path.of("."), "cpu", 1, notices::add);
        assertThat(StableDiffusion.FAMILY.recognises(file)).isTrue();
        StableDiffusion.FAMILY.check(
                file,
                new PipelineFactory.Options(
                        "float32", false, new PipelineFactory.Model(null, null, components), context));
    }

    private void requireRefused(Path file, String... reasons) {
        assertThatThrownBy(() -> check(file))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContainingAll(reasons);
    }

    @Test
    void aTensorThatIsMissingUnexpectedOrMisshapenIsNamedAsInTheFile() {
        String lost = UNET + "input_blocks.1.0.in_layers.2.weight";
        requireRefused(
                changed(tensors -> {
                    tensors.removeIf(tensor -> tensor.name().equals(lost));
                    tensors.add(zeros(UNET + "input_blocks.1.0.in_layers.2.wieght", DType.F16, 32, 32, 3, 3));
                    tensors.removeIf(tensor -> tensor.name().equals(UNET + "time_embed.2.bias"));
                    tensors.add(zeros(UNET + "time_embed.2.bias", DType.F16, 7));
                }),
                "missing: \"" + lost,
                "unexpected: \"" + UNET + "input_blocks.1.0.in_layers.2.wieght",
                "of the wrong shape: \"" + UNET + "time_embed.2.bias",
                "remedy");
    }

    @ParameterizedTest
    @CsvSource({
        "model.diffusion_model.input_blocks.999.0.a, residual blocks",
        "model.diffusion_model.middle_block.1.transformer_blocks.999.a, transformer_layers_per_block",
        "first_stage_model.encoder.down.99.block.0.conv1.weight, from which the description of the model follows",
        "cond_stage_model.transformer.text_model.encoder.layers.9999.a, num_hidden_layers",
        "model.diffusion_model.time_embed.0.comfy_quant, quantisation",
        "model.diffusion_model.time_embed.0.scale_weight, expected one finite number"
    })
    void aStrangeTensorIsRefusedWithTheReason(String name, String reason) {
        requireRefused(changed(tensors -> tensors.add(zeros(name, DType.F16, 2))), reason);
    }

    @ParameterizedTest
    @CsvSource({
        "edm_mean, in the way of EDM",
        "conditioner.embedders.0.model.positional_embedding, the refiner",
        "model.diffusion_model.label_emb.weight, enlarges images",
        "model.diffusion_model.input_blocks.1.1.time_stack.0.attn1.to_q.weight, Stable Video Diffusion"
    })
    void aVariantIsNoneOfTheFamilyAndIsNamed(String name, String what) {
        Path file = changed(tensors -> tensors.add(zeros(name, DType.F16, 2)));
        assertThat(StableDiffusion.FAMILY.recognises(file)).isFalse();
        assertThat(StableDiffusion.FAMILY.identify(file).orElseThrow()).contains(what, "; ");
    }

    @Test
    void aUnetWithoutTheTensorByWhichItIsKnownSaysSo() {
        String mark = UNET + "input_blocks.0.0.weight";
        Path file = changed(tensors -> tensors.removeIf(tensor -> tensor.name().equals(mark)));
        assertThat(StableDiffusion.FAMILY.recognises(file)).isFalse();
        assertThat(StableDiffusion.FAMILY.identify(file).orElseThrow())
                .contains("it has no tensor \"" + mark + "\"", "not whole");
    }

    @Test
    void otherInputsThanNoiseAndAMaskAreRefusedWithTheClass() {
        requireRefused(inputs(8), "InstructPix2Pix");
        check(inputs(9));
        try (SafetensorsFile file = SafetensorsFile.open(inputs(9))) {
            assertThat(new StableDiffusionFiles().kind(file).orElseThrow().pipeline())
                    .isEqualTo("StableDiffusionInpaintPipeline");
        }
    }

    private Path inputs(int channels) {
        return changed(tensors -> {
            tensors.removeIf(tensor -> tensor.name().equals(UNET + "input_blocks.0.0.weight"));
            tensors.add(zeros(UNET + "input_blocks.0.0.weight", DType.F16, 32, channels, 3, 3));
        });
    }

    @Test
    void keysThatSayHowItWasTrainedAreHeeded() {
        Path large = GoldenFolder.own("single-files/sdxl");
        List<TensorSource> tensors = new ArrayList<>();
        try (SafetensorsFile file = SafetensorsFile.open(large.resolve("checkpoint.safetensors"))) {
            file.entries()
                    .forEach(entry -> tensors.add(
                            zeros(entry.name(), entry.dtype(), entry.shape().getShape())));
        }
        tensors.add(zeros("v_pred", DType.F32));
        tensors.add(zeros("ztsnr", DType.F32));
        Path marked = scratch.resolve("marked.safetensors");
        SafetensorsWriter.write(marked, tensors, Map.of());
        check(marked, large);
        assertThat(notices).anyMatch(line -> line.contains("v_pred")).anyMatch(line -> line.contains("ztsnr"));
        try (SafetensorsFile file = SafetensorsFile.open(marked)) {
            var scheduler = new StableDiffusionFiles().kind(file).orElseThrow().scheduler();
            assertThat(scheduler.get("prediction_type").asString()).isEqualTo("v_prediction");
            assertThat(scheduler.get("rescale_betas_zero_snr").asBoolean()).isTrue();
        }
    }

    @Test
    void tensorsThatNobodyUsesAreSaid() {
        check(changed(tensors -> {
            tensors.add(zeros("betas", DType.F32, 1000));
            tensors.add(zeros("model_ema.decay", DType.F32));
            tensors.add(zeros("embedding_manager.weight", DType.F16, 3));
        }));
        assertThat(notices)
                .filteredOn(line -> line.contains("belong to no component"))
                .singleElement()
                .asString()
                .contains("1 of its tensors", "\"embedding_manager.weight\"");
    }

    @Test
    void aCutFileIsACutFile() throws IOException {
        byte[] whole = Files.readAllBytes(FILE);
        Path cut = Files.write(scratch.resolve("cut.safetensors"), Arrays.copyOf(whole, whole.length - 9));
        assertThatThrownBy(() -> StableDiffusion.FAMILY.recognises(cut))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the file is cut off");
    }

    @Test
    void whatNoNumberIsReadFromIsSeenInTheHeader() {
        String weight = UNET + "middle_block.1.transformer_blocks.0.attn1.to_q.weight";
        requireRefused(
                changed(tensors -> {
                    tensors.removeIf(tensor -> tensor.name().equals(weight));
                    tensors.add(zeros(weight, DType.BOOL, 32, 32));
                }),
                "\"" + weight + "\" has dtype BOOL, expected F32",
                "take a file of the model");
    }

    @Test
    void whateverIsLostOrRenamedIsAMessage() {
        Random random = new Random(5);
        for (int i = 0; i < 25; i++) {
            Path file = changed(tensors -> {
                for (int n = random.nextInt(3); n >= 0; n--) {
                    TensorSource lost = tensors.remove(random.nextInt(tensors.size()));
                    if (random.nextBoolean()) {
                        long[] shape = lost.shape().getShape().clone();
                        shape[random.nextInt(shape.length)] = random.nextInt(40);
                        tensors.add(zeros(lost.name(), DType.F16, shape));
                    }
                }
            });
            if (recognised(file)) {
                assertThatCode(() -> {
                            try {
                                check(file);
                            } catch (UserException expected) {
                                assertThat(expected.getMessage()).startsWith(file.toString());
                            }
                        })
                        .as("change " + i)
                        .doesNotThrowAnyException();
            }
        }
    }

    private static boolean recognised(Path file) {
        try {
            return StableDiffusion.FAMILY.recognises(file);
        } catch (UserException e) {
            return false;
        }
    }
}
