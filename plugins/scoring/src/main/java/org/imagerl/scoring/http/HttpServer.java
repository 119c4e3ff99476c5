package org.imagerl.scoring.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.eclipse.jetty.server.Handler;
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
import org.eclipse.jetty.util.thread.Scheduler;
import org.imagerl.spi.UserException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server of HTTP whose connections are bounded in number, headers and time. A handler makes the answers. */
public final class HttpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final int BACKLOG = 64;
    private static final int HEADER_BYTES = 8 << 10;
    private static final int BUFFER_BYTES = 32 << 10;
    private static final int THREADS = 12;

    private final Server server;
    private final ServerConnector connector;
    private final Connections connections;
    private final InetAddress host;
    private int port;

    /**
     * How long others may keep a connection.
     *
     * @param connections that are open at a time; others wait in the queue of the operating system
     * @param idle the longest silence, and the longest time from the opening of a connection, or the answer before, to the end of the next
     *     headers
     * @param total the longest time from the end of the headers to the answer
     */
    public record Limits(int connections, Duration idle, Duration total) {}

    /** Answers what was refused before there was a request: damaged headers, or too many of them. */
    public interface Errors {
        /** Writes the answer of the status. */
        void answer(int status, Response response, Callback callback);
    }

    /**
     * A server that does not serve yet.
     *
     * @param name of its threads
     */
    public HttpServer(InetSocketAddress address, String name, Limits limits) {
        host = address.getAddress();
        server = new Server(threads(name));
        connector = connector(server, address, limits);
        connections = new Connections(server.getScheduler(), limits);
        connector.addEventListener(connections);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(limits.connections(), connector));
        server.setStopTimeout(0); // whoever closes it has waited
    }

    private static QueuedThreadPool threads(String name) {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 2);
        threads.setName(name + "-io");
        threads.setDaemon(true);
        return threads;
    }

    private static ServerConnector connector(Server server, InetSocketAddress address, Limits limits) {
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

    /** Calls when a time has passed. */
    public Scheduler scheduler() {
        return server.getScheduler();
    }

    /** Says that a request has come; to be called for each. */
    public void begin(Request request) {
        connections.begin(request);
    }

    /**
     * Begins to serve.
     *
     * @throws UserException if the address cannot be used
     */
    public void start(Handler handler, Errors errors) {
        server.setHandler(handler);
        server.setErrorHandler((request, response, callback) -> {
            Object status = request.getAttribute(ErrorHandler.ERROR_STATUS);
            errors.answer(status instanceof Integer number ? number : response.getStatus(), response, callback);
            return true;
        });
        try {
            server.start();
            port = connector.getLocalPort();
            connections.watch();
        } catch (IOException e) {
            close();
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    new InetSocketAddress(host, connector.getPort()) + ": cannot be served on: " + e.getMessage()
                            + "; name another --port",
                    e);
        } catch (Exception e) { // what Jetty declares
            close();
            throw new IllegalStateException(e);
        }
    }

    /** The address at which it serves. */
    public InetSocketAddress address() {
        return new InetSocketAddress(host, port);
    }

    /** Lets nobody else in; who is in gets an answer. */
    public void refuseMore() {
        connector.close();
    }

    /** Ends at once. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) { // what Jetty declares
            LOG.warn("the server did not close well: {}", e.toString());
        }
    }
}
