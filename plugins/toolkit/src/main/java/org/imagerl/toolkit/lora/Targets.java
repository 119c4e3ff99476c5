package org.imagerl.toolkit.lora;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;

/**
 * Chooses module paths by patterns: a pattern matches a path that equals it or ends in {@code .pattern}, as PEFT's
 * {@code target_modules} do; {@code *} stands for anything.
 */
public final class Targets {
    private Targets() {}

    /**
     * The paths that some pattern matches, in their order.
     *
     * @throws UserException if a pattern matches nothing
     */
    public static List<String> choose(Collection<String> paths, List<String> patterns) {
        List<Pattern> compiled = patterns.stream().map(Targets::compile).toList();
        for (int i = 0; i < patterns.size(); i++) {
            Pattern pattern = compiled.get(i);
            if (paths.stream().noneMatch(path -> pattern.matcher(path).matches())) {
                throw UserException.input("no layer matches the LoRA target '" + patterns.get(i)
                        + "'; layers are named like " + paths.stream().limit(5).toList()
                        + "; a target is the end of such a path, * stands for anything");
            }
        }
        return paths.stream()
                .filter(path -> compiled.stream()
                        .anyMatch(pattern -> pattern.matcher(path).matches()))
                .toList();
    }

    private static Pattern compile(String target) {
        String body = Pattern.quote(target).replace("*", "\\E.*\\Q");
        return Pattern.compile("(.*\\.)?" + body);
    }
}
