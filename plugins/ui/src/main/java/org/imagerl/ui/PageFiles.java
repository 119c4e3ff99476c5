package org.imagerl.ui;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The files of the page. Its script is one text of all modules, so that the page that is served and the report run the same code: each module
 * becomes a function that returns what it exports, and imports are taken from that. The whole is no module itself, because browsers ask for modules as if for
 * another page, with an {@code Origin}, which {@link org.imagerl.scoring.http.Access} refuses.
 */
final class PageFiles {
    /** Each after those that it imports. */
    private static final List<String> MODULES = List.of(
            "dom.js",
            "series.js",
            "data.js",
            "chart.js",
            "state.js",
            "curves.js",
            "images.js",
            "rewards.js",
            "tables.js",
            "runs.js",
            "main.js");

    private static final Pattern IMPORT = Pattern.compile("import (\\{.*}) from \"\\./(\\w+)\\.js\";");
    private static final Pattern EXPORT = Pattern.compile("(export )(?:async )?(?:function|const) (\\w+)");
    private static final String CHARTS = "/META-INF/resources/webjars/uplot/1.6.30/";
    private static final String STYLE_LINK = "<link rel=\"stylesheet\" href=\"page.css\">";
    private static final String SCRIPT_LINK = "<script src=\"page.js\"></script>";
    private static final String POLICY = "<!-- policy -->";
    private static final String DATA = "<!-- data -->";

    private PageFiles() {}

    /** The page as it is served. */
    static String html() {
        return own("index.html").replace(POLICY, "").replace(DATA, "");
    }

    /** Its looks. */
    static String css() {
        return text(CHARTS + "dist/uPlot.min.css") + "\n" + own("page.css");
    }

    /** Its script, with the licence of the library that draws. */
    static String script() {
        String modules = MODULES.stream().map(PageFiles::function).collect(Collectors.joining("\n"));
        return "/*! uPlot:\n" + text(CHARTS + "LICENSE").replace("*/", "") + "*/\n"
                + text(CHARTS + "dist/uPlot.iife.min.js") + "\n(() => {\n\"use strict\";\n" + modules + "\n})();\n";
    }

    private static String function(String file) {
        List<String> exported = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        for (String line : own(file).lines().toList()) {
            Matcher imported = IMPORT.matcher(line);
            Matcher export = EXPORT.matcher(line);
            if (imported.matches()) {
                body.append("const ")
                        .append(imported.group(1))
                        .append(" = ")
                        .append(imported.group(2))
                        .append("Module;");
            } else if (export.lookingAt()) {
                exported.add(export.group(2));
                body.append(line.substring(export.end(1)));
            } else {
                body.append(line);
            }
            body.append('\n');
        }
        return "const " + file.replace(".js", "Module") + " = (() => {\n" + body + "return {"
                + String.join(", ", exported) + "};\n})();";
    }

    /**
     * The page as one file that asks nobody for anything.
     *
     * @param data answers by question, as JSON
     */
    static String report(String data) {
        String css = "\n" + css();
        String script = "\n" + script() + "\n";
        String policy = "default-src 'none'; img-src data:; style-src '" + hash(css) + "'; script-src '" + hash(script)
                + "'; base-uri 'none'; form-action 'none'";
        return own("index.html")
                .replace(POLICY, "<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy + "\">")
                .replace(STYLE_LINK, "<style>" + css + "</style>")
                .replace(DATA, "<script type=\"application/json\" id=\"data\">" + harmless(data) + "</script>")
                .replace(SCRIPT_LINK, "<script>" + script + "</script>");
    }

    /** JSON that ends no element of HTML and begins no comment: the same values, for these characters stand in texts alone. */
    private static String harmless(String json) {
        return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    }

    private static String hash(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return "sha256-" + Base64.getEncoder().encodeToString(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String own(String name) {
        return text("page/" + name);
    }

    private static String text(String resource) {
        try (InputStream in = PageFiles.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
