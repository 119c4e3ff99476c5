package org.imagerl.site;

import java.util.stream.Collectors;

/** A page of the site around the text of a document. */
final class Template {
    private static final String PAGE = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>%1$s</title>
            <link rel="stylesheet" href="%2$sstyle.css">
            <script src="%2$ssearch.js" defer data-up="%2$s"></script>
            </head>
            <body>
            <a class="skip" href="#text">To the text</a>
            <header>
            <a class="home" href="%2$sindex.html">imagerl</a>
            <form role="search"><input id="search" type="search" placeholder="Search" aria-label="Search the documents" autocomplete="off"></form>
            </header>
            <div id="results" role="region" aria-live="polite" aria-label="Results of the search" hidden></div>
            <div class="columns">
            <details class="pages" open><summary>Pages</summary><nav aria-label="Pages">
            %3$s</nav></details>
            <main id="text">
            %4$s</main>
            </div>
            </body>
            </html>
            """;

    private Template() {}

    static String page(Document document, Navigation navigation) {
        String file = document.file();
        String title = document.title().equals("imagerl") ? "imagerl" : document.title() + " - imagerl";
        return PAGE.formatted(
                escaped(title),
                Links.up(file),
                navigation.groups().stream().map(group -> group(group, file)).collect(Collectors.joining()),
                document.html(link -> Links.target(file, link)));
    }

    private static String group(Navigation.Group group, String page) {
        return group.entries().stream()
                .map(entry -> "<li><a href=\"%s\"%s>%s</a></li>\n"
                        .formatted(
                                Links.relative(page, entry.file()),
                                entry.file().equals(page) ? " aria-current=\"page\"" : "",
                                escaped(entry.title())))
                .collect(Collectors.joining("", "<h2>" + escaped(group.title()) + "</h2>\n<ul>\n", "</ul>\n"));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
