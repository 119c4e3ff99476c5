package org.imagerl.cli.plugin;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Takes out of a text what must not be given away: passwords and tokens in addresses, values of headers, values under keys whose name says
 * that they are secret, tokens by their usual forms, and whatever a variable of the environment with such a name holds. The user's folder
 * becomes {@code ~}. It can only find what looks like a secret; a person should look, too.
 */
final class Secrets {
    static final String MASK = "***";

    private static final String SECRET_NAME =
            "(?:password|passwd|passphrase|(?<=[_-])pass|secret|api[_-]?key|access[_-]?key(?:[_-]?id)?|private[_-]?key|credentials?|authorization|(?<![a-z])auth|cookie|(?<![a-z])token)";

    /** What may stand for a value: quoted, a list, an object (both with one more inside), or a word. */
    private static final String VALUE = "(?:\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|\\[(?:[^\\[\\]]|\\[[^\\[\\]]*\\])*\\]"
            + "|\\{(?:[^{}]|\\{[^{}]*\\})*\\}|[^\\s,}&]+)";

    private static final Pattern VARIABLE = Pattern.compile(
            "(?i).*(token|secret|passw|passphrase|_pass$|api_?key|access_?key|private_?key|credential|auth).*");
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
        Rule.of(
                "(?s)-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?-----END",
                "-----BEGIN $1PRIVATE KEY-----" + MASK + "-----END"),
        Rule.of("(?i)(authorization\\s*[:=]\\s*(?:token|digest|negotiate|apikey)\\s+)[^\\r\\n]+", "$1" + MASK),
        Rule.of("(?i)(\\s--?[\\w.-]*" + SECRET_NAME + "\\s+)(?!-)(\"[^\"]*\"|'[^']*'|\\S+)", "$1" + MASK),
        Rule.of("(?i)\\b(bearer|basic)\\s+[A-Za-z0-9._~+/=-]{8,}", "$1 " + MASK),
        // of YAML: a text or further keys on the lines below, which are indented more
        Rule.of(
                "(?im)^([ \\t]*)((?:- +)?[\"']?[\\w.-]*" + SECRET_NAME
                        + "[\"']?[ \\t]*:)[ \\t]*(?:[|>][-+0-9]*)?[ \\t]*(?:#.*)?(?:\\R(?:\\1(?:[ \\t]+|- ).*|[ \\t]*(?=\\R)))+",
                "$1$2 " + MASK),
        // JSON within JSON, whose quotes are escaped
        Rule.of("(?is)([\\w.-]*" + SECRET_NAME + "(\\\\+)[\"']\\s*:\\s*)\\2[\"'].*?(?<!\\\\)\\2[\"']", "$1" + MASK),
        Rule.of("(?i)(\\bcurl\\b[^\\r\\n]*?\\s(?:-u|--user)[ =]*)(\"[^\"]*\"|'[^']*'|\\S+)", "$1" + MASK),
        Rule.of(
                "(?i)([\\w.-]*" + SECRET_NAME
                        + "\\\\*[\"']?\\s*[:=]\\s*)(?!(?:bearer|basic|token|digest|negotiate|apikey)\\s+\\*|\\*\\*\\*)"
                        + VALUE,
                "$1" + MASK),
        Rule.of("\\b(?:hf_|sk-|ghp_|gho_|github_pat_|glpat-|xox[abp]-|AKIA)[A-Za-z0-9_-]{12,}", MASK),
        Rule.of("\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*", MASK),
    };

    private final Map<String, String> environment;
    private final String home;
    private final Set<String> variables;

    /**
     * Collects the secrets to look for.
     *
     * @param environment of this process
     * @param home the user's folder
     */
    Secrets(Map<String, String> environment, String home) {
        this(
                environment,
                home,
                environment.keySet().stream().filter(Secrets::isSecret).collect(Collectors.toSet()));
    }

    private Secrets(Map<String, String> environment, String home, Set<String> variables) {
        this.environment = Map.copyOf(environment);
        this.home = home;
        this.variables = variables;
    }

    /** These, and the values of the variables that one of the texts names as {@code token_variable}: another text may hold them. */
    Secrets named(Collection<String> texts) {
        Set<String> all = new TreeSet<>(variables);
        for (String text : texts) {
            NAMED_VARIABLE.matcher(text).results().forEach(found -> all.add(found.group(1)));
        }
        return new Secrets(environment, home, all);
    }

    /** Whether a variable of the environment holds a secret, by its name. */
    static boolean isSecret(String variable) {
        return VARIABLE.matcher(variable).matches();
    }

    /** The text without them. */
    String masked(String text) {
        String masked = text;
        for (String variable : variables) {
            masked = withoutValue(masked, environment.getOrDefault(variable, ""));
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
