package org.imagerl.scoring.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptFileTest {
    @TempDir
    private Path folder;

    @Test
    void aTextFileHasAPromptPerLine() throws IOException {
        Path file = write("a.txt", "\uFEFFa cat\r\n\n  a dog \r\uFEFFtwo files, put together");
        assertThat(PromptFile.read(file))
                .containsExactly(
                        Prompt.of("1", "a cat"), Prompt.of("3", "a dog"), Prompt.of("4", "two files, put together"));
    }

    @Test
    void whatKohyaWritesInLinesIsUnderstood() throws IOException {
        Path file = write("a.txt", """
            # a comment
            ## another
            #
            a cat --n blurry, low -- quality
            a well--known dog -- asleep --n\tblurry
            a sign "--w 5" and --never
            """);
        assertThat(PromptFile.read(file))
                .containsExactly(
                        new Prompt("4", "a cat", Map.of("negative_prompt", "blurry, low -- quality")),
                        new Prompt("5", "a well--known dog -- asleep", Map.of("negative_prompt", "blurry")),
                        Prompt.of("6", "a sign \"--w 5\" and --never"));
    }

    @Test
    void negativePromptsWithoutGuidanceAreMentioned() {
        List<Prompt> prompts = List.of(Prompt.of("1", "a"), new Prompt("2", "b", Map.of(Prompt.NEGATIVE, "c")));
        List<String> warnings = new ArrayList<>();
        PromptFile.warnUnguided(prompts, 1.5, warnings::add);
        PromptFile.warnUnguided(prompts.subList(0, 1), 1, warnings::add);
        assertThat(warnings).isEmpty();
        PromptFile.warnUnguided(prompts, 1, warnings::add);
        assertThat(warnings).singleElement().asString().startsWith("1 of 2 prompts have a negative prompt");
    }

    @Test
    void optionsThatOnePromptCannotHaveAreRefusedByLine() throws IOException {
        Path file = write("a.txt", """
            a cat --w 512 --h 768 --d 1 --l 7.5 --s 28
            a fox, photo --ar 16:9 --v5
            #a comment or a hashtag
            --n only what it is not
            a cat --n a --n b
            """);
        assertThatThrownBy(() -> PromptFile.read(file))
                .isInstanceOf(UserException.class)
                .message()
                .satisfies(message -> assertThat(message.lines().map(line -> line.replace(file.toString(), "F")))
                        .anyMatch(line ->
                                line.startsWith("F:1: the option --w cannot be given for one prompt; take it out ("))
                        .anyMatch(line -> line.startsWith("F:1: the option --h cannot"))
                        .anyMatch(line -> line.startsWith("F:1: the option --d cannot") && line.contains("--seeds"))
                        .anyMatch(line ->
                                line.startsWith("F:1: the option --l cannot") && line.contains("rollout.guidance"))
                        .anyMatch(
                                line -> line.startsWith("F:1: the option --s cannot") && line.contains("rollout.steps"))
                        .anyMatch(line -> line.startsWith("F:2: the option --ar cannot") && line.contains(".jsonl"))
                        .anyMatch(line -> line.startsWith("F:2: the option --v cannot"))
                        .anyMatch(line -> line.startsWith("F:3: is it a comment?"))
                        .anyMatch(line -> line.equals("F:4: prompt: is missing"))
                        .anyMatch(line -> line.equals("F:5: the option --n (negative prompt) is given twice"))
                        .hasSize(10));
        Path lines = write("a.jsonl", "{\"prompt\": \"#1 --w 512\"}");
        assertThat(PromptFile.read(lines)).containsExactly(Prompt.of("1", "#1 --w 512"));
    }

    @Test
    void fieldsThatNobodyNeedsMayBeAnything() throws IOException {
        Path lines = write("a.jsonl", """
            {"prompt": "a", "tags": ["x", 1], "box": {"x": [1]}, "score": NaN, "low": -Infinity, "tags": ["y"]}
            {"prompt": "b", "metadata": {"box": [1], "size": 2}, "size": 3, "long": "%s"}
            """.formatted("x".repeat(20_000)));
        assertThat(PromptFile.read(lines))
                .containsExactly(
                        new Prompt(
                                "1",
                                "a",
                                Map.of("tags", "[\"y\"]", "box", "{\"x\":[1]}", "score", "NaN", "low", "-Infinity")),
                        new Prompt("2", "b", Map.of("box", "[1]", "size", "3")));
        Path table = write("a.csv", ", prompt ,x,x,\n0,a,1,2,\n,,,,\n1, \"b, c\" ,,3,,,\n");
        assertThat(PromptFile.read(table))
                .containsExactly(new Prompt("2", "a", Map.of("x", "1")), new Prompt("4", "b, c", Map.of("x", "3")));
    }

    @Test
    void imagesOfAListNeedNoPromptAndNoIdOfTheirOwn() throws IOException {
        Path table = write("a.csv", "file_name,prompt,id\na.png,,7\nb.png,x,7\n");
        assertThat(PromptFile.readList(table))
                .containsExactly(
                        new Prompt("2", "", Map.of("file_name", "a.png", "id", "7")),
                        new Prompt("3", "x", Map.of("file_name", "b.png", "id", "7")));
        assertRefused(table, "a.csv:2: prompt: is missing");
    }

    @Test
    void jsonLinesCarryMetadata() throws IOException {
        Path file = write("a.jsonl", """
            {"prompt": "a", "id": 7, "negative": "b", "seed": 5, "metadata": {"text": "x"}}

            {"prompt": "c", "other": null}
            """);
        assertThat(PromptFile.read(file))
                .containsExactly(
                        new Prompt("7", "a", Map.of("negative", "b", "seed", "5", "text", "x")), Prompt.of("3", "c"));
    }

    @Test
    void listsOfImagesMayCallThePromptText() throws IOException {
        Path lines = write("metadata.jsonl", """
            {"file_name": "0.png", "text": "a cat"}
            {"file_name": "1.png", "text": "013", "prompt": "a sign"}
            """);
        Path table = write("metadata.csv", "file_name,text\n0.png,a cat\n");
        Prompt cat = new Prompt("1", "a cat", Map.of("file_name", "0.png"));
        assertThat(PromptFile.read(lines))
                .containsExactly(cat, new Prompt("2", "a sign", Map.of("file_name", "1.png", "text", "013")));
        assertThat(PromptFile.read(table)).containsExactly(new Prompt("2", "a cat", Map.of("file_name", "0.png")));
        assertRefused(write("b.jsonl", "{\"text\": \"a cat\"}"), "prompt: is missing");
    }

    @Test
    void tablesMayQuoteAndSpanLines() throws IOException {
        Path file = write("a.csv", "id,prompt,split\nx,\"a, \"\"b\"\"\nc\",train\n,d,");
        assertThat(PromptFile.read(file))
                .containsExactly(new Prompt("x", "a, \"b\"\nc", Map.of("split", "train")), Prompt.of("4", "d"));
    }

    @Test
    void aSplitIsAChoiceOfPrompts() throws IOException {
        Path file = write("a.csv", "prompt,split\na,train\nb,test\n");
        assertThat(PromptFile.read(file, "test")).extracting(Prompt::text).containsExactly("b");
        assertThatThrownBy(() -> PromptFile.read(file, "dev"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has no prompts of split dev (its splits: test, train)");
    }

    @Test
    void allProblemsOfAFileHaveTheirLine() throws IOException {
        Path file = write("a.jsonl", """
            {"prompt": 5}
            {"prompt": "a", "id": "x"}
            {"prompt": "b", "id": "x"}
            [1]
            {"id": 1}
            {"prompt": "a", "prompt": "b"}
            {"prompt": "a", "id": [1]}
            {"prompt": "a"
            """);
        assertThatThrownBy(() -> PromptFile.read(file))
                .isInstanceOf(UserException.class)
                .message()
                .satisfies(message -> assertThat(message.lines().map(line -> line.replace(file.toString(), "F")))
                        .startsWith(
                                "F:1: prompt: must be a text",
                                "F:3: id: \"x\" is used twice, first on line 2",
                                "F:4: must be an object: {\"name\": ...}",
                                "F:5: prompt: is missing")
                        .anyMatch(line -> line.equals("F:6: prompt: is given twice"))
                        .anyMatch(line -> line.equals("F:7: id: must be a single value"))
                        .anyMatch(line -> line.startsWith("F:8: is no JSON object: ")));
    }

    @Test
    void brokenFilesAreRefused() throws IOException {
        assertRefused(write("a.csv", "text\nx\n"), "a.csv:1: the header has no column named prompt; it has \"[text]\"");
        assertRefused(write("b.csv", "prompt,prompt\nx,y\n"), "b.csv:1: the header has two columns named prompt");
        assertRefused(write("c.csv", "prompt,id\nx\n"), "c.csv:2: has 1 columns");
        assertRefused(
                write("i.csv", "prompt;id\nx;1\n"), "i.csv:1: the header has one column, \"prompt;id\"; separate");
        assertRefused(write("d.csv", "prompt\n\"x\n"), "is no table");
        assertRefused(write("e.txt", "\n\n"), "has no prompts");
        assertRefused(write("f.docx", "x"), "prompts are read from .txt, .jsonl and .csv files");
        assertRefused(folder.resolve("g.txt"), "no such file");
        Path latin = folder.resolve("h.txt");
        Files.write(latin, "é".getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(latin, "is not UTF-8");
    }

    private static void assertRefused(Path file, String message) {
        assertThatThrownBy(() -> PromptFile.read(file))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(file.toString());
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
