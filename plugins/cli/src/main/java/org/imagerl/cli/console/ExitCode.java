package org.imagerl.cli.console;

import org.imagerl.spi.UserException;

/** The exit codes of the process, for scripts. */
public final class ExitCode {
    public static final int OK = 0;
    /** A mistake of ours. */
    public static final int INTERNAL = 1;
    /** Usage, configuration or input files. */
    public static final int INPUT = UserException.Kind.INPUT.exitCode();
    /** The machine: natives, devices, permissions. */
    public static final int ENVIRONMENT = UserException.Kind.ENVIRONMENT.exitCode();
    /** Memory or disk ran out. */
    public static final int RESOURCES = UserException.Kind.RESOURCES.exitCode();
    /** Stopped by Ctrl-C; what can be saved is saved. By SIGHUP and SIGTERM it is 129 and 143, see {@link EndingSignal}. */
    public static final int INTERRUPTED = 130;
    /** Nobody reads the output any more: long work is stopped and saved as by Ctrl-C. What shells say of SIGPIPE. */
    public static final int UNREAD = 141;

    private ExitCode() {}
}
