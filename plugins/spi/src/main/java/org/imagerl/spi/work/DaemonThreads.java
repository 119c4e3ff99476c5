package org.imagerl.spi.work;

import java.util.concurrent.ThreadFactory;

/** Threads that keep no process alive, with a name that says in a dump of threads what they are for. */
public final class DaemonThreads {
    private DaemonThreads() {}

    /** A factory of such threads for thread pools. */
    public static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
