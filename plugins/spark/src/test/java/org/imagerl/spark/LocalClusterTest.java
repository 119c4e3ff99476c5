package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The cluster of these tests is one: its executors are other processes than this one. */
@ExtendWith(LocalCluster.class)
class LocalClusterTest {
    @Test
    void otherProcessesCompute() {
        List<Long> processes = LocalCluster.context()
                .parallelize(List.of(1, 2, 3, 4), 4)
                .map(number -> ProcessHandle.current().pid())
                .collect();
        Set<Long> different = new TreeSet<>(processes);
        assertThat(different)
                .hasSizeBetween(1, 2)
                .doesNotContain(ProcessHandle.current().pid());
    }
}
