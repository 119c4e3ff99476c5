package org.imagerl.toolkit.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Nearest;
import org.junit.jupiter.api.Test;

class KeyReportTest {
    private static final Map<String, Shape> MODEL =
            Map.of("conv_in.weight", new Shape(8, 4, 3, 3), "conv_in.bias", new Shape(8), "norm.weight", new Shape(8));

    @Test
    void equalNamesAndShapesPass() {
        assertThatCode(() -> KeyReport.check("f", MODEL, Map.copyOf(MODEL))).doesNotThrowAnyException();
    }

    @Test
    void everyDifferenceIsListedByNameInOneMessage() {
        Map<String, Shape> found = Map.of(
                "conv_in.weight", new Shape(8, 4, 1, 1), "conv_in.bias", new Shape(8), "norms.weight", new Shape(8));

        assertThatThrownBy(() -> KeyReport.check("unet/x.safetensors", MODEL, found))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("unet/x.safetensors: ")
                .hasMessageContaining("missing: \"norm.weight\"")
                .hasMessageContaining("unexpected: \"norms.weight\"; did you mean norm.weight?")
                .hasMessageContaining("of the wrong shape: \"conv_in.weight\": (8, 4, 1, 1) in the file, (8, 4, 3, 3)");
    }

    @Test
    void longListsAreCutAndCounted() {
        Map<String, Shape> found =
                IntStream.range(0, 5000).boxed().collect(Collectors.toMap(i -> "strange." + i, i -> new Shape()));

        KeyReport report = KeyReport.compare("f", MODEL, found);

        assertThat(report.unexpected()).hasSize(21).last().isEqualTo("and 4980 more");
        assertThat(report.missing()).hasSize(3);
    }

    @Test
    void namesThatAreNothingAlikeGetNoHint() {
        assertThat(Nearest.to("zzzzzz", MODEL.keySet())).isEmpty();
        assertThat(Nearest.to("x".repeat(10_000), MODEL.keySet())).isEmpty();
        assertThat(Nearest.hint("conv_in.wieght", MODEL.keySet())).isEqualTo("; did you mean conv_in.weight?");
    }
}
