package org.imagerl.scoring.serve;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.imagerl.scoring.http.Refusal;

/** A request and its answer, of which there is exactly one: the first. */
final class Exchange {
    private final Request request;
    private final Response response;
    private final Callback callback;
    private final Form form;
    private final AtomicBoolean answered = new AtomicBoolean();

    Exchange(Request request, Response response, Callback callback, Form form) {
        this.request = request;
        this.response = response;
        this.callback = callback;
        this.form = form;
    }

    Request request() {
        return request;
    }

    boolean answered() {
        return answered.get();
    }

    /** Runs something when the answer is written, or cannot be. */
    void onCompletion(Runnable what) {
        Request.addCompletionListener(request, failure -> what.run());
    }

    /** Sends the answer, unless one was sent before. */
    void answer(Body answer) {
        if (answered.compareAndSet(false, true)) {
            write(response, callback, 200, answer);
        }
    }

    /** Refuses, unless it was answered. */
    void refuse(Refusal refusal) {
        refuse(refusal, false);
    }

    /**
     * Refuses, unless it was answered.
     *
     * @param last whether the connection ends with this, since the rest of the request is not read
     */
    void refuse(Refusal refusal, boolean last) {
        if (answered.compareAndSet(false, true)) {
            HttpFields.Mutable headers = response.getHeaders();
            switch (refusal.status()) {
                case 401 -> headers.put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
                case 503 -> headers.put(HttpHeader.RETRY_AFTER, "1");
                default -> {}
            }
            if (last) {
                headers.put(HttpHeader.CONNECTION, "close");
            }
            write(response, callback, refusal.status(), form.error(refusal.reason()));
        }
    }

    /** Gives up: nobody is there to answer. */
    void abandon(Throwable reason) {
        if (answered.compareAndSet(false, true)) {
            callback.failed(reason);
        }
    }

    static void write(Response response, Callback callback, int status, Body answer) {
        response.setStatus(status);
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(HttpHeader.CONTENT_TYPE, answer.type());
        headers.put(HttpHeader.CONTENT_LENGTH, answer.bytes().length);
        headers.put(HttpHeader.CACHE_CONTROL, "no-store");
        headers.put("X-Content-Type-Options", "nosniff");
        response.write(true, ByteBuffer.wrap(answer.bytes()), callback);
    }
}
