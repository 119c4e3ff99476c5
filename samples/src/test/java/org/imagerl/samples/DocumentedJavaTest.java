package org.imagerl.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of Java in README.md and docs compile. Those of docs/plugins.md are whole files, which PluginsDocumentTest compares. */
class DocumentedJavaTest {
    private static final Pattern BLOCK = Pattern.compile("(?m)(?:^    .*\\n)+");
    private static final Pattern STATEMENT = Pattern.compile("(?m)^    .*;\\s*(//.*)?$");

    /** What a reader has at hand where such lines stand: the names that they use and do not declare. */
    private static final String AROUND = """
        import java.nio.file.Path;
        import java.util.*;
        import org.imagerl.config.registry.*;
        import org.imagerl.ctrl.control.*;
        import org.imagerl.spi.*;
        import org.imagerl.spi.reward.*;
        import org.imagerl.toolkit.sampling.*;
        import org.imagerl.training.config.*;
        import org.imagerl.training.loop.*;

        abstract class %s {
            abstract double redness(RgbImage image);

            void lines(
                    Path checkpoint, Path prompts, Progress progress, String text, Pipeline base, Dynamics dynamics,
                    ImageSampler.Settings settings) throws Exception {
        %s    }
        }
        """;

    @Test
    void theLinesCompile(@TempDir Path classes) throws IOException {
        List<JavaFileObject> sources = new ArrayList<>();
        for (Path page : pages()) {
            BLOCK.matcher(Files.readString(page))
                    .results()
                    .map(MatchResult::group)
                    .filter(block -> STATEMENT.matcher(block).find())
                    .forEach(block -> sources.add(source(page, sources.size(), block)));
        }
        assertThat(sources).hasSizeGreaterThanOrEqualTo(3);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter problems = new StringWriter();
        String libraries = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> options = List.of("-proc:none", "-cp", libraries, "-d", classes.toString());
        boolean compiles =
                compiler.getTask(problems, null, null, options, null, sources).call();
        assertThat(compiles).as(problems.toString()).isTrue();
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(Project.folder("docs"))) {
            return Stream.concat(Stream.of(Project.folder("README.md")), docs)
                    .filter(file -> file.toString().endsWith(".md") && !file.endsWith("plugins.md"))
                    .sorted()
                    .toList();
        }
    }

    private static JavaFileObject source(Path page, int number, String block) {
        String name = page.getFileName().toString().replaceAll("\\W", "_") + "_" + number;
        String text = AROUND.formatted(name, block);
        return new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignored) {
                return text;
            }
        };
    }
}
