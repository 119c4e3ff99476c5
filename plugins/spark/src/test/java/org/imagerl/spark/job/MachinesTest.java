package org.imagerl.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GPUs and processors of executors. */
class MachinesTest {
    @Test
    void aGpuIsTheDeviceOfTheTask() {
        assertThat(TaskDevice.of(List.of("5"))).isEqualTo("cuda:5");
        assertThatThrownBy(() -> TaskDevice.of(List.of("0", "1"))).hasMessageContaining("[0, 1], expected one");
        assertThatThrownBy(() -> TaskDevice.of(List.of("GPU-8f2c"))).hasMessageContaining("numbers");
    }

    @Test
    void theExecutorsOfOneMachineTakeDifferentGpus(@TempDir Path folder) throws IOException {
        GpuClaim first = GpuClaim.of(folder, "app-1", 2);
        GpuClaim second = GpuClaim.of(folder, "app-1", 2);
        assertThat(List.of(first.device(), second.device())).containsExactly("cuda:0", "cuda:1");
        assertThatThrownBy(() -> GpuClaim.of(folder, "app-1", 2)).hasMessageContaining("local-cluster[2,CORES");
        first.release();
        GpuClaim third = GpuClaim.of(folder, "app-1", 2);
        assertThat(third.device()).isEqualTo("cuda:0");
        second.release();
        third.release();
    }

    @Test
    void processorsOfDifferentKindsAreWarnedOfOnce() {
        List<String> lines = new ArrayList<>();
        Processors processors = new Processors(lines::add);
        processors.met(List.of(new Machine("0", "a", "Xeon"), new Machine("1", "b", "Xeon")));
        assertThat(lines).isEmpty();
        processors.met(List.of(new Machine("2", "c", "EPYC")));
        processors.met(List.of(new Machine("0", "a", "Xeon"), new Machine("2", "c", "EPYC")));
        assertThat(lines).singleElement().asString().contains("EPYC, Xeon").contains("to the bit");
    }
}
