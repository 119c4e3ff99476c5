package org.imagerl.site;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Writes the documents as HTML files that need no server and no network: {@code Site PROJECT OUT}. Its pages are those that the README and
 * docs/README.md lead to; a link that leads nowhere ends it with exit code 1.
 */
public final class Site {
    private static final String FIRST = "README.md";
    private static final String LIST = "docs/README.md";
    private static final List<String> RESOURCES = List.of("style.css", "search.js");

    private final Path root;
    private final Path out;
    private final Map<String, Document> pages = new TreeMap<>();
    private final Set<String> files = new TreeSet<>();
    private final List<String> faults = new ArrayList<>();

    private Site(Path root, Path out) {
        this.root = root;
        this.out = out;
    }

    /** Makes the site of the project in the first folder in the second one. */
    public static void main(String[] arguments) throws IOException {
        Site site = new Site(Path.of(arguments[0]), Path.of(arguments[1]));
        site.read();
        site.check();
        if (!site.faults.isEmpty()) {
            throw new IllegalStateException("links of documents lead nowhere:\n  " + String.join("\n  ", site.faults));
        }
        site.write();
        System.out.println(
                site.pages.size() + " pages, " + site.files.size() + " other files: " + site.out.resolve("index.html"));
    }

    /** All pages, from link to link. */
    private void read() throws IOException {
        Deque<String> waiting = new ArrayDeque<>(List.of(FIRST, LIST));
        while (!waiting.isEmpty()) {
            String page = waiting.remove();
            if (pages.containsKey(page)) {
                continue;
            }
            Document document = Document.read(root, page);
            pages.put(page, document);
            for (String link : document.links()) {
                String file = Links.isWeb(link) ? page : Links.file(page, link);
                if (!Files.isRegularFile(root.resolve(file)) || file.startsWith("..")) {
                    faults.add(page + ": no file " + link);
                } else if (Links.isPage(file)) {
                    waiting.add(file);
                } else {
                    files.add(file);
                }
            }
        }
    }

    private void check() {
        for (Document document : pages.values()) {
            for (String link : document.links()) {
                Document target = Links.isWeb(link) ? null : pages.get(Links.file(document.file(), link));
                String anchor = Links.anchor(link);
                if (target != null && !anchor.isEmpty() && !target.anchors().contains(anchor)) {
                    faults.add(document.file() + ": no heading " + link);
                }
            }
        }
    }

    private void write() throws IOException {
        Navigation navigation = Navigation.of(Objects.requireNonNull(pages.get(LIST)));
        for (Document document : pages.values()) {
            put(Links.place(document.file()), Template.page(document, navigation));
        }
        for (String file : files) {
            Path target = parent(file);
            Files.copy(root.resolve(file), target, StandardCopyOption.REPLACE_EXISTING);
        }
        put("search-index.js", SearchIndex.script(pages.values()));
        for (String name : RESOURCES) {
            try (InputStream in = Objects.requireNonNull(Site.class.getResourceAsStream(name))) {
                put(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    private void put(String place, String text) throws IOException {
        Files.writeString(parent(place), text);
    }

    private Path parent(String place) throws IOException {
        Path target = out.resolve(place);
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        return target;
    }
}
