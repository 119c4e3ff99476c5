package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeMemoryTest {
    @TempDir
    Path root;

    @Test
    void whatIsFreeIsWhatTheMachineSays() throws IOException {
        write("proc/meminfo", "MemTotal:       24000 kB\nMemAvailable:   3000 kB\nSwapFree:       1000 kB\n");
        assertThat(free()).isEqualTo(4000 * 1024);
    }

    @Test
    void aLimitOfAnyGroupAroundTheProcessHolds() throws IOException {
        write("proc/meminfo", "MemAvailable:   3000000 kB\nSwapFree:       0 kB\n");
        write("proc/self/cgroup", "0::/user/session\n");
        write("sys/fs/cgroup/user/memory.max", "1000000\n");
        write("sys/fs/cgroup/user/memory.current", "400000\n");
        write("sys/fs/cgroup/user/memory.stat", "anon 300000\ninactive_file 100000\n");
        write("sys/fs/cgroup/user/session/memory.max", "max\n");
        assertThat(free()).isEqualTo(700_000);
    }

    @Test
    void aLimitOfAnOldContainerHolds() throws IOException {
        write("proc/meminfo", "MemAvailable:   3000000 kB\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "500000");
        write("sys/fs/cgroup/memory/memory.usage_in_bytes", "600000");
        assertThat(free()).isZero();
    }

    @Test
    void whereNothingIsToldTheMachinesMemoryIsTheLimit() {
        assertThat(free()).isGreaterThan(1 << 20).isLessThan(1L << 50);
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheNumbers() {
        assertThatThrownBy(() -> FreeMemory.require(1L << 60, "one image of 9 x 9 pixels", "lower --width"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("one image of 9 x 9 pixels takes at least 1152921504.6 GB of memory")
                .hasMessageEndingWith("GB are free; lower --width");
    }

    private long free() {
        return new FreeMemory(root).bytes();
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
