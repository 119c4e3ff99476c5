package org.imagerl.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTest {
    private final Problems problems = new Problems();

    @Test
    void plainValuesFollowTheCoreSchema() {
        assertThat(value("8")).isEqualTo(BigInteger.valueOf(8));
        assertThat(value("+8")).isEqualTo(BigInteger.valueOf(8));
        assertThat(value("1e-4")).isEqualTo(1e-4);
        assertThat(value(".5")).isEqualTo(0.5);
        assertThat(value("True")).isEqualTo(true);
        assertThat(value("no")).isEqualTo("no");
        assertThat(value("1_000")).isEqualTo("1_000");
        assertThat(value("~")).isNull();
        assertThat(value("")).isNull();
        assertThat(value("# nothing")).isNull();
    }

    @Test
    void quotedValuesAreTexts() {
        assertThat(value("'8'")).isEqualTo("8");
        assertThat(value("\"\"")).isEqualTo("");
        assertThat(value("'null'")).isEqualTo("null");
        assertThat(value("|\n  true")).isEqualTo("true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yes",
                "null",
                "1.0",
                "1e5",
                "a: b",
                "x # y",
                " x ",
                "\"q\"",
                "'",
                "\\",
                "a\nb\t",
                "\u0085\u2028",
                "é 😀",
                "-",
                "- a",
                "{",
                "[",
                "*a",
                "&a",
                "!a",
                "|",
                ">",
                "%",
                "@",
                "`",
                "?",
                ":",
                "0x10",
                ".inf",
                "/a/b-c.d",
                "\uFEFF",
                "\u0001",
                "~"
            })
    void anyTextSurvivesWritingAndReading(String text) {
        Node.Section tree = new Node.Section(Map.of("key", Node.text(text, Origin.DEFAULT)), Origin.DEFAULT);
        Node.Section again = (Node.Section) YamlReader.read(YamlWriter.write(tree, path -> ""), "f", problems);
        assertThat(problems.sorted()).isEmpty();
        assertThat(again.text("key")).isEqualTo(text);
    }

    @Test
    void aliasesTagsAndSecondDocumentsAreRefused() {
        YamlReader.read("a: &x 1\nb: *x\nc: !t 5\nd: [1]\n---\ne: 1\n", "f", problems);
        assertThat(problems.sorted().stream().map(Object::toString))
                .containsExactly(
                        "f:2: b: aliases are not supported; write the value out (*x)",
                        "f:3: c: tags are not supported (!t)",
                        "f:6: a second document begins here; there may be one only");
    }

    @Test
    void deepNestingEndsInAMessage() {
        assertThat(YamlReader.read("[".repeat(100_000), "f", problems)).isNull();
        assertThat(problems.size()).isEqualTo(1);
    }

    @Test
    void hostileTextsNeverThrow() {
        List<String> pieces =
                List.of("a", ":", " ", "\n", "-", "[", "]", "{", "}", "'", "\"", "&x", "*x", "!", "|", "#", "\t");
        List<String> texts = new ArrayList<>(List.of(""));
        for (int i = 0; i < 4; i++) {
            List<String> longer = new ArrayList<>();
            texts.stream().filter(text -> text.length() < 8).forEach(t -> pieces.forEach(p -> longer.add(t + p)));
            texts = i < 2 ? longer : longer.subList(0, Math.min(longer.size(), 20_000));
        }
        for (String text : texts) {
            Problems found = new Problems();
            Node node = YamlReader.read(text, "f", found);
            assertThat(node != null || !found.isEmpty()).as(text).isTrue();
        }
    }

    private Object value(String text) {
        Node.Section root = (Node.Section) YamlReader.read("k: " + text, "f", problems);
        assertThat(problems.sorted()).isEmpty();
        return ((Node.Scalar) root.entries().get("k")).value();
    }

    @Test
    void numbersThatNobodyWantsAreTextsAndAreShownShort() {
        Problems problems = new Problems();
        Node root = YamlReader.read("a: " + "9".repeat(900_000), "f.yaml", problems);
        assertThat(((Node.Scalar) ((Node.Section) root).entries().get("a")).value())
                .isInstanceOf(String.class);
        problems.add(root.origin(), "a".repeat(900_000), "is wrong", "9".repeat(900_000));
        assertThat(problems.sorted().get(0).toString()).hasSizeLessThan(500);
    }

    @Test
    void aHundredThousandValuesInOneLineAreReadOnce() {
        Problems problems = new Problems();
        Node root = YamlReader.read("a: [" + "1, ".repeat(100_000) + "1]", "f.yaml", problems);
        assertThat(((Node.Items) ((Node.Section) root).entries().get("a")).items())
                .hasSize(100_001);
        assertThat(problems.isEmpty()).isTrue();
    }

    @Test
    void nestingWithoutEndIsAProblemInPlainWords() {
        Problems problems = new Problems();
        YamlReader.read("a: " + "[".repeat(20_000), "f.yaml", problems);
        assertThat(problems.sorted().get(0).message())
                .isEqualTo("lists and sections are nested too deeply, more than 500 of them");
    }
}
