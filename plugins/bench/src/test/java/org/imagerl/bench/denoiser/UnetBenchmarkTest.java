package org.imagerl.bench.denoiser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UnetBenchmarkTest {
    private static Context context(String device) {
        return new Context(Path.of("."), device, 1, warning -> {});
    }

    @Test
    void reportsEveryPhaseAndLeavesNothingBehind(@TempDir Path folder) {
        List<String> lines = new ArrayList<>();
        UnetBenchmarkFactory.Config tiny =
                new UnetBenchmarkFactory.Config(List.of(32, 64), 16, 8, 2, 1, folder.toString(), null);
        new UnetBenchmarkFactory().create(tiny, context("cpu")).run(lines::add);
        lines.forEach(System.out::println);
        assertThat(lines)
                .anySatisfy(line -> assertThat(line).startsWith("load "))
                .anySatisfy(line -> assertThat(line).startsWith("forward "))
                .anySatisfy(line -> assertThat(line).contains("s convolution,"))
                .anySatisfy(line -> assertThat(line).contains("s product,"))
                .anySatisfy(line -> assertThat(line).contains("s attention,"))
                .anySatisfy(line -> assertThat(line).contains("without checkpointing"))
                .anySatisfy(line -> assertThat(line).contains("with checkpointing"))
                .anySatisfy(line -> assertThat(line).startsWith("call "))
                .noneSatisfy(line -> assertThat(line).contains("NaN"));
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @EnumSource(DenoiserBenchmark.Work.class)
    void measuresOneKindOfWorkAlone(DenoiserBenchmark.Work work, @TempDir Path folder) {
        List<String> lines = new ArrayList<>();
        UnetBenchmarkFactory.Config tiny =
                new UnetBenchmarkFactory.Config(List.of(32, 64), 16, 8, 2, 3, folder.toString(), work);
        new UnetBenchmarkFactory().create(tiny, context("cpu")).run(lines::add);
        assertThat(lines).hasSize(1 + 3);
        assertThat(lines.subList(1, 4))
                .allSatisfy(line -> assertThat(line).matches("clock [0-9.]+ s, processor [0-9.]+ s, peak [0-9.]+ GB"));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void refusesOtherDevicesAndShapesThatDoNotFit() {
        UnetBenchmarkFactory factory = new UnetBenchmarkFactory();
        assertThatThrownBy(() -> factory.create(factory.defaults(), context("cuda:0")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("runs on the CPU, not on cuda:0");
        assertThatThrownBy(() -> new UnetBenchmarkFactory.Config(List.of(32, 40), 8, 8, 1, 1, null, null))
                .hasMessageContaining("multiples of 32");
        assertThatThrownBy(() -> new UnetBenchmarkFactory.Config(List.of(32, 32, 32), 8, 6, 1, 1, null, null))
                .hasMessageContaining("multiple of 4");
    }
}
