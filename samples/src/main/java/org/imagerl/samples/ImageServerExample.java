package org.imagerl.samples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.sampling.ImageSampler;

/**
 * A server of images of a Stable Diffusion checkpoint with a LoRA: {@code ImageServerExample CHECKPOINT LORA PORT}, then
 * {@code http://localhost:PORT/image?prompt=a%20cat&seed=7} is a PNG. In a framework (Spring, Jakarta REST), the body of {@link #image} is
 * what a controller does; the pipeline is one for the whole program.
 */
public final class ImageServerExample implements AutoCloseable {
    private static final int MAX_PROMPT = 1000;

    private final Pipeline pipeline;
    private final ImageSampler sampler;
    private final HttpServer server;

    /**
     * Loads the checkpoint and the LoRA, and listens on this machine alone.
     *
     * @param lora a LoRA file of any layout, or the folder of a run
     * @param port 0 for any that is free
     */
    public ImageServerExample(Path checkpoint, Path lora, int port) throws IOException {
        Registry registry = Registry.load(List.of());
        Context context = new Context(Path.of(""), "auto", 1, System.err::println);
        pipeline =
                registry.pipeline(checkpoint).open(checkpoint, new PipelineFactory.Options("float32", false, context));
        pipeline.loadLora(lora, 1);
        Dynamics ddim = BoundPart.of(registry.factory(Kind.DYNAMICS, "ddim")).create(context);
        ImageSize size = pipeline.defaultSize();
        sampler = new ImageSampler(pipeline, ddim, new ImageSampler.Settings(20, 5, "", size.width(), size.height()));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/image", this::image); // one request at a time: a second image would share the cores
        server.start();
    }

    /** The address of the images. */
    public String address() {
        return "http://localhost:" + server.getAddress().getPort() + "/image";
    }

    private void image(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> asked = parameters(exchange.getRequestURI().getRawQuery());
            String prompt = asked.getOrDefault("prompt", "");
            String seed = asked.getOrDefault("seed", "0");
            if (prompt.isBlank() || prompt.length() > MAX_PROMPT || !seed.matches("\\d{1,9}")) {
                answer(
                        exchange,
                        400,
                        "text/plain",
                        "wanted: /image?prompt=TEXT&seed=NUMBER".getBytes(StandardCharsets.UTF_8));
                return;
            }
            var image = sampler.images(List.of(Prompt.of("", prompt)), Long.parseLong(seed))
                    .get(0);
            answer(exchange, 200, "image/png", PngWriter.encode(image, Map.of("prompt", prompt, "seed", seed)));
        }
    }

    private static Map<String, String> parameters(String query) {
        return Stream.of(query == null ? new String[0] : query.split("&"))
                .map(pair -> pair.split("=", 2))
                .filter(pair -> pair.length == 2)
                .collect(Collectors.toMap(
                        pair -> pair[0],
                        pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8),
                        (first, second) -> second));
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(1);
        pipeline.close();
    }

    public static void main(String[] arguments) throws IOException {
        var server =
                new ImageServerExample(Path.of(arguments[0]), Path.of(arguments[1]), Integer.parseInt(arguments[2]));
        System.out.println(server.address() + "?prompt=a%20photo%20of%20the%20cat&seed=7");
    }
}
