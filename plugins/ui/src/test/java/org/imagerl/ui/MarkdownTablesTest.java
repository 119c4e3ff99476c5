package org.imagerl.ui;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MarkdownTablesTest {
    @Test
    void aTableHasTheParagraphAboveIt() {
        String report =
                "# Why?\n\n    imagerl study\n\nBefore\nand after.\n\n| a | `b` |\n| --- | --- |\n| 1 | 2 ± 1 |\n\nMore\n";
        assertThat(MarkdownTables.title(report)).isEqualTo("Why?");
        assertThat(MarkdownTables.read(report).toString())
                .isEqualTo("[{\"title\":\"Before and after.\",\"header\":[\"a\",\"b\"],\"rows\":[[\"1\",\"2 ± 1\"]]}]");
    }
}
