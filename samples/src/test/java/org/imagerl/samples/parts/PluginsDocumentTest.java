package org.imagerl.samples.parts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.imagerl.config.registry.Registry;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Plugin;
import org.imagerl.testkit.TestImages;
import org.imagerl.training.config.RunConfigLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/plugins.md has all kinds of parts, and its examples are the files that the build compiles. */
class PluginsDocumentTest {
    private static final Path ROOT = Path.of(System.getProperty("project.root", ".."));

    private static String document() throws IOException {
        return Files.readString(ROOT.resolve("docs/plugins.md"));
    }

    @Test
    void everyKindHasAnExample() throws IOException {
        String document = document();
        assertThat(Plugin.class.getMethods())
                .filteredOn(method -> method.getReturnType() == List.class)
                .extracting(Method::getName)
                .hasSizeGreaterThan(20)
                .allSatisfy(kind -> assertThat(document).contains("`" + kind + "()`"));
    }

    /** If this fails: copy the file below its imports into the document, four blanks in front of each line. */
    @Test
    void theExamplesAreTheFiles() throws IOException {
        String document = document();
        List<Path> examples = new ArrayList<>(List.of(
                ROOT.resolve("samples/reward-plugin/src/main/java/com/example/colour/ColourPlugin.java"),
                ROOT.resolve("src/test/java/org/imagerl/tests/recipe/LaplaceNoise.java")));
        try (Stream<Path> files = Files.list(ROOT.resolve("samples/src/main/java/org/imagerl/samples/parts"))) {
            files.filter(file -> !file.endsWith("package-info.java")).forEach(examples::add);
        }
        assertThat(examples).hasSizeGreaterThan(10);
        for (Path example : examples) {
            String text = Files.readString(example);
            int imports = text.lastIndexOf("\nimport ");
            String code = text.substring(text.indexOf('\n', imports + 1)).strip();
            String indented = code.lines()
                    .map(line -> line.isEmpty() ? "" : "    " + line)
                    .reduce("", (all, line) -> all + line + "\n");
            assertThat(document.contains(indented)).as("%s as it is", example).isTrue();
        }
    }

    /** All but those of parts that are in other plugins, which their own tests configure. */
    @Test
    void theSettingsAreAccepted(@TempDir Path folder) throws IOException {
        Files.createDirectory(folder.resolve("images"));
        RunConfigLoader loader = new RunConfigLoader(Registry.load(List.of()).with(new PartsPlugin()));
        Path file = Files.writeString(folder.resolve("run.yaml"), """
            checkpoint: /models/sd
            prompts: prompts.txt
            algorithm: ddpo
            rewards: [jpeg-compressibility]
            """);
        Path withoutPrompts = Files.writeString(folder.resolve("data.yaml"), """
            checkpoint: /models/sd
            algorithm: sft
            rollout: {prompts_per_epoch: 1}
            optimiser: {updates_per_epoch: 1, micro_batch: 1}
            rewards: [jpeg-compressibility]
            """);
        PngWriter.write(folder.resolve("images/a-red-apple.png"), TestImages.gradient(16, 16), Map.of());
        List<String> settings = Pattern.compile("Configured by\\s`([a-z_]+: [^`]+)`")
                .matcher(document())
                .results()
                .map(found -> found.group(1).replaceFirst(": ", "="))
                .filter(setting -> !setting.contains("colourfulness") && !setting.contains("laplace"))
                .toList();
        assertThat(settings)
                .hasSize(19)
                .allSatisfy(setting -> assertThatCode(() ->
                                loader.load(setting.startsWith("data=") ? withoutPrompts : file, List.of(setting)))
                        .doesNotThrowAnyException());
    }
}
