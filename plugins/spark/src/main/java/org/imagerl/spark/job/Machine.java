package org.imagerl.spark.job;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;

/**
 * Where an executor is.
 *
 * @param executor as Spark calls it
 * @param host its name or address
 * @param processor the kind of its processor: numbers of two kinds differ in their last digits
 */
public record Machine(String executor, String host, String processor) implements Serializable {

    /** This process. */
    public static Machine here() {
        SparkEnv spark = SparkEnv.get();
        return new Machine(
                spark.executorId(), spark.blockManager().blockManagerId().host(), Processor.NAME);
    }

    @Override
    public String toString() {
        return "executor " + executor + " on " + host;
    }

    /** Read once. */
    private static final class Processor {
        static final String NAME = name(Path.of("/proc/cpuinfo"));

        private static String name(Path description) {
            try (Stream<String> lines = Files.lines(description)) {
                return lines.filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).trim())
                        .findFirst()
                        .orElseGet(() -> System.getProperty("os.arch", ""));
            } catch (IOException e) {
                return System.getProperty("os.arch", "");
            }
        }
    }
}
