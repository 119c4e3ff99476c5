package org.imagerl.tests.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imagerl.rewards.remote.RemoteConfig;
import org.imagerl.rewards.remote.RemoteFactory;
import org.imagerl.scoring.http.Access;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.scoring.serve.RewardServer;
import org.imagerl.scoring.serve.ServerLimits;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;

/** The remote reward asks our own server: what stands beside the text of a prompt arrives there. */
class PromptFieldsOverHttpTest {

    /** The number in the field {@code wanted} of the prompt, if the image has as many columns as the field {@code width} says. */
    private record Wanted() implements Reward {
        @Override
        public Spec spec() {
            return new Spec(Scope.POINTWISE, 0, 100, true, "number");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            return IntStream.range(0, images.size())
                    .mapToObj(i -> score(images.get(i), prompts.get(i).metadata()))
                    .toList();
        }

        private static Score score(RgbImage image, Map<String, String> fields) {
            return Integer.toString(image.width()).equals(fields.get("width"))
                    ? Score.of(Double.parseDouble(fields.getOrDefault("wanted", "NaN")))
                    : Score.failed("fields " + fields);
        }
    }

    private static Prompt prompt(int width, double wanted) {
        return new Prompt(
                "image" + width,
                "a prompt",
                Map.of("width", Integer.toString(width), "wanted", Double.toString(wanted)));
    }

    @Test
    void theFieldsOfEveryPromptArrive() throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (WeightedRewards rewards =
                        new WeightedRewards(List.of(new WeightedRewards.Entry("wanted", 1, new Wanted())));
                RewardServer server =
                        RewardServer.start(address, rewards, ServerLimits.of(1 << 20, 2), Access.open(List.of()));
                Reward remote = remote("http://127.0.0.1:" + server.address().getPort())) {
            List<RgbImage> images = IntStream.of(4, 5, 6)
                    .mapToObj(width -> TestImages.noise(width, 4, 1))
                    .toList();
            List<Prompt> prompts = List.of(prompt(4, 0.25), prompt(5, 7), Prompt.of("image6", "a prompt"));
            List<Score> scores = remote.score(images, prompts);
            assertThat(scores.get(0).value()).isEqualTo(0.25);
            assertThat(scores.get(1).value()).isEqualTo(7);
            assertThat(scores.get(2).error()).contains("fields {}");
        }
    }

    private static Reward remote(String url) {
        RemoteConfig d = new RemoteFactory().defaults();
        return new RemoteFactory()
                .create(
                        new RemoteConfig(url, 60, 0, 2, 1, 0.0, 100.0, true, d.unit(), null),
                        new Context(Path.of(""), "cpu", 1, warning -> {}));
    }
}
