package org.imagerl.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportTest {
    @TempDir
    private Path folder;

    private static JsonNode data(String html) {
        Matcher data = Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
                .matcher(html);
        assertThat(data.find()).isTrue();
        return JsonMapper.shared().readTree(data.group(1));
    }

    @Test
    void theFileHasAllThatThePageAsksFor() throws IOException {
        TinyRuns.run(folder.resolve("run"), 4, "a sign");
        Path target = folder.resolve("report.html");
        Report.write(List.of(folder.resolve("run")), target, line -> {});
        JsonNode data = data(Files.readString(target));
        assertThat(data.path("runs\n").path("runs").get(0).path("name").asString())
                .isEqualTo("run");
        assertThat(data.path("metrics\n0").path("numbers").path("step").size()).isEqualTo(5);
        assertThat(data.path("images\n0\n2").size()).isEqualTo(2);
        assertThat(data.path("image\n0\n4\np00-s1.png").asString()).startsWith("data:image/png;base64,iVBOR");
    }

    @Test
    void aRunWhoseConfigurationIsNoFileIsShownWithTheProblem() throws IOException {
        TinyRuns.run(folder.resolve("run"), 4, "a sign");
        Path config = folder.resolve("run/config.yaml");
        Files.delete(config);
        Files.createDirectory(config);
        Path target = folder.resolve("report.html");
        Report.write(List.of(folder.resolve("run")), target, line -> {});
        JsonNode run =
                data(Files.readString(target)).path("runs\n").path("runs").get(0);
        assertThat(run.path("problem").asString()).endsWith("config.yaml: is a folder, not a file");
    }

    /** What a run says ends no element of the page, and its policy runs one script: the page's own. */
    @Test
    void textsOfAHostileRunStayTexts() throws Exception {
        TinyRuns.run(folder.resolve("run"), 2, TinyRuns.HOSTILE);
        Path target = folder.resolve("report.html");
        Report.write(List.of(folder.resolve("run")), target, line -> {});
        String html = Files.readString(target);
        assertThat(html).doesNotContain("alert(1)<", "<img", "<script>alert");
        assertThat(data(html).path("images\n0\n2").get(0).path("prompt").asString())
                .isEqualTo(TinyRuns.HOSTILE);
        Matcher script =
                Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL).matcher(html);
        assertThat(script.find()).isTrue();
        String hash = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256")
                        .digest(script.group(1).getBytes(StandardCharsets.UTF_8)));
        assertThat(html).contains("default-src 'none'", "script-src 'sha256-" + hash + "'");
        assertThat(html).doesNotContain("unsafe", "page.js", "page.css");
        assertThat(script.find()).isFalse();
    }

    @Test
    void aReportIsBoundedAndSaysWhatItLeavesOut() throws IOException {
        TinyRuns.run(folder, 4, "a sign");
        List<String> notices = new ArrayList<>();
        Library library = new Library(List.of(folder), TinyRuns.at(0));
        JsonNode data = data(Report.html(library, TinyRuns.at(0), new Report.Room(1, 1 << 20), notices::add));
        assertThat(data.path("details\n0").path("image_sets").toString())
                .isEqualTo("[{\"key\":\"4\",\"title\":\"epoch 4\"}]");
        assertThat(data.has("images\n0\n0")).isFalse();
        assertThat(notices).singleElement().asString().contains("no room for 4 sets");
        notices.clear();
        data = data(Report.html(library, TinyRuns.at(0), new Report.Room(1 << 20, 500), notices::add));
        assertThat(data.propertyNames()).contains("runs\n").doesNotContain("details\n0");
        assertThat(notices).singleElement().asString().contains("no room for ");
    }

    @Test
    void theEndsOfARunAreWorthMoreThanItsMiddle() {
        assertThat(Report.order(0)).isEmpty();
        assertThat(Report.order(1)).containsExactly(0);
        assertThat(Report.order(6)).containsExactly(5, 0, 4, 2, 1, 3);
    }

    @Test
    void aFolderWithoutRunsIsNoReport() throws IOException {
        List<String> notices = new ArrayList<>();
        Path target = folder.resolve("report.html");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> Report.write(List.of(empty), target, notices::add))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("config.yaml");
        assertThat(target).doesNotExist();
    }

    @Test
    void aFileThatHasNoResultsIsNoReport() throws IOException {
        List<String> notices = new ArrayList<>();
        Path target = folder.resolve("report.html");
        Path other = Files.writeString(folder.resolve("prompts.txt"), "a cat\n");
        assertThatThrownBy(() -> Report.write(List.of(other), target, notices::add))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("prompts.txt", "is no file of results", "name a run");
        assertThat(notices).isEmpty();
        assertThat(target).doesNotExist();
    }
}
