package org.imagerl.cli;

import org.imagerl.spi.UserException;

/** What the process says to scripts. */
final class ExitCode {
    static final int OK = 0;
    /** A mistake of ours. */
    static final int INTERNAL = 1;
    /** Usage, configuration or input files. */
    static final int INPUT = UserException.Kind.INPUT.exitCode();
    /** The machine: natives, devices, permissions. */
    static final int ENVIRONMENT = UserException.Kind.ENVIRONMENT.exitCode();
    /** Memory or disk ran out. */
    static final int RESOURCES = UserException.Kind.RESOURCES.exitCode();
    /** Stopped by Ctrl-C; what can be saved is saved. By SIGHUP and SIGTERM it is 129 and 143, see {@link EndingSignal}. */
    static final int INTERRUPTED = 130;
    /** Nobody reads the output any more: long work is stopped and saved as by Ctrl-C. What shells say of SIGPIPE. */
    static final int UNREAD = 141;

    private ExitCode() {}
}
