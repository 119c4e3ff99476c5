package org.imagerl.spark;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;

/** The address of a cluster, and whether there is one. */
final class Master {
    private static final Pattern KNOWN = Pattern.compile(
            "local-cluster\\[ *[1-9][0-9]* *, *[1-9][0-9]* *, *[0-9]+ *]|spark://[^/]+:[0-9]+(,[^/]+:[0-9]+)*|yarn|k8s://.+");
    private static final Pattern HOST = Pattern.compile("([^:,/]+):([0-9]{1,5})");
    private static final int CONNECT_MS = 5000;
    private static final int EXECUTORS_S = 300;
    private static final int NOTICE_S = 20;

    private Master() {}

    /**
     * Looks whether a master is there, in seconds where Spark itself would try for a minute.
     *
     * @throws UserException if not, or if this is no address of one
     */
    static void requireThere(String master) {
        if (!KNOWN.matcher(master).matches()) {
            throw UserException.input("--spark: is " + Quote.of(master)
                    + ", expected local-cluster[EXECUTORS,CORES,MEGABYTES], spark://HOST:PORT, yarn or k8s://URL");
        }
        if (!master.startsWith("spark://")) {
            return;
        }
        List<String> tried = new ArrayList<>();
        Matcher hosts = HOST.matcher(master.substring("spark://".length()));
        while (hosts.find()) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(hosts.group(1), Integer.parseInt(hosts.group(2))), CONNECT_MS);
                return;
            } catch (IOException | IllegalArgumentException e) {
                tried.add(hosts.group() + ": " + e.getMessage());
            }
        }
        throw new UserException(
                UserException.Kind.ENVIRONMENT,
                "--spark " + master + ": no master answers ("
                        + String.join("; ", tried)
                        + "); is it started (sbin/start-master.sh), and is the address the one that its log names?");
    }

    /** A master ends the application, and with it the context, when executor after executor cannot be started. */
    static int executors(IntSupplier known, String master) {
        try {
            return known.getAsInt();
        } catch (IllegalStateException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "--spark " + master
                            + ": the master ended the application before an executor had come: none could be"
                            + " started. The logs are in the folder work/ of Spark's workers; docs/cluster.md says what"
                            + " executors need",
                    e);
        }
    }

    /**
     * Waits for the first executor.
     *
     * @param notices takes a line for the user if none comes at once
     * @throws UserException if none comes at all
     */
    static void requireExecutors(JavaSparkContext spark, String master, Consumer<String> notices) {
        int patience = spark.getConf().getInt("spark.imagerl.executorsTimeout", EXECUTORS_S);
        long begun = System.nanoTime();
        boolean noticed = false;
        while (executors(() -> spark.sc().getExecutorMemoryStatus().size(), master) < 2) { // the driver is one
            long seconds = (System.nanoTime() - begun) / 1_000_000_000L;
            if (seconds >= patience) {
                throw new UserException(UserException.Kind.ENVIRONMENT, missing(spark.getConf(), master, seconds));
            }
            if (seconds >= NOTICE_S && !noticed) {
                notices.accept(missing(spark.getConf(), master, seconds) + ". Waiting for " + patience
                        + " s (spark.imagerl.executorsTimeout)");
                noticed = true;
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while executors start", e);
            }
        }
    }

    /** The message that no executor has come in so many seconds, with what each would need. */
    static String missing(SparkConf conf, String master, long seconds) {
        String gpus = conf.get("spark.executor.resource.gpu.amount", "");
        return "--spark " + master + ": no executor has come in " + seconds + " s. Each needs cores: "
                + conf.get("spark.executor.cores") + ", memory: " + conf.get("spark.executor.memory", "1g")
                + (gpus.isEmpty() ? "" : ", GPUs that the cluster knows of: " + gpus)
                + ". Has one worker all of that, and is it free? If executors begin and end at once, their logs in the folder"
                + " work/ of Spark's workers say why";
    }
}
