package org.imagerl.ui;

import java.nio.file.Path;
import java.util.Optional;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The folder that a study wrote: its question and tables. Its runs are sources of their own.
 *
 * @param folder with {@code report.md}
 * @param title what the list calls it
 */
record StudySource(OwnFolder folder, String title) implements Source {
    private static final int MAX_BYTES = 1 << 22;

    private Optional<String> report() {
        return folder.find("report.md").map(file -> BoundedFile.text(file, MAX_BYTES));
    }

    @Override
    public String stamp() {
        return Stamp.of(folder.root().resolve("report.md"));
    }

    @Override
    public ObjectNode summary() {
        ObjectNode summary = Json.object().put("kind", "study").put("name", title);
        try {
            report().ifPresent(text -> summary.put("question", MarkdownTables.title(text)));
        } catch (UserException e) {
            summary.put("problem", e.getMessage());
        }
        return summary;
    }

    @Override
    public ObjectNode metrics() {
        return Json.object();
    }

    @Override
    public ObjectNode details() {
        ObjectNode details = Json.object();
        Json.put(details, "tables", () -> MarkdownTables.read(report().orElse("")));
        return details;
    }

    @Override
    public ArrayNode images(String set) {
        return Json.array();
    }

    @Override
    public Optional<Path> image(String set, String name) {
        return Optional.empty();
    }
}
