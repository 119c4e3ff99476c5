package org.imagerl.spark.job;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Says what goes wrong on the executors although the run goes on, each thing once, and gives up where several executors fail for the same reason: it is
 * no fault of one host then, and Spark would only try again. Spark calls it on a thread of its own.
 */
final class TaskFailures extends SparkListener {
    private static final int MAX_CHARACTERS = 2000;

    private final Consumer<String> notices;
    private final IntSupplier executors;
    private final Runnable giveUp;
    private final Set<String> said = new HashSet<>();

    /** By reason, the executors that failed for it, each as often as it did. */
    private final Map<String, Map<String, Integer>> reasons = new HashMap<>();

    /** By executor. */
    private final Map<String, String> hosts = new HashMap<>();

    /** Whether the jobs were ended: executors that are lost after that are no news. */
    private boolean givenUp;

    private volatile @Nullable UserException last;

    /**
     * @param notices takes lines for the user
     * @param executors how many there are at this moment
     * @param giveUp ends all jobs
     */
    TaskFailures(Consumer<String> notices, IntSupplier executors, Runnable giveUp) {
        this.notices = notices;
        this.executors = executors;
        this.giveUp = giveUp;
    }

    /** A job begins: what went wrong before does not count any more. */
    synchronized void begin() {
        reasons.clear();
        givenUp = false;
        last = null;
    }

    /** What went wrong last in this job; null if nothing did. */
    @Nullable
    UserException last() {
        return last;
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
        String executor = end.taskInfo().executorId();
        String place = "executor " + executor + " on " + end.taskInfo().host() + ": ";
        if (end.reason() instanceof ExceptionFailure failure) {
            boolean explained =
                    failure.exception().isDefined() && failure.exception().get() instanceof TaskFailure;
            String reason = explained
                    ? ((TaskFailure) failure.exception().get()).reason()
                    : failure.className() + ": " + failure.description() + remedy(failure);
            UserException.Kind kind =
                    explained ? ((TaskFailure) failure.exception().get()).kind() : UserException.Kind.ENVIRONMENT;
            last = new UserException(kind, cut(place + reason));
            Map<String, Integer> failed = reasons.computeIfAbsent(cut(reason), key -> new HashMap<>());
            failed.merge(executor, 1, Integer::sum);
            boolean alone = executors.getAsInt() < 2 && failed.values().stream().anyMatch(times -> times > 1);
            if (alone || failed.size() > 1) {
                givenUp = true;
                giveUp.run();
            } else {
                say(place + reason);
            }
        }
    }

    @Override
    public synchronized void onExecutorAdded(SparkListenerExecutorAdded added) {
        hosts.put(added.executorId(), added.executorInfo().executorHost());
    }

    /** With or without a task of the moment: what it kept of earlier ones is lost, too. */
    @Override
    public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
        String host = hosts.remove(removed.executorId());
        say("executor " + removed.executorId() + (host == null ? "" : " on " + host) + ": was lost (" + removed.reason()
                + ")");
    }

    /** What to do about classes that the executor lacks or has otherwise, which Java reports in many ways; empty for other failures. */
    private static String remedy(ExceptionFailure failure) {
        boolean classes = failure.description().contains("SerializedLambda") // of a class that is not there
                || failure.className()
                        .matches(".*\\.(ClassNotFoundException|NoClassDefFoundError|InvalidClassException"
                                + "|NoSuch(Method|Field)Error|AbstractMethodError|UnsupportedClassVersionError)");
        return classes
                ? "; the executor lacks imagerl or has another one: install the same under the same path on all machines,"
                        + " and give executors the jars of the driver (docs/cluster.md)"
                : "";
    }

    private void say(String what) {
        if (!givenUp && said.add(cut(what))) {
            notices.accept("warning: " + cut(what) + "; its work is done again");
        }
    }

    private static String cut(String text) {
        return text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) + "..." : text;
    }
}
