package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.imagerl.training.loop.RunExecutors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A run that two executors of Spark compute is the run that threads compute, to the bit. */
@ExtendWith(LocalCluster.class)
class SparkTrainingTest {
    @TempDir
    private static Path scratch;

    private static SmallRun threads;

    @BeforeAll
    static void trainWithThreads() {
        threads = new SmallRun(scratch.resolve("threads"));
        assertThat(threads.start(RunExecutors.THREADS).finished()).isTrue();
    }

    @Test
    void twoExecutorsTrainTheSameToTheBit() {
        SmallRun spark = new SmallRun(scratch.resolve("spark"));
        assertThat(spark.start(LocalCluster.cluster().executors()).finished()).isTrue();
        spark.requireSame(threads);
    }
}
