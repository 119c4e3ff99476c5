package org.imagerl.tests.train;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.toolkit.recipe.SimpleFactory;

/**
 * The number of letters of the prompt, whatever the image. Every reward of an image is a sum of whole bytes: where two orders of summation
 * round a pixel to another byte, it jumps, and so does all that follows. Two runs whose float32 sums have different orders can be compared
 * with this reward only.
 */
final class PromptReward implements Reward {
    private static final String NAME = "letters-of-the-prompt";

    /** 1 for images that are scored in a batch of fewer than four, else 0: second rollouts of a few prompts succeed, and first ones do not. */
    private record AloneReward(Scope scope) implements Reward {
        @Override
        public Spec spec() {
            return new Spec(scope, 0, 1, true, "");
        }

        @Override
        public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
            return images.stream()
                    .map(image -> Score.of(images.size() < 4 ? 1 : 0))
                    .toList();
        }
    }

    private static final class ItsPlugin implements Plugin {
        @Override
        public String name() {
            return "tests";
        }

        @Override
        public List<Factory<? extends Reward, ?>> rewards() {
            return List.of(
                    SimpleFactory.of(NAME, "For tests", PromptReward::new),
                    SimpleFactory.of("alone", "For tests", () -> new AloneReward(Scope.POINTWISE)),
                    SimpleFactory.of("together", "For tests", () -> new AloneReward(Scope.GROUPWISE)));
        }
    }

    /** All plugins of the class path, and this reward. */
    static Registry registry() {
        List<Plugin> plugins = new ArrayList<>(Registry.load(List.of()).plugins());
        plugins.add(new ItsPlugin());
        return Registry.of(plugins.toArray(Plugin[]::new));
    }

    @Override
    public Spec spec() {
        return new Spec(Scope.POINTWISE, 0, Double.POSITIVE_INFINITY, true, "letters");
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return prompts.stream().map(prompt -> Score.of(prompt.text().length())).toList();
    }
}
