package org.imagerl.scoring.serve;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.UserException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves rewards to trainers in other languages: {@code GET /health}, {@code POST /compute} (the weighted sum) and {@code POST
 * /compute/NAME} (one reward) with {@code {"prompt": [..], "image": [image in base64, ..]}}, answered with {@code {"rewards": [..]}};
 * {@code {"extra": {"metadata": [{..}, ..]}}} has the other fields of the prompts, one object each;
 * an image without a score is null there and has its reason under {@code errors}. The protocol is Flow-Factory's, unless another
 * {@link Protocol} is chosen.
 *
 * <p>Whatever is not answered so is answered with {@code {"error": reason}}. Requests are bounded in size, number, pixels and time, see
 * {@link ServerLimits}; who may ask is said in {@link Access}.
 */
public final class RewardServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RewardServer.class);
    private static final int BACKLOG = 64;
    private static final int HEADER_BYTES = 8 << 10;
    private static final int BUFFER_BYTES = 32 << 10;
    private static final int THREADS = 12;
    /** How long requests that are being answered have when the server closes. */
    private static final long CLOSING_MS = 10_000;

    private static final long POLL_MS = 20;

    private final Server server;
    private final ServerConnector connector;
    private final Scoring scoring;
    private final RewardHandler handler;
    private final Connections connections;
    private final InetAddress host;
    private int port;

    private RewardServer(
            InetSocketAddress address, WeightedRewards rewards, ServerLimits limits, Access access, Form form) {
        this.host = address.getAddress();
        this.server = new Server(threads());
        this.connector = connector(server, address, limits);
        this.connections = new Connections(server.getScheduler(), limits);
        this.scoring = new Scoring(rewards, limits, form, server.getScheduler());
        this.handler = new RewardHandler(rewards, access, connections, scoring, form);
        connector.addEventListener(connections);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(limits.connections(), connector));
        server.setHandler(handler);
        server.setErrorHandler((request, response, callback) -> error(request, response, callback, form));
        server.setStopTimeout(0); // close() has waited
    }

    private static QueuedThreadPool threads() {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 2);
        threads.setName("reward-server-io");
        threads.setDaemon(true);
        return threads;
    }

    private static ServerConnector connector(Server server, InetSocketAddress address, ServerLimits limits) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(HEADER_BYTES);
        http.setInputBufferSize(BUFFER_BYTES);
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(address.getAddress().getHostAddress());
        connector.setPort(address.getPort());
        connector.setAcceptQueueSize(BACKLOG);
        connector.setAcceptedTcpNoDelay(
                true); // answers are small: without it each waits for the client's acknowledgement
        connector.setIdleTimeout(limits.idle().toMillis());
        return connector;
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
        RewardServer server = new RewardServer(address, rewards, limits, access, protocol.form());
        try {
            server.server.start();
            server.port = server.connector.getLocalPort();
            server.connections.watch();
            return server;
        } catch (IOException e) {
            server.stop();
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    address + ": cannot be served on: " + e.getMessage() + "; name another --port",
                    e);
        } catch (Exception e) { // what Jetty declares
            server.stop();
            throw new IllegalStateException(e);
        }
    }

    /** Where it serves. */
    public InetSocketAddress address() {
        return new InetSocketAddress(host, port);
    }

    /** What Jetty refuses before there is a request: damaged headers, or too many. */
    private static boolean error(Request request, Response response, Callback callback, Form form) {
        Object status = request.getAttribute(ErrorHandler.ERROR_STATUS);
        int code = status instanceof Integer number ? number : response.getStatus();
        Exchange.write(response, callback, code, form.error(HttpStatus.getMessage(code)));
        return true;
    }

    /** The memory that bodies of requests take, in bytes. */
    long bodyBytes() {
        return scoring.bodyBytes();
    }

    /** Ends after the requests that are being answered, or ten seconds. */
    @Override
    public void close() {
        handler.refuseMore();
        connector.close(); // nobody else comes in; who is in gets an answer
        long end = System.nanoTime() + CLOSING_MS * 1_000_000;
        try {
            while (scoring.active() > 0 && System.nanoTime() - end < 0) {
                Thread.sleep(POLL_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stop();
    }

    private void stop() {
        scoring.close();
        try {
            server.stop();
        } catch (Exception e) { // what Jetty declares
            LOG.warn("the server did not close well: {}", e.toString());
        }
    }
}
