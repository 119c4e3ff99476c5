package org.imagerl.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DdimGridTest {

    /** By hand from the numpy expressions of diffusers' set_timesteps; halves round to even. */
    @ParameterizedTest
    @CsvSource({
        "LEADING, 7, 853 711 569 427 285 143 1",
        "LINSPACE, 7, 999 832 666 500 333 166 0",
        "TRAILING, 7, 999 856 713 570 428 285 142",
        "LINSPACE, 1, 0",
        "TRAILING, 1, 999",
    })
    void stepsThatDoNotDivideTheScheduleAreRoundedAsInDiffusers(TimestepSpacing spacing, int steps, String expected) {
        DdimGrid grid = grid(spacing, steps);
        String timesteps = String.join(
                " ",
                IntStream.range(0, steps).mapToObj(i -> "" + grid.timestep(i)).toList());
        assertThat(timesteps).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(TimestepSpacing.class)
    void everyNumberOfStepsGivesThatManyFallingTimestepsAndFallingNoise(TimestepSpacing spacing) {
        SchedulerConfig config = config(spacing);
        NoiseSchedule schedule = NoiseSchedule.of(config);
        for (int steps = 1; steps < 1000; steps++) {
            DdimGrid grid = DdimGrid.of(config, schedule, steps, LastStep.SCHEDULE_END);
            assertThat(grid.steps()).isEqualTo(steps);
            assertThat(grid.timestep(0)).isLessThan(1000);
            assertThat(grid.timestep(steps - 1)).isNotNegative();
            int[] wrong = IntStream.range(0, steps).filter(i -> !falls(grid, i)).toArray();
            assertThat(wrong).as("steps out of order of %d, %s", steps, spacing).isEmpty();
        }
    }

    private static boolean falls(DdimGrid grid, int i) {
        boolean ordered = i == 0 || grid.timestep(i) < grid.timestep(i - 1);
        return ordered && grid.to(i).alphaBar() >= grid.from(i).alphaBar();
    }

    @Test
    void leadingStepsEndWhereTheNextOneBegins() {
        DdimGrid grid = grid(TimestepSpacing.LEADING, 30);
        for (int i = 0; i < 29; i++) {
            assertThat(grid.previousTimestep(i)).isEqualTo(grid.timestep(i + 1));
            assertThat(grid.to(i)).isEqualTo(grid.from(i + 1));
        }
        assertThat(grid.previousTimestep(29)).isNegative();
    }

    @Test
    void aNumberOfStepsThatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> grid(TimestepSpacing.TRAILING, 0)).isInstanceOf(UserException.class);
        assertThatThrownBy(() -> grid(TimestepSpacing.TRAILING, 1001)).hasMessageContaining("1 to 1000");
        assertThatThrownBy(() -> grid(TimestepSpacing.LEADING, 1000)).hasMessageContaining("begin at timestep 1000");
    }

    private static DdimGrid grid(TimestepSpacing spacing, int steps) {
        SchedulerConfig config = config(spacing);
        return DdimGrid.of(config, NoiseSchedule.of(config), steps, LastStep.SCHEDULE_END);
    }

    private static SchedulerConfig config(TimestepSpacing spacing) {
        return Schedulers.read(Schedulers.STABLE_DIFFUSION + ", \"timestep_spacing\": \"" + spacing.key() + "\"");
    }
}
