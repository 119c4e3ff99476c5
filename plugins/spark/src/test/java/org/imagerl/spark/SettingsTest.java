package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.imagerl.scoring.ScoringCluster;
import org.imagerl.spi.UserException;
import org.imagerl.training.config.RolloutConfig;
import org.junit.jupiter.api.Test;

/** What is settled before the first task: the master, Spark's properties, GPUs, and what the executors are. */
class SettingsTest {
    private static SparkConf conf(String master, Map<String, String> properties) {
        return Configuration.of(new ScoringCluster.Settings(master, properties, false, "cpu"));
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

    /** Spark says this of a context that the master has ended because no executor could be started. */
    @Test
    void anApplicationThatTheMasterEndedIsNoInternalError() {
        assertThat(Master.executors(() -> 3, "yarn")).isEqualTo(3);
        assertThatThrownBy(() -> Master.executors(
                        () -> {
                            throw new IllegalStateException("Cannot call methods on a stopped SparkContext.");
                        },
                        "local-cluster[2,1,1024]"))
                .isInstanceOfSatisfying(
                        UserException.class, e -> assertThat(e.kind()).isEqualTo(UserException.Kind.ENVIRONMENT))
                .hasMessageContaining("--spark local-cluster[2,1,1024]: the master ended the application")
                .hasMessageContaining("docs/cluster.md");
    }

    @Test
    void whatExecutorsWereToHaveIsSaidIfNoneComes() {
        SparkConf conf = conf("yarn", Map.of("spark.executor.cores", "4", "spark.executor.resource.gpu.amount", "1"));
        assertThat(Master.missing(conf, "yarn", 12))
                .contains("no executor has come in 12 s")
                .contains("cores: 4, memory: 1g, GPUs that the cluster knows of: 1");
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
        SparkConf plain = conf("yarn", Map.of());
        assertThat(plain.get("spark.executor.cores")).isEqualTo("1");
        assertThat(plain.get("spark.executor.extraJavaOptions")).contains("-XX:Tier4InvocationThreshold=50000 ");
    }

    /** Executors get the jar from Spark then, and float32 stays exact. */
    @Test
    void whatSparkSubmitHasBegunIsSetAsTheStartScriptWould() {
        SparkConf conf = conf("yarn", Map.of("spark.submit.deployMode", "client"));
        assertThat(conf.contains("spark.executor.extraClassPath")).isFalse();
        assertThat(conf.get("spark.log.level")).isEqualTo("WARN");
        assertThat(conf.get("spark.executorEnv.NVIDIA_TF32_OVERRIDE")).isEqualTo("0");
        assertThat(conf("yarn", Map.of()).contains("spark.log.level")).isFalse();
    }

    @Test
    void anExecutorWithAGpuGivesItToItsTask() {
        SparkConf with = conf("yarn", Map.of("spark.executor.resource.gpu.amount", "1"));
        assertThat(with.get("spark.task.resource.gpu.amount")).isEqualTo("1");
        Configuration.requireGpu("cuda:0", with);
    }

    @Test
    void aRunOnGpusNeedsExecutorsWithGpus() {
        SparkConf without = conf("yarn", Map.of());
        assertThatThrownBy(() -> Configuration.requireGpu("cuda:0", without))
                .hasMessageContaining("no executor is given a GPU")
                .hasMessageContaining("spark.executor.resource.gpu.amount=1");
        Configuration.requireGpu("cpu", without);
        SparkConf here = conf("local-cluster[2,1,1024]", Map.of("spark.executor.resource.gpu.amount", "1"));
        assertThatThrownBy(() -> Configuration.requireGpu("auto", here))
                .hasMessageContaining("workers of a local-cluster know of no GPUs")
                .hasMessageContaining("spark.imagerl.gpus=NUMBER");
        Configuration.requireGpu("cuda:0", conf("local-cluster[2,1,1024]", Map.of("spark.imagerl.gpus", "2")));
    }

    @Test
    void hintsAreRefusedBeforeAnythingIsSampled() {
        RolloutConfig.Hints hints =
                new RolloutConfig.Hints(1, 0, List.of(new RolloutConfig.Hints.Level(4.0, null, null, null)));
        assertThatThrownBy(() -> Configuration.refuse(hints))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("rollout.hints")
                .hasMessageContaining("without --spark");
        assertThatCode(() -> Configuration.refuse(null)).doesNotThrowAnyException();
    }
}
