package org.imagerl.training.study;

import java.util.List;

/** A table in Markdown. */
final class Markdown {
    private final StringBuilder text = new StringBuilder();

    Markdown(List<String> header) {
        add(header);
        add(header.stream().map(cell -> "---").toList());
    }

    void add(List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
