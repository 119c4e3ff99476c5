package org.imagerl.spark.job;

import org.imagerl.spi.UserException;

/** What went wrong on an executor, in a form that the driver can read whatever it was: a message, the place and the kind. */
public final class TaskFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final UserException.Kind kind;

    private final String reason;

    private TaskFailure(UserException.Kind kind, Machine machine, String reason) {
        super(machine + ": " + reason);
        this.kind = kind;
        this.reason = reason;
    }

    /** What a task throws in the place of a failure. */
    public static TaskFailure of(Throwable failure, Machine machine) {
        boolean ours = failure instanceof UserException;
        UserException.Kind kind = ours ? ((UserException) failure).kind() : UserException.Kind.ENVIRONMENT;
        String reason = ours ? String.valueOf(failure.getMessage()) : failure.toString();
        TaskFailure told = new TaskFailure(kind, machine, reason);
        told.setStackTrace(failure.getStackTrace());
        return told;
    }

    /** Without the place. */
    String reason() {
        return reason;
    }

    UserException.Kind kind() {
        return kind;
    }
}
