package org.imagerl.scoring.serve;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.imagerl.scoring.http.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a request as it comes, without a thread that waits for it. What is too large, or was refused before it was read, is
 * read on and forgotten up to a bound, because a client that is still sending would lose the answer.
 */
final class BodyReader implements Runnable {
    private static final long FORGOTTEN_BYTES = 1 << 20;

    private final Exchange exchange;
    private final MemoryBudget.Share share;
    private final long maxBytes;
    private final Then then;
    private List<byte[]> parts = new ArrayList<>();
    private long read;

    @Nullable
    private Refusal refusal;

    /** Handles a body that has been received completely. */
    interface Then {
        void body(InputStream body, long bytes);
    }

    /** @param share of the memory; the receiver of the body closes it; this reader does if there is no receiver */
    BodyReader(Exchange exchange, MemoryBudget.Share share, long maxBytes, Then then) {
        this.exchange = exchange;
        this.share = share;
        this.maxBytes = maxBytes;
        this.then = then;
    }

    /** Reads the body and hands it on. */
    void begin() {
        long length = exchange.request().getLength();
        if (length > maxBytes) {
            refuse(tooLarge());
        } else {
            run();
        }
    }

    /** Refuses the request when its body has been read, or at once if that takes long. */
    void refuse(Refusal reason) {
        forget(reason);
        boolean asksFirst = exchange.request().getHeaders().contains(HttpHeader.EXPECT);
        if (asksFirst || exchange.request().getLength() > maxBytes + FORGOTTEN_BYTES) {
            exchange.refuse(reason, true);
        } else {
            run();
        }
    }

    private Refusal tooLarge() {
        return new Refusal(413, "the request has more than " + maxBytes + " bytes; send fewer images");
    }

    private void forget(Refusal reason) {
        refusal = reason;
        parts = List.of();
        share.close();
    }

    @Override
    public void run() {
        try {
            while (step()) {}
        } catch (OutOfMemoryError e) {
            forget(new Refusal(503, "memory ran out; send fewer images"));
            exchange.refuse(new Refusal(503, "memory ran out; send fewer images"), true);
        }
    }

    /** Whether there may be more at once. */
    private boolean step() {
        if (exchange.answered()) { // it took too long
            forget(new Refusal(408, ""));
            return false;
        }
        Content.Chunk chunk = exchange.request().read();
        if (chunk == null) {
            exchange.request().demand(this);
            return false;
        }
        if (Content.Chunk.isFailure(chunk)) {
            failed(chunk.getFailure());
            return false;
        }
        boolean last = chunk.isLast();
        try {
            take(chunk.getByteBuffer());
        } finally {
            chunk.release();
        }
        if (last) {
            end();
        } else if (read > maxBytes + FORGOTTEN_BYTES && refusal != null) {
            exchange.refuse(refusal, true);
            return false;
        }
        return !last;
    }

    private void take(ByteBuffer bytes) {
        read += bytes.remaining();
        if (refusal != null) {
            return;
        }
        if (read > maxBytes) {
            forget(tooLarge());
            return;
        }
        try {
            share.grow(bytes.remaining());
            byte[] part = new byte[bytes.remaining()];
            bytes.get(part);
            parts.add(part);
        } catch (Refusal e) {
            forget(e);
        }
    }

    private void end() {
        if (refusal != null) {
            exchange.refuse(refusal);
            return;
        }
        List<InputStream> streams = new ArrayList<>();
        parts.forEach(part -> streams.add(new ByteArrayInputStream(part)));
        parts = List.of();
        then.body(new SequenceInputStream(Collections.enumeration(streams)), read);
    }

    private void failed(Throwable reason) {
        forget(new Refusal(400, ""));
        if (reason instanceof TimeoutException) {
            exchange.refuse(new Refusal(408, "nothing more of the request came"), true);
        } else {
            exchange.abandon(reason);
        }
    }
}
