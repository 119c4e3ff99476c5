package org.imagerl.rewards.remote;

import java.nio.charset.StandardCharsets;
import org.imagerl.spi.text.Quote;

/** A request that failed, and whether it is worth another attempt. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int EXCERPT = 100;

    private final boolean again;

    Failure(String message, boolean again) {
        super(message);
        this.again = again;
    }

    /** Whether the same request may be answered later. */
    boolean again() {
        return again;
    }

    /** The beginning of an answer, for messages. */
    static String excerpt(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8).strip();
        return Quote.plain(text.length() <= EXCERPT ? text : text.substring(0, EXCERPT) + "...");
    }
}
