package org.imagerl.bench.denoiser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.bench.timing.Seconds;
import org.imagerl.spi.Benchmark;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.ParameterStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TransformerBenchmarksTest {
    @TempDir
    Path folder;

    static Stream<Factory<Benchmark, TransformerSizes>> factories() {
        return Stream.of(new Sd3BenchmarkFactory(), new FluxBenchmarkFactory());
    }

    private static Context context(String device) {
        return new Context(Path.of("."), device, 1, warning -> {});
    }

    private TransformerSizes tiny(Integer blocks, Double memoryGb) {
        return new TransformerSizes(128, blocks, 4, 3, 2, 1, memoryGb, folder.toString(), null);
    }

    private ParameterStore declared(DenoiserShape shape) throws IOException {
        Path config = Files.writeString(folder.resolve("config.json"), shape.config());
        return shape.declare(config, Checkpointing.FALSE).network();
    }

    @ParameterizedTest
    @MethodSource("factories")
    void reportsEveryPhaseAndLeavesNothingBehind(Factory<Benchmark, TransformerSizes> factory) {
        List<String> lines = new ArrayList<>();
        factory.create(tiny(2, null), context("cpu")).run(lines::add);
        assertThat(lines.get(0)).contains("width 128 on a latent of 4 x 4 and 3 tokens of text");
        assertThat(lines)
                .anySatisfy(line -> assertThat(line).startsWith("load "))
                .anySatisfy(line -> assertThat(line).startsWith("forward "))
                .anySatisfy(line -> assertThat(line).contains("s product,"))
                .anySatisfy(line -> assertThat(line).contains("s attention,"))
                .anySatisfy(line -> assertThat(line).contains("without checkpointing"))
                .anySatisfy(line -> assertThat(line).contains("with checkpointing"))
                .noneSatisfy(line -> assertThat(line).contains("NaN"))
                .noneSatisfy(line -> assertThat(line).contains("convolution"));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aRatioOfTimesTooShortToCountIsNoNumber() {
        assertThat(Seconds.shown(0 / 0.0)).isEqualTo("too short to tell");
        assertThat(Seconds.shown(1 / 0.0)).isEqualTo("too short to tell");
        assertThat(Seconds.shown(0.5)).isEqualTo("0.500");
    }

    @Test
    void countsTheOperationsOfStableDiffusion35() throws IOException {
        TransformerSizes sizes = new TransformerSizes(1536, 24, 64, 333, 16, 1, null, null, null);
        Sd3Shape shape = Sd3Shape.of(sizes);
        Map<BenchKernel, Integer> counts = shape.kernels(declared(shape));
        double image = 1024;
        double text = 333;
        double square = 1536.0 * 1536;
        // Layers on tokens by hand: 12 squares a block and side, 4 more of the second attention; the last block's text
        // has only keys and values.
        double layers = image * square * (24 * 12 + 13 * 4) + text * square * (23 * 12 + 2);
        double ends = image * 1536 * 2 * 64 + text * 4096 * 1536;
        double norms = square * (13 * 9 + 11 * 6 + 23 * 6 + 2 + 2) + 1536.0 * (256 + 1536 + 2048 + 1536);
        double attention =
                2 * 1536 * (23 * (image + text) * (image + text) + image * (image + text) + 13 * image * image);
        assertThat(BenchKernel.operations(counts)).isCloseTo(2 * (layers + ends + norms + attention), within(1.0));
        assertThat(counts)
                .containsEntry(new BenchKernel.Attention(1024, 1024, 1536, 24), 13)
                .containsEntry(new BenchKernel.Attention(1024, 1357, 1536, 24), 1)
                .doesNotContainKey(new BenchKernel.Convolution(16, 1536, 2, 2, 64));
    }

    @Test
    void hasTheWeightsOfFluxAsPublishedAndCountsItsOperations() throws IOException {
        FluxShape shape = FluxShape.of(new TransformerSizes(3072, 19, 64, 512, 16, 1, null, null, null));
        ParameterStore network = declared(shape);
        assertThat(network.shapes().values().stream().mapToLong(Shape::size).sum())
                .isEqualTo(11_901_408_320L);
        double square = 3072.0 * 3072;
        double layers = 1536 * square * (19 * 12 + 38 * 12);
        double ends = 1024.0 * 3072 * 2 * 64 + 512.0 * 4096 * 3072;
        double norms = square * (19 * 12 + 38 * 3 + 2) + 3072.0 * (2 * 256 + 2 * 3072 + 768 + 3072);
        double attention = 2 * 3072.0 * 57 * 1536 * 1536;
        assertThat(BenchKernel.operations(shape.kernels(network)))
                .isCloseTo(2 * (layers + ends + norms + attention), within(1.0));
    }

    @Test
    void takesAsManyBlocksAsThereIsRoomFor() {
        TransformerSizes published = new Sd3BenchmarkFactory().defaults();
        assertThat(BlockCount.of(withMemory(published, 1000.0), 24, 43, 1, 1).count())
                .isEqualTo(24);
        assertThat(BlockCount.of(withMemory(published, 0.5), 24, 43, 1, 1).count())
                .isEqualTo(1);
        BlockCount some = BlockCount.of(withMemory(published, 5.0), 24, 43, 1, 1);
        assertThat(some.count()).isBetween(4, 12);
        assertThat(some.reason()).startsWith(some.count() + " of 24 blocks: 5.0 GB may be used (memory_gb)");
        assertThat(BlockCount.of(published, 24, 43, 1, 1).count()).isBetween(1, 24);
        assertThat(BlockCount.of(tiny(7, 0.001), 24, 43, 1, 1).count()).isEqualTo(7);
    }

    private static TransformerSizes withMemory(TransformerSizes s, double gigabytes) {
        return new TransformerSizes(
                s.width(), null, s.latentSize(), s.textTokens(), s.rank(), s.repeats(), gigabytes, s.folder(), null);
    }

    @ParameterizedTest
    @MethodSource("factories")
    void refusesOtherDevices(Factory<Benchmark, TransformerSizes> factory) {
        assertThatThrownBy(() -> factory.create(factory.defaults(), context("cuda:0")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(factory.name() + " runs on the CPU, not on cuda:0");
    }

    @Test
    void refusesSizesThatDoNotFit() {
        assertThatThrownBy(() -> new TransformerSizes(100, 1, 4, 3, 2, 1, null, null, null))
                .hasMessageContaining("multiple of 128");
        assertThatThrownBy(() -> new TransformerSizes(128, 1, 5, 3, 2, 1, null, null, null))
                .hasMessageContaining("multiple of 2");
        assertThatThrownBy(() -> new TransformerSizes(128, 0, 4, 3, 2, 1, null, null, null))
                .hasMessageContaining("at least 1");
        assertThatThrownBy(() -> new TransformerSizes(128, 1, 4, 3, 2, 1, -1.0, null, null))
                .hasMessageContaining("above 0");
    }

    @Test
    void theLastBlockAloneHasNothingToAdaptForTheText() {
        assertThatThrownBy(() -> Sd3Shape.of(tiny(1, null)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("blocks must be at least 2");
        assertThat(Sd3Shape.of(tiny(2, null)).blocks().count()).isEqualTo(2);
        BlockCount chosen = Sd3Shape.of(tiny(null, 0.001)).blocks();
        assertThat(chosen.count()).as("chosen where not even one fits").isEqualTo(2);
        assertThat(chosen.reason()).contains("memory may not suffice");
        assertThat(Sd3Shape.of(tiny(null, 1000.0)).blocks().reason()).doesNotContain("may not suffice");
    }
}
