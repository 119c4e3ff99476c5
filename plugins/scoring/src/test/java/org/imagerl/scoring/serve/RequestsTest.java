package org.imagerl.scoring.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is answered to requests of every form. */
class RequestsTest {
    private final Wire wire = new Wire(Wire.LIMITS);

    @AfterEach
    void serverGoesOn() throws IOException {
        try (wire) {
            assertThat(wire.talk(Wire.post(Wire.question(2, 3)))).contains("\"rewards\":[0.5]");
            wire.awaitNoBodies();
        }
    }

    private void refused(String request, int status, String reason) throws IOException {
        assertThat(wire.talk(request))
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("Content-Type: application/json")
                .contains("{\"error\":\"")
                .contains(reason);
    }

    @Test
    void whatIsNotThereIsNotFound() throws IOException {
        for (String path : List.of("/", "/healthx", "/health/", "/computex", "/compute/acting/more", "/%E2%80%AE")) {
            refused(Wire.get(path), 404, "there is no");
        }
        refused(Wire.post("{}").replace("/compute", "/compute/%E2%80%AE"), 404, "\\\\u202e");
    }

    @Test
    void aPathThatMayMeanTwoThingsIsRefused() throws IOException {
        assertThat(wire.talk(Wire.get("/compute/%2e%2e/health")))
                .startsWith("HTTP/1.1 4")
                .contains("\"error\"");
        assertThat(wire.talk(Wire.get("/compute%2facting")))
                .startsWith("HTTP/1.1 4")
                .contains("\"error\"");
    }

    @Test
    void headIsAnsweredWithoutABody() throws IOException {
        String answer = wire.talk(Wire.get("/health").replace("GET", "HEAD"));
        assertThat(answer)
                .startsWith("HTTP/1.1 200")
                .contains("Content-Length: 36")
                .endsWith("\r\n\r\n");
    }

    @Test
    void otherMethodsAreNamedTheRightOne() throws IOException {
        refused(Wire.get("/compute"), 405, "Allow: POST");
        refused(Wire.post("{}").replace("/compute", "/health"), 405, "Allow: GET, HEAD");
        assertThat(wire.talk(Wire.get("/compute").replace("GET", "HEAD"))).startsWith("HTTP/1.1 405");
        assertThat(wire.talk(Wire.get("/health").replace("GET", "TRACE"))).startsWith("HTTP/1.1 405");
    }

    @Test
    void onlyJsonInUtf8IsRead() throws IOException {
        String good = Wire.question(1, 1);
        for (String type : List.of(
                "text/plain",
                "application/x-www-form-urlencoded",
                "application/jsonx",
                "",
                "application/json; charset=utf-16")) {
            refused(Wire.post(good, "Content-Type: " + type + "\r\n"), 415, "application/json");
        }
        refused(Wire.post(good, "Content-Encoding: gzip\r\n"), 415, "Content-Encoding");
        for (String type : List.of("application/json;charset=UTF-8", "Application/JSON; charset=\"utf-8\"")) {
            assertThat(wire.talk(Wire.post(good, "Content-Type: " + type + "\r\n")))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void whatIsNoQuestionIsRefused() throws IOException {
        for (String body : List.of(
                "",
                "<html>",
                "[]",
                "null",
                "{",
                "{} {}",
                "[".repeat(30_000),
                "{\"a\":".repeat(10_000),
                "{\"prompt\": [NaN], \"image\": [Infinity]}",
                "{\"prompt\": [\"a\"], \"prompt\": [\"b\"], \"image\": [\"AAAA\"]}",
                "{\"prompt\": \"a\", \"image\": \"AAAA\"}",
                "{\"prompt\": [1], \"image\": [\"AAAA\"]}",
                "{\"prompt\": [\"a\"], \"image\": [1]}",
                "{\"prompt\": [\"a\"], \"image\": [null]}",
                "{\"prompt\": [\"a\"], \"image\": [\"\"]}",
                "{\"prompt\": [\"a\"], \"image\": [\"AA*A\"]}",
                "{\"prompt\": [\"a\"], \"image\": [\"AAAA\"]}",
                "{\"prompt\": [\"a\"], \"image\": [], \"x\": " + "9".repeat(30_000) + "}")) {
            refused(Wire.post(body), 400, "");
        }
    }

    @Test
    void base64MayHaveLinesAndTheHeadOfADataAddress() throws IOException {
        String plain = Wire.question(5, 5);
        String lines = plain.replace("\"image\": [\"", "\"image\": [\"data:image/png;base64,\\n")
                .replace("==\"", "==\\r\\n\"");
        assertThat(wire.talk(Wire.post(lines))).contains("\"rewards\":[0.5]");
    }

    @Test
    void bodiesAreBoundedHoweverTheyAreSent() throws IOException {
        String large = " ".repeat((1 << 16) + 1);
        refused(Wire.post(large), 413, "more than 65536 bytes");
        String chunked = Wire.post("").replace("Content-Length: 0", "Transfer-Encoding: chunked");
        refused(chunked + "10001\r\n" + large + "\r\n0\r\n\r\n", 413, "more than 65536 bytes");
        refused(Wire.post("").replace("Length: 0", "Length: 99999999999"), 413, "more than 65536 bytes");
        refused(Wire.post("", "Expect: 100-continue\r\n").replace("Length: 0", "Length: 70000"), 413, "more than");
        refused(chunked + "zz\r\n", 400, "");
    }

    @Test
    void chunksAreRead() throws IOException {
        String body = Wire.question(1, 1);
        String chunked = Wire.post("").replace("Content-Length: 0", "Transfer-Encoding: chunked");
        String half = Integer.toHexString(10) + "\r\n" + body.substring(0, 10) + "\r\n"
                + Integer.toHexString(body.length() - 10).toUpperCase(Locale.ROOT) + "\r\n" + body.substring(10)
                + "\r\n0\r\n\r\n";
        assertThat(wire.talk(chunked + half)).contains("\"rewards\":[0.5]");
    }

    @Test
    void headersAreBounded() throws IOException {
        refused(Wire.get("/health", "X: " + "x".repeat(20_000) + "\r\n"), 431, "");
        refused(Wire.get("/" + "x".repeat(20_000)), 414, "");
        refused("GET /health HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n", 400, "");
        refused(Wire.post("{}", "Transfer-Encoding: chunked\r\n"), 400, "");
    }

    @Test
    void requestsThatFollowAtOnceAreAnsweredInOrder() throws IOException {
        String first = Wire.post(Wire.question(1, 1)).replace("Connection: close\r\n", "");
        String second = Wire.get("/healthx").replace("Connection: close\r\n", "");
        String answers = wire.talk(first + second + Wire.get("/health"));
        assertThat(answers.split("HTTP/1.1 ", -1)).hasSize(4);
        assertThat(answers.replaceAll("(?s)(HTTP/1.1 \\d+).*?\r\n\r\n", "$1 "))
                .matches("(?s)HTTP/1.1 200 \\{\"rewards.*HTTP/1.1 404 \\{\"error.*HTTP/1.1 200 \\{\"status.*");
    }

    @Test
    void nothingIsSaidAboutTheServer() throws IOException {
        assertThat(wire.talk(Wire.get("/health"))).doesNotContain("Server:").doesNotContainIgnoringCase("jetty");
        assertThat(wire.talk(Wire.get("/nothing"))).doesNotContain("Server:").doesNotContainIgnoringCase("jetty");
    }

    @Test
    void clientsThatGoAwayLeaveNothingBehind() throws IOException {
        String request = Wire.post(Wire.question(64, 64));
        for (int cut : List.of(1, 40, request.length() - 1, request.length())) {
            try (Socket socket = wire.connect()) {
                Wire.send(socket, request.substring(0, cut));
                socket.setSoLinger(true, 0); // the connection is reset
            }
        }
    }
}
