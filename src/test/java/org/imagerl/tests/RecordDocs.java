package org.imagerl.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the Javadoc of records says of their components, read from the sources. */
final class RecordDocs {
    private static final Pattern PARAM =
            Pattern.compile("@param (\\w+)\\s+(.*?)(?=\\s@param |\\s@throws |\\s@return |\\z)", Pattern.DOTALL);
    private static final Pattern TAG = Pattern.compile("\\{@(code|link|value|linkplain) ([^{}]*)}");

    private static final Pattern ANNOTATION = Pattern.compile("@\\w+\\([^()]*\\)");

    private final Map<String, Path> sources;
    private final Map<Class<?>, Map<String, String>> known = new HashMap<>();

    /** Those of the modules of a folder. */
    RecordDocs(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root, 14)) {
            sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/src/main/java/"))
                    .collect(Collectors.toMap(
                            file -> file.toString().replaceFirst(".*/src/main/java/", ""), file -> file, (a, b) -> a));
        }
    }

    /** What is said of a component, on one line of Markdown; empty if nothing is. */
    String of(Class<?> record, String component) {
        return known.computeIfAbsent(record, this::params).getOrDefault(component, "");
    }

    private Map<String, String> params(Class<?> record) {
        Class<?> outermost = record;
        while (outermost.getEnclosingClass() != null) {
            outermost = outermost.getEnclosingClass();
        }
        Path file = sources.get(outermost.getName().replace('.', '/') + ".java");
        if (file == null) {
            throw new AssertionError("no source of " + record);
        }
        try {
            return params(Files.readString(file), record.getSimpleName());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> params(String source, String name) {
        Map<String, String> params = new HashMap<>();
        Matcher declared = Pattern.compile("\\brecord\\s+" + name + "\\s*[(<]").matcher(source);
        int end = declared.find() ? source.lastIndexOf("*/", declared.start()) : -1;
        if (end < 0
                || ANNOTATION
                        .matcher(source.substring(end, declared.start()))
                        .replaceAll("")
                        .matches("(?s).*[;}].*")) {
            return params; // the comment is of something before it
        }
        String comment = source.substring(source.lastIndexOf("/**", end) + 3, end)
                .replaceAll("(?m)^\\s*\\*", "")
                .replaceAll("\\s+", " ");
        Matcher found = PARAM.matcher(comment);
        while (found.find()) {
            params.put(found.group(1), markdown(found.group(2)));
        }
        return params;
    }

    private static String markdown(String text) {
        String plain =
                TAG.matcher(text).replaceAll(tag -> Matcher.quoteReplacement(marked(tag.group(1), tag.group(2))));
        return plain.replaceAll("</?code>", "`")
                .replaceAll("<[^>]*>", "")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("|", "\\|")
                .strip();
    }

    /** Code as code; of a link its own words, or the last name in it. */
    private static String marked(String tag, String content) {
        if (tag.equals("code")) {
            return '`' + content + '`';
        }
        String target = content.strip();
        int words = target.indexOf(' ');
        return words > 0 ? target.substring(words + 1) : '`' + target.replaceFirst("^.*[#.]", "") + '`';
    }
}
