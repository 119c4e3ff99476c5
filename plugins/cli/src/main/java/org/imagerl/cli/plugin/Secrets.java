package org.imagerl.cli.plugin;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes out of a text what must not be given away: passwords and tokens in addresses, values of headers, values under keys whose name says
 * that they are secret, tokens by their usual forms, and whatever a variable of the environment with such a name holds. The user's folder
 * becomes {@code ~}. It can only find what looks like a secret; a person should look, too.
 */
final class Secrets {
    static final String MASK = "***";

    private static final String SECRET_NAME =
            "(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization|cookie|(?<![a-z])token)";

    private static final Pattern VARIABLE = Pattern.compile(
            "(?i).*(token|secret|passw|passphrase|api_?key|access_?key|private_?key|credential|auth).*");
    /** Configurations name variables that hold tokens. */
    private static final Pattern NAMED_VARIABLE =
            Pattern.compile("token_variable[\"']?\\s*[:=]\\s*[\"']?([A-Za-z0-9_]+)");

    /** Shorter ones would be found in other words. */
    private static final int MIN_VALUE = 6;

    private record Rule(Pattern pattern, String replacement) {
        static Rule of(String pattern, String replacement) {
            return new Rule(Pattern.compile(pattern), replacement);
        }
    }

    private static final Rule[] RULES = {
        Rule.of("(?i)([a-z][a-z0-9+.-]*://)[^/\\s@\"']+@", "$1" + MASK + "@"),
        Rule.of("(?i)([?&][^=&\\s\"']*(?:token|key|sig|secret|passw|auth)[^=&\\s\"']*=)[^&\\s\"'#,}]+", "$1" + MASK),
        Rule.of("(?i)\\b(bearer|basic)\\s+[A-Za-z0-9._~+/=-]{8,}", "$1 " + MASK),
        Rule.of(
                "(?i)([\\w.-]*" + SECRET_NAME
                        + "[\"']?\\s*[:=]\\s*)(?!(?:bearer|basic) \\*)(\"[^\"]*\"|'[^']*'|[^\\s,}&]+)",
                "$1" + MASK),
        Rule.of("\\b(?:hf_|sk-|ghp_|gho_|github_pat_|glpat-|xox[abp]-|AKIA)[A-Za-z0-9_-]{12,}", MASK),
        Rule.of("\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*", MASK),
    };

    private final Map<String, String> environment;
    private final String home;

    /**
     * What to look for.
     *
     * @param environment of this process
     * @param home the user's folder
     */
    Secrets(Map<String, String> environment, String home) {
        this.environment = Map.copyOf(environment);
        this.home = home;
    }

    /** Whether a variable of the environment holds a secret, by its name. */
    static boolean isSecret(String variable) {
        return VARIABLE.matcher(variable).matches();
    }

    /** The text without them. */
    String masked(String text) {
        String masked = text;
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            if (isSecret(variable.getKey())) {
                masked = withoutValue(masked, variable.getValue());
            }
        }
        Matcher named = NAMED_VARIABLE.matcher(text);
        while (named.find()) {
            masked = withoutValue(masked, environment.getOrDefault(named.group(1), ""));
        }
        for (Rule rule : RULES) {
            masked = rule.pattern.matcher(masked).replaceAll(rule.replacement);
        }
        return home.length() > 1 ? masked.replace(home, "~") : masked;
    }

    private static String withoutValue(String text, String value) {
        return value.strip().length() < MIN_VALUE ? text : text.replace(value.strip(), MASK);
    }
}
