package com.example.colour;

import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;

/** Makes the reward from its section of a configuration: {@code {type: colourfulness, divisor: 100}}. */
public final class ColourfulnessFactory implements Factory<Reward, ColourfulnessFactory.Config> {

    /** @param divisor scores are divided by this; above 0 */
    public record Config(double divisor) {}

    @Override
    public String name() {
        return "colourfulness";
    }

    @Override
    public String description() {
        return "how colourful an image looks: 0 is gray, above 100 very colourful";
    }

    @Override
    public Config defaults() {
        return new Config(1);
    }

    @Override
    public Reward create(Config config, Context context) {
        if (!(config.divisor() > 0)) {
            throw UserException.input("divisor must be above 0, not " + config.divisor());
        }
        return new Colourfulness(config.divisor());
    }
}
