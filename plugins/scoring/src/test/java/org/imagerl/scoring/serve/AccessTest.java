package org.imagerl.scoring.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.imagerl.scoring.http.Access;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

class AccessTest {
    private static final String TOKEN = "0123456789abcdef";

    private static Wire open(String... hosts) {
        return new Wire(Wire.LIMITS, Access.open(List.of(hosts)), prompt -> 0.5);
    }

    @Test
    void aNameThatSomebodyLetsPointHereIsRefused() throws IOException {
        try (Wire wire = open("gpu.example")) {
            for (String host : List.of("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "1.2.3")) {
                assertThat(wire.talk(Wire.get("/health", "Host: " + host + "\r\n")))
                        .as(host)
                        .startsWith("HTTP/1.1 403")
                        .contains("--allow-host");
            }
            assertThat(wire.talk(
                            "GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 4");
        }
    }

    @Test
    void addressesInNumbersAndTheNamesOfTheServerAreServed() throws IOException {
        try (Wire wire = open("gpu.example")) {
            for (String host : List.of("localhost", "LOCALHOST:80", "127.0.0.1:8000", "[::1]:8000", "GPU.example")) {
                assertThat(wire.talk(Wire.get("/health", "Host: " + host + "\r\n")))
                        .as(host)
                        .startsWith("HTTP/1.1 200");
            }
        }
    }

    @Test
    void webPagesAreRefused() throws IOException {
        try (Wire wire = open()) {
            for (String header : List.of(
                    "Origin: http://evil.example",
                    "Origin: null",
                    "Origin: http://localhost",
                    "Sec-Fetch-Site: cross-site")) {
                assertThat(wire.talk(Wire.post(Wire.question(1, 1), header + "\r\n")))
                        .as(header)
                        .startsWith("HTTP/1.1 403")
                        .contains("web pages are not served");
            }
            assertThat(wire.talk(Wire.get("/health", "Sec-Fetch-Site: none\r\n")))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void onlyWhoHasTheTokenIsServed() throws IOException {
        try (Wire wire = new Wire(Wire.LIMITS, Access.token(TOKEN, "test", List.of()), prompt -> 0.5)) {
            for (String header : List.of(
                    "",
                    "Authorization: Bearer 0123456789abcdeg\r\n",
                    "Authorization: Bearer\r\n",
                    "Authorization: Basic " + TOKEN + "\r\n",
                    "Authorization: Bearer " + TOKEN + "0\r\n")) {
                assertThat(wire.talk(Wire.post(Wire.question(1, 1), header)))
                        .as(header)
                        .startsWith("HTTP/1.1 401")
                        .contains("WWW-Authenticate: Bearer")
                        .doesNotContain(TOKEN);
            }
            assertThat(wire.talk(Wire.get("/health"))).startsWith("HTTP/1.1 401");
            String header = "Authorization: bearer " + TOKEN + "\r\n";
            assertThat(wire.talk(Wire.get("/health", header))).startsWith("HTTP/1.1 200");
            assertThat(wire.talk(Wire.post(Wire.question(1, 1), header))).contains("\"rewards\":[0.5]");
        }
    }

    @Test
    void aTokenThatCanBeGuessedOrNotSentIsRefused() {
        for (String token : List.of("", "short", "0123456789abcde ", "0123456789abcdefä", "0123456789\nabcdef")) {
            assertThatThrownBy(() -> Access.token(token, "token.txt", List.of()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("token.txt");
        }
    }

    @Test
    void otherMachinesAreServedOnlyWithAToken() {
        InetSocketAddress everywhere = new InetSocketAddress("0.0.0.0", 0);
        assertThatThrownBy(() -> Access.open(List.of()).requireFor(everywhere))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("IMAGERL_SERVE_TOKEN")
                .hasMessageContaining("--token-file");
        Access.token(TOKEN, "test", List.of()).requireFor(everywhere);
        Access.open(List.of()).requireFor(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }
}
