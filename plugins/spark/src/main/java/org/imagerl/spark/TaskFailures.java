package org.imagerl.spark;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Says what goes wrong on the executors although the run goes on: each reason once. */
final class TaskFailures extends SparkListener {
    private static final int MAX_CHARACTERS = 500;

    private final Consumer<String> notices;
    private final Set<String> said = new HashSet<>();
    private volatile String last = "";

    TaskFailures(Consumer<String> notices) {
        this.notices = notices;
    }

    /** The last one; empty before the first. */
    String last() {
        return last;
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        String place = "executor " + end.taskInfo().executorId() + " on "
                + end.taskInfo().host() + ": ";
        if (end.reason() instanceof ExceptionFailure failure) {
            String what = failure.className().equals(TaskFailure.class.getName())
                    ? failure.description()
                    : place + failure.className() + ": " + failure.description();
            say(what);
        } else if (end.reason() instanceof ExecutorLostFailure lost) {
            say(place + "was lost ("
                    + (lost.reason().isDefined() ? lost.reason().get() : "no reason is known") + ")");
        }
    }

    private void say(String what) {
        String line = what.length() > MAX_CHARACTERS ? what.substring(0, MAX_CHARACTERS) + "..." : what;
        last = line;
        if (said.add(line)) {
            notices.accept("warning: " + line + "; its work is done again");
        }
    }
}
