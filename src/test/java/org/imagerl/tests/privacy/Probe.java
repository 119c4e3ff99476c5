package org.imagerl.tests.privacy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.imagerl.cli.Main;

/** Trains, scores and serves in a process of its own, and prints what its sockets and its network saw; see {@link PrivacyTest}. */
final class Probe {
    private static final Pattern ADDRESS = Pattern.compile("serving on (http://\\S+)");

    private Probe() {}

    /** @param args the training's configuration, its run folder, a folder for results */
    public static void main(String[] args) throws Exception {
        Sockets sockets = Sockets.watch();
        Path results = Path.of(args[2]);
        run("train", args[0]);
        Path image = anImage(Path.of(args[1]));
        run("score", image.toString(), "--reward", "ocr", "--prompt", "a \"1\"", "--out", results + "/scores.csv");
        System.out.println("COUNTERS " + counters());
        System.out.println("SERVED " + served(image));
        System.out.println("SOCKETS " + sockets.seen());
        System.out.flush();
        System.exit(0); // the server is still open
    }

    private static void run(String... command) {
        StringWriter said = new StringWriter();
        int code = Main.run(command, new PrintWriter(said), new PrintWriter(said));
        if (code != 0) {
            System.out.println("FAILED " + List.of(command) + ": " + said);
            System.exit(1);
        }
    }

    private static Path anImage(Path run) throws IOException {
        try (Stream<Path> all = Files.walk(run.resolve("samples"))) {
            return all.filter(path -> path.toString().endsWith(".png"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** What this network namespace tried to send, the lookups of names that failed among it. */
    private static String counters() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/net/snmp"));
        StringBuilder counters = new StringBuilder();
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            List<String> names = List.of(lines.get(i).split(" "));
            List<String> values = List.of(lines.get(i + 1).split(" "));
            for (String name : List.of("OutRequests", "OutNoRoutes", "OutDatagrams", "ActiveOpens")) {
                int at = names.indexOf(name);
                if (at > 0) {
                    counters.append(names.get(0))
                            .append(name)
                            .append('=')
                            .append(values.get(at))
                            .append(' ');
                }
            }
        }
        return counters.toString().strip();
    }

    private static int served(Path image) throws IOException, InterruptedException {
        StringWriter said = new StringWriter();
        String[] command = {"serve-rewards", "--reward", "ocr", "--port", "0"};
        Thread server = new Thread(() -> Main.run(command, new PrintWriter(said), new PrintWriter(said)));
        server.setDaemon(true);
        server.start();
        Matcher address = ADDRESS.matcher(said.toString());
        while (!address.find()) {
            if (!server.isAlive()) {
                System.out.println("FAILED " + said);
                System.exit(1);
            }
            Thread.sleep(20);
            address = ADDRESS.matcher(said.toString());
        }
        String body = "{\"prompt\": [\"a \\\"1\\\"\"], \"image\": [\""
                + Base64.getEncoder().encodeToString(Files.readAllBytes(image)) + "\"]}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(address.group(1) + "/compute"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }
}
