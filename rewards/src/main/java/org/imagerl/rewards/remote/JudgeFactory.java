package org.imagerl.rewards.remote;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/** Makes a reward that is a vision-language model behind an API like that of OpenAI. */
public final class JudgeFactory implements Factory<Reward, JudgeConfig> {
    private static final String QUESTION =
            "Rate how well this image shows what was asked for: \"{{prompt}}\". Judge both the"
                    + " content and the quality of the image. Give your reasons in a few words, and end with a line"
                    + " \"Score: N\", where N is a number from 0 (nothing of it) to 10 (perfect).";

    private final UnaryOperator<@Nullable String> environment;

    /** With the environment of this process. */
    public JudgeFactory() {
        this(System::getenv);
    }

    /** @param environment gives the value of a variable, or null */
    JudgeFactory(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    @Override
    public String name() {
        return "vlm-judge";
    }

    @Override
    public String description() {
        return "a score that a vision-language model is asked for, over the API of OpenAI's chat completions";
    }

    @Override
    @SuppressWarnings("NullAway") // address and model are required: they have no default
    public JudgeConfig defaults() {
        return new JudgeConfig(
                null,
                null,
                QUESTION,
                "(?i)score[\\s:=*\"]*(-?\\d+(?:\\.\\d+)?)",
                null,
                0,
                10,
                true,
                "as the model says it",
                "{\"temperature\": 0}",
                null,
                60,
                4,
                1,
                4,
                0,
                null,
                null);
    }

    @Override
    public Reward create(JudgeConfig config, Context context) {
        config.reader(); // what cannot be is refused before a file is opened
        Path cache = path(context, "cache", config.cache());
        Path costs = path(context, "cost_log", config.costLog());
        JudgeClient client = new JudgeClient(config, ServerAddress.token(config.tokenVariable(), environment));
        try {
            return new JudgeReward(
                    config,
                    client,
                    cache == null ? null : new JudgeCache(cache),
                    costs == null ? null : new CostLog(costs));
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
    }

    @Nullable
    private static Path path(Context context, String key, @Nullable String named) {
        try {
            return named == null ? null : context.folder().resolve(named);
        } catch (InvalidPathException e) {
            throw UserException.input(key + " is " + Quote.of(named) + ", which names no file", e);
        }
    }
}
