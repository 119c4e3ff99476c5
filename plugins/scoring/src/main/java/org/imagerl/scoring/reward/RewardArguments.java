package org.imagerl.scoring.reward;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.config.ConfigLoader;
import org.imagerl.config.Overrides;
import org.imagerl.config.Words;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Source;
import org.imagerl.spi.UserException;
import tools.jackson.databind.json.JsonMapper;

/** Rewards as a command line names them. */
public final class RewardArguments {
    private static final Pattern MADE_FROM = Pattern.compile("([a-z][a-z0-9-]*)=(.+)");

    private RewardArguments() {}

    /**
     * Reads a reward as a command line names it.
     *
     * @param text {@code ocr}, or with settings {@code {type: ocr, mode: line, name: line, weight: 2}}, or with what it is made from
     *     {@code pickscore=models/pickscore}
     * @throws UserException with all problems
     */
    public static RewardEntry read(Registry registry, String text) {
        Matcher made = MADE_FROM.matcher(text);
        String named = made.matches() ? made.group(1) : text;
        Overrides from = made.matches() ? madeFrom(registry, named, made.group(2)) : Overrides.NONE;
        return new ConfigLoader(registry).record(RewardEntry.class, named, "reward " + text, from, Set.of("type"));
    }

    /**
     * The same as it stands in a configuration, on one line: {@code {type: pickscore, folder: "models/pickscore"}}.
     *
     * @param text as {@link #read} takes it
     */
    public static String yaml(Registry registry, String text) {
        Matcher made = MADE_FROM.matcher(text);
        if (made.matches()) {
            String value = JsonMapper.shared().writeValueAsString(made.group(2)); // YAML takes JSON's texts
            return "{type: " + made.group(1) + ", " + key(registry, made.group(1), made.group(2)) + ": " + value + "}";
        }
        return text.strip().startsWith("{") ? text.strip() : "{type: " + text.strip() + "}";
    }

    private static Overrides madeFrom(Registry registry, String name, String value) {
        return Overrides.NONE.set(key(registry, name, value), value);
    }

    /** The key that says what a reward is made from. */
    private static String key(Registry registry, String name, String value) {
        Source source =
                registry.factory(Kind.REWARD, name).defaults().getClass().getAnnotation(Source.class);
        if (source == null) {
            throw UserException.input("reward " + name + "=" + value + ": " + name
                    + " is not made from a folder or an address; write " + name + " alone");
        }
        return Words.snake(source.value());
    }
}
