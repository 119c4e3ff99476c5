package org.imagerl.spark;

import org.imagerl.spi.UserException;

/** What went wrong on an executor, in a form that the driver can read whatever it was: a message, the place and the kind. */
final class TaskFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final UserException.Kind kind;

    private TaskFailure(UserException.Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    static TaskFailure of(Throwable failure, Machine machine) {
        boolean ours = failure instanceof UserException;
        UserException.Kind kind = ours ? ((UserException) failure).kind() : UserException.Kind.ENVIRONMENT;
        String what = ours ? failure.getMessage() : failure.toString();
        TaskFailure told = new TaskFailure(kind, machine + ": " + what);
        told.setStackTrace(failure.getStackTrace());
        return told;
    }

    UserException.Kind kind() {
        return kind;
    }
}
