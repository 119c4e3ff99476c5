package org.imagerl.ui;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.imagerl.scoring.http.Access;
import org.imagerl.scoring.http.HttpServer;
import org.imagerl.scoring.http.Refusal;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;

/**
 * Answers {@code GET}: the page at {@code /}, what it asks at {@code /api/QUESTION?a=..&a=..}, images at {@code /image?a=ID&a=SET&a=NAME}.
 * Nothing that is asked becomes a path.
 */
final class PageHandler extends Handler.Abstract {
    private static final String POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
            + " form-action 'none'; frame-ancestors 'none'";
    private static final String API = "/api/";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Api api;
    private final Access access;
    private final HttpServer server;
    private final Answer html = Answer.of("text/html; charset=utf-8", PageFiles.html());
    private final Answer css = Answer.of("text/css; charset=utf-8", PageFiles.css());
    private final Answer script = Answer.of("text/javascript; charset=utf-8", PageFiles.script());

    /** @param etag for a client that has it already; empty if there is none */
    private record Answer(int status, String type, byte[] bytes, String etag) {
        static Answer of(String type, String text) {
            return new Answer(200, type, text.getBytes(StandardCharsets.UTF_8), "");
        }
    }

    PageHandler(Api api, Access access, HttpServer server) {
        this.api = api;
        this.access = access;
        this.server = server;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        server.begin(request);
        try {
            access.check(request);
            if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
                response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
                throw new Refusal(405, "use GET");
            }
            write(response, callback, answer(request));
        } catch (Refusal e) {
            refuse(e.status(), e.reason(), response, callback);
        } catch (UserException | UncheckedIOException e) { // a damaged file, or one that vanished
            refuse(422, String.valueOf(e.getMessage()), response, callback);
        }
        return true;
    }

    private Answer answer(Request request) throws Refusal {
        String path = String.valueOf(request.getHttpURI().getDecodedPath());
        return switch (path) {
            case "/" -> html;
            case "/page.css" -> css;
            case "/page.js" -> script;
            case "/image" -> image(arguments(request));
            default -> {
                if (path.startsWith(API)) {
                    yield data(request, path.substring(API.length()), arguments(request));
                }
                throw new Refusal(404, "there is no " + Quote.of(path));
            }
        };
    }

    private static List<String> arguments(Request request) throws Refusal {
        try {
            Fields fields = Request.extractQueryParameters(request, StandardCharsets.UTF_8);
            return new ArrayList<>(fields.getValuesOrEmpty("a"));
        } catch (RuntimeException e) { // of escapes that are none
            throw new Refusal(400, "the query cannot be read");
        }
    }

    private Answer data(Request request, String question, List<String> arguments) throws Refusal {
        String stamp = arguments.isEmpty() ? "" : api.stamp(question, arguments);
        if (!stamp.isEmpty() && quoted(stamp).equals(request.getHeaders().get(HttpHeader.IF_NONE_MATCH))) {
            return new Answer(304, "application/json", new byte[0], stamp);
        }
        Optional<JsonNode> found = api.answer(question, arguments);
        if (found.isEmpty()) {
            throw new Refusal(404, "there is nothing of this name; it may have been moved");
        }
        return new Answer(200, "application/json", Json.bytes(found.get()), stamp);
    }

    private Answer image(List<String> arguments) throws Refusal {
        Optional<Path> file = arguments.size() == 3
                ? api.image(arguments.get(0), arguments.get(1), arguments.get(2))
                : Optional.empty();
        if (file.isEmpty()) {
            throw new Refusal(404, "there is no such image");
        }
        ShownImage image = ShownImage.read(file.get());
        return new Answer(200, image.type(), image.bytes(), "");
    }

    private static String quoted(String stamp) {
        return '"' + stamp + '"';
    }

    private static void write(Response response, Callback callback, Answer answer) {
        response.setStatus(answer.status());
        HttpFields.Mutable headers = response.getHeaders();
        if (!answer.etag().isEmpty()) {
            headers.put(HttpHeader.ETAG, quoted(answer.etag()));
        }
        headers.put(HttpHeader.CONTENT_TYPE, answer.type());
        headers.put(HttpHeader.CACHE_CONTROL, "no-cache");
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("Content-Security-Policy", POLICY);
        headers.put("Cross-Origin-Resource-Policy", "same-origin");
        headers.put("Referrer-Policy", "no-referrer");
        response.write(true, ByteBuffer.wrap(answer.bytes()), callback);
    }

    static void refuse(int status, String reason, Response response, Callback callback) {
        write(response, callback, new Answer(status, TEXT, reason.getBytes(StandardCharsets.UTF_8), ""));
    }
}
