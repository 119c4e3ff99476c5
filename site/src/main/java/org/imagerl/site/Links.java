package org.imagerl.site;

import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where files of the project stand in the site: Markdown becomes HTML in the same place, and a folder's README is its index. */
final class Links {
    private static final Pattern WEB = Pattern.compile("[a-z]+:.*");

    private Links() {}

    static boolean isWeb(String link) {
        return WEB.matcher(link).matches();
    }

    static boolean isPage(String file) {
        return file.endsWith(".md");
    }

    /** The file that a link of a page leads to, from the project's folder; the page itself where it names none. */
    static String file(String page, String link) {
        String path = link.replaceFirst("#.*", "");
        Path from = Path.of(page);
        return path.isEmpty()
                ? page
                : from.resolveSibling(path).normalize().toString().replace('\\', '/');
    }

    static String anchor(String link) {
        return link.contains("#") ? link.substring(link.indexOf('#') + 1) : "";
    }

    /** The place of a file in the site. */
    static String place(String file) {
        return isPage(file) ? file.replaceFirst("README\\.md$", "index.md").replaceFirst("\\.md$", ".html") : file;
    }

    /** A link of a page as the site has it. */
    static String target(String page, String link) {
        if (isWeb(link)) {
            return link;
        }
        String anchor = anchor(link).isEmpty() ? "" : "#" + anchor(link);
        return relative(page, file(page, link)) + anchor;
    }

    /** The way from a page of the site to the place of another file. */
    static String relative(String page, String file) {
        Path from = Path.of("/").resolve(place(page)).resolveSibling("");
        return from.relativize(Path.of("/").resolve(place(file))).toString().replace('\\', '/');
    }

    /** From a page to the folder of the site: empty, or with a slash at its end. */
    static String up(String page) {
        return "../".repeat(Path.of(page).getNameCount() - 1);
    }
}
