package org.imagerl.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteTest {
    @TempDir
    private Path root;

    @BeforeEach
    void project() throws IOException {
        Files.createDirectories(root.resolve("docs"));
        Files.writeString(
                root.resolve("README.md"), "# Start\n\nSee [one](docs/one.md#a-b) and ![an image](docs/x.png).\n");
        Files.writeString(root.resolve("docs/README.md"), "# Documents\n\n## Begin\n\n- [One](one.md): [x](x.png).\n");
        Files.writeString(root.resolve("docs/one.md"), "# One\n\n## A `b`\n\ntext < \"more\" [up](../README.md)\n");
        Files.writeString(root.resolve("docs/x.png"), "x");
    }

    @Test
    void pagesLinkToPagesAndFilesAreCopied() throws IOException {
        make();
        assertThat(made("index.html")).contains("href=\"docs/one.html#a-b\"", "src=\"docs/x.png\"", "<h2>Begin</h2>");
        assertThat(made("docs/one.html"))
                .contains("href=\"../index.html\"", "<h2 id=\"a-b\">", "href=\"one.html\" aria-current=\"page\"")
                .contains("<title>One - imagerl</title>", "href=\"../style.css\"");
        assertThat(made("docs/x.png")).isEqualTo("x");
    }

    @Test
    void theIndexHasEverySection() throws IOException {
        make();
        assertThat(made("search-index.js"))
                .contains("[\"One\",\"A b\",\"docs/one.html#a-b\",\"text \\u003c \\u0022more\\u0022 up\"]");
    }

    @Test
    void linksThatLeadNowhereEndIt() throws IOException {
        Files.writeString(root.resolve("docs/one.md"), "# One\n\n[a](gone.md) [b](README.md#gone) [c](../../out.md)\n");
        assertThatThrownBy(this::make)
                .hasMessageContaining("docs/one.md: no file gone.md")
                .hasMessageContaining("docs/one.md: no heading README.md#gone")
                .hasMessageContaining("docs/one.md: no file ../../out.md")
                .hasMessageContaining("README.md: no heading docs/one.md#a-b");
        assertThat(root.resolve("out")).doesNotExist();
    }

    private void make() throws IOException {
        Site.main(new String[] {root.toString(), root.resolve("out").toString()});
    }

    private String made(String place) throws IOException {
        return Files.readString(root.resolve("out").resolve(place));
    }
}
