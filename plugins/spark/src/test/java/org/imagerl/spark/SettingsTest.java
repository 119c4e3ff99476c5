package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.imagerl.spi.UserException;
import org.imagerl.training.config.RolloutConfig;
import org.imagerl.training.remote.Cluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is settled before the first task: the master, Spark's properties, GPUs, and what the executors are. */
class SettingsTest {
    private static SparkConf conf(String master, Map<String, String> properties) {
        return Configuration.of(new Cluster.Settings(master, properties, false));
    }

    @Test
    void aMasterThatIsNotThereIsSaidAtOnce() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
            String there = "spark://localhost:" + free;
            assertThatCode(() -> Master.requireThere(there)).doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> Master.requireThere("spark://localhost:" + free))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no master answers (localhost:" + free)
                .hasMessageContaining("start-master.sh");
    }

    @Test
    void anAddressOfNoMasterIsRefused() {
        for (String master : List.of("local[2]", "http://host:7077", "yarm")) {
            assertThatThrownBy(() -> Master.requireThere(master))
                    .hasMessageContaining("\"" + master + "\"")
                    .hasMessageContaining(
                            "local-cluster[EXECUTORS,CORES,MEGABYTES], spark://HOST:PORT, yarn or k8s://URL");
        }
    }

    /** One task at a time, and its kernels have the cores of the executor. */
    @Test
    void anExecutorDoesOneThingAtATimeWithAllItsCores() {
        SparkConf local = conf("local-cluster[2,3,1024]", Map.of());
        assertThat(local.get("spark.executor.cores")).isEqualTo("3");
        assertThat(local.get("spark.executor.memory")).isEqualTo("1024m");
        assertThat(local.get("spark.task.cpus")).isEqualTo("3");
        assertThat(local.get("spark.executorEnv.OMP_NUM_THREADS")).isEqualTo("3");
        SparkConf far = conf("spark://h:7077", Map.of("spark.executor.cores", "8", "spark.locality.wait", "1s"));
        assertThat(far.get("spark.task.cpus")).isEqualTo("8");
        assertThat(far.get("spark.locality.wait")).isEqualTo("1s");
        assertThat(conf("yarn", Map.of()).get("spark.executor.cores")).isEqualTo("1");
    }

    @Test
    void aGpuIsTheDeviceOfTheTask() {
        SparkConf with = conf("yarn", Map.of("spark.executor.resource.gpu.amount", "1"));
        assertThat(with.get("spark.task.resource.gpu.amount")).isEqualTo("1");
        Configuration.requireGpu("cuda:0", with);
        assertThat(ExecutorRun.device(List.of("5"))).isEqualTo("cuda:5");
        assertThatThrownBy(() -> ExecutorRun.device(List.of("0", "1"))).hasMessageContaining("[0, 1], expected one");
        assertThatThrownBy(() -> ExecutorRun.device(List.of("GPU-8f2c"))).hasMessageContaining("numbers");
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
        Configuration.requireGpu("cuda:0", conf("local-cluster[2,1,1024]", Map.of("spark.imagerl.gpus", "2")));
    }

    @Test
    void aRunOnGpusNeedsExecutorsWithGpus() {
        SparkConf without = conf("yarn", Map.of());
        assertThatThrownBy(() -> Configuration.requireGpu("cuda:0", without))
                .hasMessageContaining("no executor is given a GPU")
                .hasMessageContaining("spark.executor.resource.gpu.amount=1");
        Configuration.requireGpu("cpu", without);
    }

    @Test
    void hintsAreRefusedBeforeAnythingIsSampled() {
        RolloutConfig.Hints hints = new RolloutConfig.Hints(1, 0, List.of(new RolloutConfig.Hints.Level(4.0, null)));
        assertThatThrownBy(() -> Configuration.refuse(hints))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("rollout.hints")
                .hasMessageContaining("without --spark");
        assertThatCode(() -> Configuration.refuse(null)).doesNotThrowAnyException();
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
