package org.imagerl.spark;

import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.imagerl.scoring.ScoringCluster;
import org.imagerl.spark.job.TaskDevice;
import org.imagerl.spi.UserException;
import org.imagerl.training.config.RolloutConfig;
import org.jspecify.annotations.Nullable;

/** What imagerl asks of Spark unless the user, or the spark-submit that began this process, has said something else. */
final class Configuration {
    private static final Pattern LOCAL_CLUSTER =
            Pattern.compile("local-cluster\\[ *[0-9]+ *, *([0-9]+) *, *([0-9]+) *]");

    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("spark.app.name", "imagerl"),
            Map.entry("spark.ui.enabled", "false"),
            // The nearest data is no reason to let an executor wait: a batch takes longer than its way.
            Map.entry("spark.locality.wait", "0s"),
            // An executor with which something is wrong gets a task twice, and then another one gets it.
            Map.entry("spark.excludeOnFailure.enabled", "true"),
            Map.entry("spark.excludeOnFailure.task.maxTaskAttemptsPerExecutor", "2"),
            Map.entry("spark.excludeOnFailure.task.maxTaskAttemptsPerNode", "3"),
            Map.entry("spark.scheduler.excludeOnFailure.unschedulableTaskSetTimeout", "10s"),
            // An executor that stands still is given up: heartbeats come from a thread of their own, whatever is
            // computed.
            Map.entry("spark.network.timeout", "60s"),
            Map.entry("spark.network.timeoutInterval", "10s"),
            // A few gradients of adapters come with the message that their task has ended, not after it.
            Map.entry("spark.task.maxDirectResultSize", "16m"),
            // With spark.speculation: tasks of a stage are equally large, so that one of 1.5 times the usual length is
            // late.
            Map.entry("spark.speculation.quantile", "0.75"),
            Map.entry("spark.speculation.multiplier", "1.5"),
            // Floats of gradients do not get smaller.
            Map.entry("spark.shuffle.compress", "false"),
            Map.entry("spark.broadcast.compress", "false"),
            // What the driver remembers of tasks is for Spark's page, which is off; the default is 100,000 of them.
            Map.entry("spark.ui.retainedTasks", "1000"),
            Map.entry("spark.ui.retainedJobs", "10"),
            Map.entry("spark.ui.retainedStages", "10"),
            // Whole weights may pass.
            Map.entry("spark.driver.maxResultSize", "0"));

    /**
     * Java's second compiler begins at a tenfold of its usual number of calls, for this process by the start script. Both compute in native code, and
     * compiling Spark, Netty and Scala for speed takes their cores for many minutes; what is really called often is still compiled.
     */
    private static final String LATER_COMPILER =
            "-XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000"
                    + " -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000";

    /** As the start script sets them for a process that computes, with the reasons there. */
    private static final List<String> PASSED_ON = List.of(
            "OMP_WAIT_POLICY",
            "MALLOC_MMAP_THRESHOLD_",
            "MALLOC_TRIM_THRESHOLD_",
            "MALLOC_TOP_PAD_",
            "MALLOC_ARENA_MAX",
            "GLIBC_TUNABLES",
            "THP_MEM_ALLOC_ENABLE",
            "RUST_FLAVOR",
            "ORT_DISABLE_TELEMETRY",
            "NVIDIA_TF32_OVERRIDE",
            "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
            "IMAGERL_CACHE_DIR",
            "DJL_CACHE_DIR",
            "SPARK_SCALA_VERSION");

    /** What the start script would have set, where spark-submit has begun this process instead. */
    private static final Map<String, String> WITHOUT_START_SCRIPT = Map.of(
            "spark.executorEnv.RUST_FLAVOR",
            "cpu",
            "spark.executorEnv.ORT_DISABLE_TELEMETRY",
            "1",
            "spark.log.level",
            "WARN"); // Spark's own logging: else several lines per task

    private Configuration() {}

    static SparkConf of(ScoringCluster.Settings settings) {
        SparkConf conf = new SparkConf().setMaster(settings.master()); // with what spark-submit has set
        settings.properties().forEach(conf::set);
        DEFAULTS.forEach(conf::setIfMissing);
        Matcher local = LOCAL_CLUSTER.matcher(settings.master());
        if (local.matches()) {
            conf.setIfMissing("spark.executor.cores", local.group(1));
            conf.setIfMissing("spark.executor.memory", local.group(2) + "m");
            // Whatever the name of this machine resolves to.
            conf.setIfMissing("spark.driver.host", "127.0.0.1");
            conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
        }
        if (!conf.contains("spark.submit.deployMode")) {
            // Not begun by spark-submit: the executors find the classes of this process, under the same path.
            String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
            conf.setIfMissing("spark.executor.extraClassPath", absolute(classes));
        }
        String libraries = System.getProperty("jna.library.path"); // of another PyTorch
        conf.setIfMissing(
                "spark.executor.extraJavaOptions",
                "-Djava.awt.headless=true -Dai.djl.offline=true -DOPT_OUT_TRACKING=true " + LATER_COMPILER
                        + (libraries == null ? "" : " '-Djna.library.path=" + libraries + "'"));
        conf.setIfMissing("spark.executor.cores", "1");
        String cores = conf.get("spark.executor.cores");
        // An executor has one checkpoint in its memory, and does one thing at a time with all its cores.
        conf.setIfMissing("spark.task.cpus", cores);
        conf.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", conf.get("spark.task.cpus"));
        PASSED_ON.forEach(name -> {
            if (System.getenv(name) != null) {
                conf.setIfMissing("spark.executorEnv." + name, System.getenv(name));
            }
        });
        if (conf.contains("spark.submit.deployMode")) {
            WITHOUT_START_SCRIPT.forEach(conf::setIfMissing);
            if (!conf.contains("spark.executorEnv.TORCH_ALLOW_TF32_CUBLAS_OVERRIDE")) {
                conf.setIfMissing("spark.executorEnv.NVIDIA_TF32_OVERRIDE", "0");
            }
        }
        if (conf.contains("spark.executor.resource.gpu.amount")) {
            conf.setIfMissing("spark.task.resource.gpu.amount", "1");
        }
        return conf;
    }

    private static String absolute(String classPath) {
        StringBuilder absolute = new StringBuilder();
        for (String entry : classPath.split(File.pathSeparator)) {
            absolute.append(absolute.isEmpty() ? "" : File.pathSeparator).append(new File(entry).getAbsolutePath());
        }
        return absolute.toString();
    }

    /**
     * Makes sure that executors have GPUs if the run asks for one, and that a {@code local-cluster} can give them.
     *
     * @param device that is asked for
     */
    static void requireGpu(String device, SparkConf conf) {
        if (LOCAL_CLUSTER.matcher(conf.get("spark.master")).matches()
                && conf.contains("spark.executor.resource.gpu.amount")
                && !conf.contains("spark.worker.resource.gpu.amount")) {
            throw UserException.input(
                    "--spark-conf spark.executor.resource.gpu.amount: the workers of a local-cluster know"
                            + " of no GPUs, and no executor would come; give it --spark-conf " + TaskDevice.GPUS
                            + "=NUMBER in its place, the GPUs of this machine");
        }
        if (device.startsWith("cuda")
                && !conf.contains("spark.task.resource.gpu.amount")
                && !conf.contains(TaskDevice.GPUS)) {
            throw UserException.input("device: is " + device + ", but no executor is given a GPU; add --spark-conf"
                    + " spark.executor.resource.gpu.amount=1 on a cluster or --spark-conf " + TaskDevice.GPUS
                    + "=NUMBER on one machine (docs/cluster.md), or --set device=cpu to train and --device cpu"
                    + " to score");
        }
    }

    /**
     * Makes sure that no rollout is mended: a rollout lies in parts on several executors.
     *
     * @param hints of the run's configuration, or null
     */
    static void refuse(RolloutConfig.@Nullable Hints hints) {
        if (hints != null) {
            throw UserException.input(
                    "rollout.hints: replace samples of a rollout, whose parts lie on several executors"
                            + " here; train without --spark, or without hints");
        }
    }
}
