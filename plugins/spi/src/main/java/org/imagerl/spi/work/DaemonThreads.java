package org.imagerl.spi.work;

import java.util.concurrent.ThreadFactory;

/** Threads that keep no process alive, with a name that says in a dump of threads what they are for. */
public final class DaemonThreads {
    private DaemonThreads() {}

    /** What pools of threads make theirs with. */
    public static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
