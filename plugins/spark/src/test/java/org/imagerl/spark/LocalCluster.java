package org.imagerl.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A cluster of two executors on this machine, each a process of its own, with Spark's jars as the build has them. It is shared by all tests of a JVM.
 * Spark starts its executors from the folder {@code jars/} in the folder that the environment variable SPARK_HOME names; it is made here of links to
 * the class path.
 */
final class LocalCluster implements BeforeAllCallback {
    private static volatile JavaSparkContext shared;

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .getOrComputeIfAbsent(LocalCluster.class, key -> new Running(start()), Running.class);
    }

    /** Stopped when all tests have ended. */
    private record Running(JavaSparkContext context) implements AutoCloseable {
        @Override
        public void close() {
            context.stop();
        }
    }

    static JavaSparkContext context() {
        return shared;
    }

    private static JavaSparkContext start() {
        List<String> classes =
                List.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator));
        linkJars(Path.of(System.getenv("SPARK_HOME"), "jars"), classes);
        shared = new JavaSparkContext(new SparkConf()
                .setMaster("local-cluster[2,1,1024]")
                .setAppName("tests")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.executor.extraClassPath", String.join(File.pathSeparator, classes))
                .set("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"));
        return shared;
    }

    private static void linkJars(Path jars, List<String> classes) {
        try {
            Files.createDirectories(jars);
            for (String entry : classes) {
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
