package org.imagerl.spark.job;

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
public final class Jobs implements AutoCloseable {
    private static final long LOOK_MS = 200;

    private final JavaSparkContext spark;
    private final TaskFailures failures;
    private final Consumer<String> notices;

    /** @param notices takes lines for the user */
    public Jobs(JavaSparkContext spark, Consumer<String> notices) {
        this.spark = spark;
        this.notices = notices;
        this.failures = new TaskFailures(notices, this::executors, spark.sc()::cancelAllJobs);
        spark.sc().addSparkListener(failures);
    }

    /** How many executors there are at this moment. */
    public int executors() {
        return spark.sc().getExecutorMemoryStatus().size() - 1; // the driver is one
    }

    /**
     * Runs a job to its end.
     *
     * @throws UserException with the place and the reason, if a task failed as often as Spark repeats it
     */
    public <T> T run(Supplier<T> job) {
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
    public <T> void each(JavaRDD<T> partitions, Runnable meanwhile, BiConsumer<Integer, T> done) {
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
                        "Spark gave the work up: " + problem.getMessage() + "; resume to go on from what was saved",
                        problem);
    }

    /** Says a line to the user, if it is one. */
    public void say(String line) {
        if (!line.isEmpty()) {
            notices.accept(line);
        }
    }

    /** Stops listening. */
    @Override
    public void close() {
        spark.sc().removeSparkListener(failures);
    }
}
