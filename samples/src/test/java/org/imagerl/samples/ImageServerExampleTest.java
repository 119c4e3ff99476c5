package org.imagerl.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ImageServerExampleTest {
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void servesTheImageOfAPromptAndASeedAndSaysWhatItWants() throws Exception {
        Path golden = Project.folder("src/test/resources/golden");
        Path lora = golden.resolve("lora/sd-diffusers/pytorch_lora_weights.safetensors");
        try (var server = new ImageServerExample(golden.resolve("pipelines/sd-tiny"), lora, 0)) {
            HttpResponse<byte[]> image = get(server.address() + "?prompt=a%20cat&seed=7");
            assertThat(image.statusCode()).isEqualTo(200);
            assertThat(image.headers().firstValue("Content-Type")).contains("image/png");
            assertThat(ImageIO.read(new ByteArrayInputStream(image.body())).getWidth())
                    .isPositive();
            assertThat(get(server.address() + "?seed=7&prompt=a+cat").body()).isEqualTo(image.body());
            assertThat(get(server.address() + "?prompt=a%20cat&seed=8").body()).isNotEqualTo(image.body());
            for (String wrong : new String[] {"", "?prompt=", "?prompt=a&seed=-1", "?prompt=" + "a".repeat(1001)}) {
                assertThat(get(server.address() + wrong).statusCode()).as(wrong).isEqualTo(400);
            }
        }
    }

    private HttpResponse<byte[]> get(String address) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }
}
