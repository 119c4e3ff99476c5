package org.imagerl.toolkit.lora;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;

/**
 * Chooses module paths by patterns: a pattern matches a path that equals it or ends in {@code .pattern}, as PEFT's
 * {@code target_modules} do; {@code *} stands for anything.
 */
final class Targets {
    private Targets() {}

    /** The paths that some pattern matches, in their order. */
    public static List<String> choose(Collection<String> paths, List<String> patterns) {
        List<Pattern> compiled = patterns.stream().map(Targets::compile).toList();
        return paths.stream()
                .filter(path -> compiled.stream()
                        .anyMatch(pattern -> pattern.matcher(path).matches()))
                .toList();
    }

    /**
     * Makes sure that no pattern is in vain.
     *
     * @param paths of all components together, as a pattern may be meant for one of them
     * @throws UserException naming a pattern that matches nothing
     */
    public static void check(Collection<String> paths, List<String> patterns) {
        for (String target : patterns) {
            if (choose(paths, List.of(target)).isEmpty()) {
                throw UserException.input("no layer matches the LoRA target '" + target
                        + "'; layers are named like " + paths.stream().limit(5).toList()
                        + "; a target is the end of such a path, * stands for anything");
            }
        }
    }

    private static Pattern compile(String target) {
        String body = Pattern.quote(target).replace("*", "\\E.*\\Q");
        return Pattern.compile("(.*\\.)?" + body);
    }
}
