package org.imagerl.training.study;

/** A command that was to prepare a study has failed, and has said why. */
public final class FailedCommand extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    FailedCommand(String line, int exitCode) {
        super("the study ends here: its command 'prepare: " + line + "' ended with exit code " + exitCode);
        this.exitCode = exitCode;
    }

    /** The exit code of the command. */
    public int exitCode() {
        return exitCode;
    }
}
