package org.imagerl.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.imagerl.spi.UserException;
import scala.Function1;
import scala.Function2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/** Runs jobs, and says what went wrong on the executors. */
final class Jobs {
    private static final long LOOK_MS = 200;

    private final JavaSparkContext spark;
    private final TaskFailures failures;
    private final Consumer<String> notices;

    /** @param notices takes lines for the user */
    Jobs(JavaSparkContext spark, Consumer<String> notices) {
        this.spark = spark;
        this.notices = notices;
        this.failures = new TaskFailures(
                notices, () -> spark.sc().getExecutorMemoryStatus().size() - 1, spark.sc()::cancelAllJobs);
        spark.sc().addSparkListener(failures);
    }

    /**
     * Runs a job to its end.
     *
     * @throws UserException with the place and the reason, if a task failed as often as Spark repeats it
     */
    <T> T run(Supplier<T> job) {
        failures.begin();
        try {
            return job.get();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) { // Scala throws SparkException without declaring it
            throw failed(e);
        }
    }

    private record Part<T>(int index, T value) {}

    /**
     * Runs a job of partitions with one element each.
     *
     * @param meanwhile is called again and again; what it throws ends the job
     * @param done takes each partition's element as it comes
     */
    <T> void each(JavaRDD<T> partitions, Runnable meanwhile, BiConsumer<Integer, T> done) {
        failures.begin();
        int count = partitions.getNumPartitions();
        List<Object> indices = new ArrayList<>();
        IntStream.range(0, count).forEach(indices::add);
        LinkedBlockingQueue<Part<T>> finished = new LinkedBlockingQueue<>();
        SimpleFutureAction<BoxedUnit> job = spark.sc()
                .submitJob(
                        partitions.rdd(),
                        Jobs.<T>onlyElement(),
                        CollectionConverters.asScala(indices).toList(),
                        handler(finished),
                        () -> BoxedUnit.UNIT);
        try {
            for (int left = count; left > 0; ) {
                meanwhile.run();
                Part<T> part = finished.poll(LOOK_MS, TimeUnit.MILLISECONDS);
                if (part != null) {
                    done.accept(part.index(), part.value());
                    left--;
                } else if (job.isCompleted() && finished.isEmpty()) {
                    throw failed(job.value().get().failed().get());
                }
            }
        } catch (InterruptedException e) {
            job.cancel();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while executors compute", e);
        } catch (RuntimeException | Error e) {
            job.cancel();
            throw e;
        }
    }

    private static <T> Function1<Iterator<T>, T> onlyElement() {
        return (Function1<Iterator<T>, T> & Serializable) Iterator::next;
    }

    private static <T> Function2<Object, T, BoxedUnit> handler(LinkedBlockingQueue<Part<T>> finished) {
        return (index, value) -> {
            finished.add(new Part<>((Integer) index, value));
            return BoxedUnit.UNIT;
        };
    }

    private UserException failed(Throwable problem) {
        for (Throwable e = problem; e != null; e = e.getCause()) {
            if (e instanceof TaskFailure told) {
                return new UserException(told.kind(), String.valueOf(told.getMessage()), problem);
            }
        }
        UserException last = failures.last();
        return last != null
                ? last
                : new UserException(
                        UserException.Kind.ENVIRONMENT,
                        "Spark gave the work up: " + problem.getMessage()
                                + "; resume the run to go on from its last checkpoint",
                        problem);
    }

    /** Says a line to the user, if it is one. */
    void say(String line) {
        if (!line.isEmpty()) {
            notices.accept(line);
        }
    }

    /** Stops listening. */
    void close() {
        spark.sc().removeSparkListener(failures);
    }
}
