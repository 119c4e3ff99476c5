package org.imagerl.ui;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.http.HttpStatus;
import org.imagerl.scoring.http.Access;
import org.imagerl.scoring.http.HttpServer;
import org.imagerl.spi.UserException;

/**
 * Serves the page to this machine alone: at its loopback address, and to nobody who comes under another name ({@link Access}). It reads files and
 * writes none, so that a run trains on beside it.
 */
public final class PageServer implements AutoCloseable {
    private static final HttpServer.Limits LIMITS =
            new HttpServer.Limits(64, Duration.ofMinutes(2), Duration.ofMinutes(2));

    private final HttpServer server;

    private PageServer(HttpServer server) {
        this.server = server;
    }

    /**
     * Begins to serve.
     *
     * @param places runs, folders of runs, folders of studies, files of results
     * @param port 0 takes any free one
     * @throws UserException if a place is not there, or the port is taken
     */
    public static PageServer start(List<Path> places, int port) {
        return serve(Library.present(places), port);
    }

    /**
     * Begins to serve the runs of a folder, which the first of them may make later.
     *
     * @param port 0 takes any free one
     * @throws UserException if the port is taken
     */
    public static PageServer startBeforeRuns(Path runs, int port) {
        return serve(List.of(runs), port);
    }

    private static PageServer serve(List<Path> places, int port) {
        Clock clock = Clock.systemUTC();
        Api api = new Api(new Library(places, clock), clock);
        HttpServer server =
                new HttpServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), "page", LIMITS);
        server.start(
                new PageHandler(api, Access.open(List.of()), server),
                (status, response, callback) ->
                        PageHandler.refuse(status, HttpStatus.getMessage(status), response, callback));
        return new PageServer(server);
    }

    /** Where it serves: {@code http://127.0.0.1:PORT/}. */
    public String url() {
        InetSocketAddress address = server.address();
        return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort() + "/";
    }

    @Override
    public void close() {
        server.close();
    }
}
