package org.imagerl.ctrl.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.random.RandomStreams;
import org.junit.jupiter.api.Test;

class ControlScalesTest {
    private static final ControlScales RANGE = ControlScales.of(List.of(), List.of(0.5, 4.0));
    private static final Prompt FREE = Prompt.of("p", "the cat");

    private static double drawn(long epoch, long index) {
        Prompt prompt = RANGE.drawn(FREE, new RandomStreams(3).seed("told", epoch, index));
        return ControlScale.of(prompt).orElseThrow();
    }

    @Test
    void logarithmsOfDrawsAreUniform() {
        int count = 20_000;
        double[] u = IntStream.range(0, count)
                .mapToDouble(i -> Math.log(drawn(i / 8, i % 8) / 0.5) / Math.log(8))
                .sorted()
                .toArray();
        assertThat(u[0]).isBetween(0.0, 0.001);
        assertThat(u[count - 1]).isBetween(0.999, 1.0);
        double distance = 0; // Kolmogorov and Smirnov
        for (int i = 0; i < count; i++) {
            distance = Math.max(distance, Math.abs(u[i] - (i + 0.5) / count));
        }
        assertThat(distance).isLessThan(1.63 / Math.sqrt(count)); // one per cent of samples lie beyond
        assertThat(Arrays.stream(u).distinct().count()).isEqualTo(count);
    }

    @Test
    void drawsDependOnEpochAndPromptAlone() {
        assertThat(drawn(4, 1)).isEqualTo(drawn(4, 1)).isNotEqualTo(drawn(5, 1)).isNotEqualTo(drawn(4, 2));
        Prompt drawn = RANGE.drawn(FREE, 1);
        assertThat(drawn.id()).isEqualTo("p"); // of one group with what other epochs are conditioned on
        assertThat(RANGE.logScale(drawn))
                .isCloseTo(Math.log(ControlScale.of(drawn).orElseThrow()), within(1e-12));
    }

    @Test
    void whatAPromptSaysIsKept() {
        Prompt own = ClassPrompts.with(FREE, "", Map.of(Control.STRENGTH, "2"));
        assertThat(RANGE.drawn(own, 1)).isEqualTo(own);
        assertThat(new ControlScales.None().drawn(FREE, 1)).isEqualTo(FREE);
        assertThat(ControlScales.of(List.of(1.0, 2.0), List.of()).drawn(FREE, 1))
                .isEqualTo(FREE);
    }

    @Test
    void withoutAWishOneIsToldOrWhatIsNearestToIt() {
        assertThat(RANGE.logScale(FREE)).isZero();
        assertThat(ControlScales.of(List.of(), List.of(2.0, 8.0)).logScale(FREE))
                .isCloseTo(Math.log(2), within(1e-12));
        assertThat(ControlScales.of(List.of(), List.of(0.1, 0.5)).logScale(FREE))
                .isCloseTo(Math.log(0.5), within(1e-12));
        assertThat(ControlScales.of(List.of(8.0, 2.0), List.of()).logScale(FREE))
                .isCloseTo(Math.log(2), within(1e-12));
    }

    @Test
    void betweenListedOnesTheModelMayBeToldOthersAndBeyondThemNone() {
        ControlScales listed = ControlScales.of(List.of(2.0, 0.5, 1.0), List.of());
        listed.require(1.5, "");
        assertThatThrownBy(() -> listed.require(50, "it"))
                .hasMessage("it must be within the range that is trained, 0.5 to 2.0, not 50.0");
    }

    @Test
    void outsideOfTheRangeIsRefused() {
        for (String outside : List.of("0.49", "4.01")) {
            assertThatThrownBy(() -> RANGE.logScale(ClassPrompts.with(FREE, "", Map.of(Control.STRENGTH, outside))))
                    .isInstanceOf(UserException.class)
                    .hasMessage("prompt p: control_strength must be within the range that is trained, 0.5 to 4.0, not "
                            + outside);
        }
        for (double end : List.of(0.5, 4.0)) {
            RANGE.require(end, "");
        }
    }

    @Test
    void whatIsNoRangeIsRefused() {
        assertThatThrownBy(() -> ControlScales.of(List.of(), List.of(4.0, 0.5)))
                .hasMessageContaining("the lower first");
        assertThatThrownBy(() -> ControlScales.of(List.of(), List.of(0.0, 1.0))).hasMessageContaining("above 0");
        assertThatThrownBy(() -> ControlScales.of(List.of(), List.of(1.0, Double.POSITIVE_INFINITY)))
                .hasMessageContaining("gamma_range");
        assertThatThrownBy(() -> ControlScales.of(List.of(), List.of(1.0))).hasMessageContaining("two numbers, not 1");
        assertThatThrownBy(() -> ControlScales.of(List.of(1.0, 2.0), List.of(1.0, 2.0)))
                .hasMessageContaining("exclude each other");
    }
}
