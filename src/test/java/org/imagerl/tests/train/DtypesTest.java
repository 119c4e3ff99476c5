package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.imagerl.diffusion.pipeline.StableDiffusion;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.PipelineFactory.Dtypes;
import org.imagerl.tests.Close;
import org.imagerl.tests.Paths;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints whose components are held in less than float32. */
class DtypesTest {
    private static final String TEXT = "encoder_hidden_states";

    @TempDir
    private Path scratch;

    @Test
    void aRunInBfloat16BeginsOnPolicyAndLearns() {
        TinyRun run = new TinyRun(
                scratch,
                "dtype=bfloat16",
                "epochs=1",
                "evaluation.samples_per_prompt=1",
                "samples={prompts: 1, seeds: [0]}");
        assertThat(run.start().finished()).isTrue();
        Map<String, Double> first = Objects.requireNonNull(run.rows().get(1L));
        assertThat(first.get("ratio_deviation_max")).isZero();
        assertThat(first.get("grad_norm")).isPositive();
    }

    /** What is scaled for the way through the network, the optimiser and the log get unscaled. */
    @Test
    void aRunInFloat16ScalesItsLossAndLearnsTheSame() {
        String[] small = {"epochs=1", "evaluation.samples_per_prompt=1", "samples={prompts: 1, seeds: [0]}"};
        TinyRun exact = new TinyRun(scratch.resolve("exact"), small);
        exact.start();
        TinyRun half = new TinyRun(
                scratch.resolve("half"),
                Stream.concat(Stream.of(small), Stream.of("dtype=float16")).toArray(String[]::new));
        half.start();
        Map<String, Double> row = Objects.requireNonNull(half.rows().get(1L));
        assertThat(row.get("loss_scale")).isEqualTo(65_536);
        assertThat(row).doesNotContainKey("skipped_updates");
        double norm = Objects.requireNonNull(exact.rows().get(1L)).get("grad_norm");
        assertThat(row.get("grad_norm")).isCloseTo(norm, withinPercentage(10));
    }

    @Test
    void everyComponentHasItsOwnDtypeAndGivesFloat32() {
        List<float[]> exact = results(Dtypes.all("float32"), new ArrayList<>());
        for (Dtypes dtypes : List.of(
                new Dtypes("bfloat16", "float32", "float32"),
                new Dtypes("float32", "bfloat16", "float32"),
                new Dtypes("float32", "float32", "bfloat16"))) {
            List<float[]> results = results(dtypes, new ArrayList<>());
            List<String> names = List.of(dtypes.textEncoders(), dtypes.denoiser(), dtypes.vae());
            for (int i = 0; i < names.size(); i++) {
                String what = dtypes + ", component " + i;
                Close.require(what, results.get(i), exact.get(i), 0.1);
                assertThat(Arrays.equals(results.get(i), exact.get(i)))
                        .as(what + " is as in float32")
                        .isEqualTo(names.get(i).equals("float32"));
            }
        }
    }

    @Test
    void aVaeThatOverflowsInFloat16IsHeldInFloat32AndThatIsSaid() {
        List<String> notices = new ArrayList<>();
        List<float[]> results = results(Dtypes.all("float16"), notices);
        assertThat(notices)
                .contains("the VAE (force_upcast in vae/config.json) is held and computed in float32, because it"
                        + " overflows in float16");
        assertThat(results.get(2))
                .isEqualTo(results(Dtypes.all("float32"), new ArrayList<>()).get(2));
    }

    /** The conditioning of a prompt, the denoiser's output and the image for inputs that do not depend on it. */
    private static List<float[]> results(Dtypes dtypes, List<String> notices) {
        Context context = new Context(Path.of("."), "cpu", 1, notices::add);
        PipelineFactory.Options options =
                new PipelineFactory.Options(dtypes, PipelineFactory.Memory.NONE, PipelineFactory.Model.USUAL, context);
        try (Pipeline pipeline = StableDiffusion.FAMILY.open(Paths.tinyCheckpoint(), options)) {
            NDManager manager = pipeline.manager();
            return Gradients.off(() -> {
                NDArray text = Objects.requireNonNull(
                        pipeline.encode(manager, List.of("a cat"), List.of(), new ImageSize(16, 16))
                                .positive()
                                .get(TEXT));
                NDArray latents = Kernels.randn(manager, 1, new Shape(1, 4, 8, 8));
                NDArray given = Kernels.randn(manager, 2, text.getShape());
                NDArray noise = pipeline.denoise(latents, new double[] {500}, Map.of(TEXT, given));
                List<NDArray> all = List.of(text, noise, pipeline.decode(latents));
                assertThat(all).allMatch(array -> array.getDataType() == DataType.FLOAT32);
                return all.stream().map(NDArray::toFloatArray).toList();
            });
        }
    }
}
