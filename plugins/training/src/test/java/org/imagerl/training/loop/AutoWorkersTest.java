package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AutoWorkersTest {

    @Test
    void everyWorkerHasAThreadAShardABatchAndAMicroBatch() {
        assertThat(AutoWorkers.most(2, 64, 8, 4)).isEqualTo(2);
        assertThat(AutoWorkers.most(16, 3, 8, 4)).isEqualTo(3);
        assertThat(AutoWorkers.most(16, 64, 8, 4)).isEqualTo(4);
        assertThat(AutoWorkers.most(16, 64, 1, 4)).isEqualTo(1);
    }
}
