package org.imagerl.scoring.http;

/** A request that is refused: the status and the reason, which the client reads. */
public final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    /** @param status of the answer, from 400 on */
    public Refusal(int status, String reason) {
        super(reason);
        this.status = status;
    }

    /** The status of the answer. */
    public int status() {
        return status;
    }

    /** For the client. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
