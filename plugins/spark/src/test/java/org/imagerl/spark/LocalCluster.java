package org.imagerl.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.ScoringCluster;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A cluster of two executors on this machine, each a process of its own, with Spark's jars as the build has them. It is shared by all tests of a JVM.
 * Spark starts its executors from the folder {@code jars/} in the folder that the environment variable SPARK_HOME names; it is made here of links to
 * the class path.
 */
final class LocalCluster implements BeforeAllCallback {
    static final Registry REGISTRY = Registry.load(List.of());
    static final List<String> NOTICES = Collections.synchronizedList(new ArrayList<>());

    private static volatile ScoringCluster shared;

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .getOrComputeIfAbsent(LocalCluster.class, key -> start(), ScoringCluster.class);
    }

    static SparkCluster cluster() {
        return (SparkCluster) shared;
    }

    static JavaSparkContext context() {
        return JavaSparkContext.fromSparkContext(SparkContext.getOrCreate());
    }

    /** Spark says things on a thread of its own, perhaps after the run has ended. */
    static void awaitNotice(int first, String text) {
        for (int i = 0; i < 600; i++) {
            if (NOTICES.subList(first, NOTICES.size()).stream().anyMatch(line -> line.contains(text))) {
                return;
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new AssertionError("no notice with \"" + text + "\" in " + NOTICES.subList(first, NOTICES.size()));
    }

    private static ScoringCluster start() {
        linkJars(Path.of(System.getenv("SPARK_HOME"), "jars"));
        Map<String, String> properties = Map.of(
                // One test has an executor that fails; the next one gives it work again.
                "spark.excludeOnFailure.timeout",
                "100ms",
                // What an executor had that is dead is not waited for: three times 5 s by default.
                "spark.shuffle.io.retryWait",
                "100ms",
                // A machine may be so busy that an executor takes minutes to start, or stands still.
                "spark.network.timeout",
                "600s",
                "spark.imagerl.executorsTimeout",
                "1800",
                "spark.executor.extraJavaOptions",
                "-Dai.djl.offline=true -DOPT_OUT_TRACKING=true -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
                        + " -Dproject.root=" + System.getProperty("project.root"));
        shared = new SparkConnector()
                .connect(
                        new ScoringCluster.Settings("local-cluster[2,1,1024]", properties, false, "cpu"),
                        REGISTRY,
                        NOTICES::add);
        return shared;
    }

    private static void linkJars(Path jars) {
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        try {
            Files.createDirectories(jars);
            for (String entry : classes.split(File.pathSeparator)) {
                Path jar = Path.of(entry);
                Path link = jars.resolve(jar.getFileName());
                if (entry.endsWith(".jar") && !Files.exists(link)) {
                    Files.createSymbolicLink(link, jar);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
