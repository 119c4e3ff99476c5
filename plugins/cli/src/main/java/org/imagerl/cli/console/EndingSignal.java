package org.imagerl.cli.console;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.imagerl.spi.io.ScratchFolder;

/** Signals that ask a process to end: of a closed terminal, of Ctrl-C, and of {@code kill} and service managers. */
public enum EndingSignal {
    HUP(1),
    INT(2),
    TERM(15);

    private static final int BY_SIGNAL = 128;
    private static final long PATIENCE_S = 5;

    private final int number;

    EndingSignal(int number) {
        this.number = number;
    }

    /** What shells say of a process that this signal ended: 129, 130, 143. */
    int exitCode() {
        return BY_SIGNAL + number;
    }

    /**
     * Ends the process by this signal, which nothing in it handles any more. A JVM cannot send a signal to itself that it does not handle, so a
     * shell sends it.
     */
    @SuppressWarnings("SystemExitOutsideMain") // where there is no shell
    public void kill() {
        ScratchFolder.deleteAll();
        try {
            String self = Long.toString(ProcessHandle.current().pid());
            new ProcessBuilder("sh", "-c", "kill -s " + name() + " " + self).start();
            TimeUnit.SECONDS.sleep(PATIENCE_S);
        } catch (IOException | InterruptedException e) {
            // no shell, or no memory for one
        }
        Runtime.getRuntime().halt(exitCode());
    }
}
