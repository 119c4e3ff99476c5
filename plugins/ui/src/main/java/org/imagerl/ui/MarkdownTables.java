package org.imagerl.ui;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The tables of a report of a study, each with the words above it. Only what such a report has is understood; nothing is rendered. */
final class MarkdownTables {
    private static final int MAX_ROWS = 2000;

    private MarkdownTables() {}

    /** The first heading. */
    static String title(String report) {
        return report.lines()
                .filter(line -> line.startsWith("# "))
                .map(line -> line.substring(2).strip())
                .findFirst()
                .orElse("");
    }

    /** The tables: {@code title}, {@code header}, {@code rows}. */
    static ArrayNode read(String report) {
        ArrayNode tables = Json.array();
        List<String> above = new ArrayList<>();
        ObjectNode table = null;
        for (String line : report.lines().limit(100L * MAX_ROWS).toList()) {
            if (!line.startsWith("|")) {
                table = null;
                above.add(line.strip());
            } else if (table == null) {
                table = tables.addObject().put("title", words(above));
                table.set("header", Json.of(cells(line)));
                table.putArray("rows");
                above.clear();
            } else if (!line.matches("[|: -]+") && table.withArray("rows").size() < MAX_ROWS) {
                table.withArray("rows").add(Json.of(cells(line)));
            }
        }
        return tables;
    }

    /** The last paragraph. */
    private static String words(List<String> lines) {
        String text = String.join("\n", lines).strip();
        return text.substring(text.lastIndexOf("\n\n") + 1)
                .strip()
                .replace('\n', ' ')
                .replace("`", "");
    }

    private static List<String> cells(String line) {
        String inner = line.strip().replaceFirst("^\\|", "").replaceFirst("\\|$", "");
        return Arrays.stream(inner.split("\\|", -1))
                .map(cell -> cell.strip().replace("`", ""))
                .toList();
    }
}
