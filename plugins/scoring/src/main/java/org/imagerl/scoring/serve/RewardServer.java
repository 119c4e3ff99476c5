package org.imagerl.scoring.serve;

import java.net.InetSocketAddress;
import org.eclipse.jetty.http.HttpStatus;
import org.imagerl.scoring.http.Access;
import org.imagerl.scoring.http.HttpServer;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.UserException;

/**
 * Serves rewards to trainers in other languages: {@code GET /health}, {@code POST /compute} (the weighted sum) and
 * {@code POST /compute/NAME} (one reward) with {@code {"prompt": [..], "image": [image in base64, ..]}}, answered with
 * {@code {"rewards": [..]}}; {@code {"extra": {"metadata": [{..}, ..]}}} has the other fields of the prompts, one object
 * each; an image without a score is null there and has its reason under {@code errors}. The protocol is Flow-Factory's,
 * unless another {@link Protocol} is chosen.
 *
 * <p>Every failure is answered with {@code {"error": reason}}. Requests are bounded in size, number, pixels and time,
 * see {@link ServerLimits}; which clients are answered is decided by {@link Access}.
 */
public final class RewardServer implements AutoCloseable {
    /** How long requests that are being answered have when the server closes. */
    private static final long CLOSING_MS = 10_000;

    private static final long POLL_MS = 20;

    private final HttpServer server;
    private final Scoring scoring;
    private final RewardHandler handler;

    private RewardServer(
            InetSocketAddress address, WeightedRewards rewards, ServerLimits limits, Access access, Form form) {
        this.server = new HttpServer(
                address, "reward-server", new HttpServer.Limits(limits.connections(), limits.idle(), limits.total()));
        this.scoring = new Scoring(rewards, limits, form, server.scheduler());
        this.handler = new RewardHandler(rewards, access, server, scoring, form);
    }

    /**
     * Begins to serve.
     *
     * @param rewards that are served; the caller closes them after this
     * @throws UserException if the address cannot be used, or others reach it and need no token
     */
    public static RewardServer start(
            InetSocketAddress address, WeightedRewards rewards, ServerLimits limits, Access access) {
        return start(address, rewards, limits, access, Protocol.JSON);
    }

    /** The same in another protocol. */
    public static RewardServer start(
            InetSocketAddress address, WeightedRewards rewards, ServerLimits limits, Access access, Protocol protocol) {
        access.requireFor(address);
        Form form = protocol.form();
        RewardServer server = new RewardServer(address, rewards, limits, access, form);
        try {
            server.server.start(
                    server.handler,
                    (status, response, callback) ->
                            Exchange.write(response, callback, status, form.error(HttpStatus.getMessage(status))));
            return server;
        } catch (RuntimeException e) {
            server.scoring.close();
            throw e;
        }
    }

    /** The address at which it serves. */
    public InetSocketAddress address() {
        return server.address();
    }

    /** Requests that have come whole and are not answered yet. */
    int active() {
        return scoring.active();
    }

    /** The memory that bodies of requests take, in bytes. */
    long bodyBytes() {
        return scoring.bodyBytes();
    }

    /** Ends after the requests that are being answered, or ten seconds. */
    @Override
    public void close() {
        handler.refuseMore();
        server.refuseMore();
        long end = System.nanoTime() + CLOSING_MS * 1_000_000;
        try {
            while (scoring.active() > 0 && System.nanoTime() - end < 0) {
                Thread.sleep(POLL_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        scoring.close();
        server.close();
    }
}
