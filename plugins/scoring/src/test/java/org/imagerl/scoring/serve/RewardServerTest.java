package org.imagerl.scoring.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.imagerl.images.PngWriter;
import org.imagerl.scoring.http.Access;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.junit.jupiter.api.Test;

class RewardServerTest {
    private static final String IMAGE =
            Base64.getEncoder().encodeToString(PngWriter.encode(new RgbImage(1, 1, new byte[3]), Map.of()));

    /** The number in the field {@code wanted} of the prompt. */
    private record Wanted() implements Reward {
        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, 1, true, "number");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            return prompts.stream()
                    .map(prompt -> prompt.metadata().get("wanted"))
                    .map(text -> text == null ? Score.failed("no field") : Score.of(Double.parseDouble(text)))
                    .toList();
        }
    }

    private static String ask(String extra) throws IOException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (WeightedRewards rewards =
                        new WeightedRewards(List.of(new WeightedRewards.Entry("wanted", 1, new Wanted())));
                RewardServer server =
                        RewardServer.start(address, rewards, ServerLimits.of(1 << 20, 1), Access.open(List.of()))) {
            URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + "/compute");
            String body =
                    "{\"prompt\": [\"a\", \"b\"], \"image\": [\"" + IMAGE + "\", \"" + IMAGE + "\"]" + extra + "}";
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(uri)
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void theFieldsOfThePromptsReachTheReward() throws Exception {
        assertThat(ask(", \"extra\": {\"metadata\": [{\"wanted\": \"0.25\"}, {\"wanted\": 0.5}]}"))
                .contains("\"rewards\":[0.25,0.5]");
    }

    @Test
    void withoutFieldsThereAreNone() throws Exception {
        for (String extra :
                List.of("", ", \"extra\": {}", ", \"extra\": null", ", \"extra\": {\"metadata\": [null, {}]}")) {
            assertThat(ask(extra)).as(extra).contains("\"rewards\":[null,null]").contains("no field");
        }
    }

    @Test
    void fieldsThatDoNotBelongToThePromptsAreRefused() throws Exception {
        assertThat(ask(", \"extra\": {\"metadata\": [{}]}")).contains("extra.metadata must be a list of 2 objects");
        assertThat(ask(", \"extra\": {\"metadata\": [{}, 3]}")).contains("extra.metadata[1] must be an object");
    }

    @Test
    void aScoreBeyondAllMeasureIsNullWithItsReason() throws Exception {
        assertThat(ask(", \"extra\": {\"metadata\": [{\"wanted\": \"1e300\"}, {\"wanted\": 1}]}"))
                .contains("\"rewards\":[null,1.0]")
                .contains("the score is 1.0E300");
    }
}
