package org.imagerl.config.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.imagerl.config.ConfigKeys;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.TestPlugin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {
    private static final String THIRD_PARTY = """
            package third;
            import java.util.List;
            import org.imagerl.spi.*;
            public final class Mine implements Plugin {
                public record Config(double times) {}
                public String name() { return "mine"; }
                public List<Factory<? extends Reward, ?>> rewards() { return List.of(new Width()); }
                public static final class Width implements Factory<Reward, Config> {
                    public String name() { return "width"; }
                    public String description() { return "pixels across"; }
                    public Config defaults() { return new Config(2); }
                    public Reward create(Config config, Context context) {
                        return new Reward() {
                            public Spec spec() { return new Spec(Scope.POINTWISE, 0, 1e9, true, "pixels"); }
                            public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
                                return images.stream().map(i -> Score.of(i.width() * config.times())).toList();
                            }
                        };
                    }
                }
            }
            """;

    @TempDir
    private Path folder;

    @Test
    void aJarInAPluginFolderIsFoundConfiguredAndRun() throws IOException {
        jar(folder.resolve("mine.jar"), "third.Mine\n");
        Registry registry = Registry.load(List.of(folder));
        assertThat(registry.warnings()).isEmpty();
        assertThat(registry.plugins()).anyMatch(plugin -> plugin.name().equals("mine"));
        var factory = registry.factory(Kind.REWARD, "width");
        assertThat(ConfigKeys.of(factory)).containsExactly(new ConfigKeys.Key("times", "a number", "2.0"));
        try (Reward reward = BoundPart.<Reward>of(factory).create(context())) {
            assertThat(reward.score(List.of(new RgbImage(3, 1, new byte[9])), List.of(Prompt.of("1", "x")))
                            .get(0)
                            .value())
                    .isEqualTo(6);
        }
    }

    @Test
    void oneBadServicesLineCostsOnlyThatPlugin() throws IOException {
        jar(folder.resolve("a.jar"), "third.Missing\nthird.Mine\n");
        Registry registry = Registry.load(List.of(folder.resolve("a.jar")));
        assertThat(registry.warnings()).singleElement().asString().contains("third.Missing");
        assertThat(registry.factories(Kind.REWARD)).containsKey("width");
    }

    @Test
    void aServicesFileThatIsNoneCostsOnlyItsJar() throws IOException {
        jar(folder.resolve("a.jar"), "this is no class name\n");
        jar(folder.resolve("b.jar"), "third.Mine\n");
        Registry registry = Registry.load(List.of(folder));
        assertThat(registry.warnings()).isNotEmpty();
        assertThat(registry.factories(Kind.REWARD)).containsKey("width");
    }

    @Test
    void unknownNamesListTheKnownOnesAndTheNearest() {
        assertThatThrownBy(() -> Registry.of(new TestPlugin()).factory(Kind.TRUST_REGION, "clib"))
                .isInstanceOf(UserException.class)
                .hasMessage("there is no trust region named clib; did you mean clip? (known: clip, none)");
        assertThatThrownBy(() -> Registry.of(new TestPlugin()).preset("ppo"))
                .isInstanceOf(UserException.class)
                .hasMessage("there is no algorithm named ppo (known: ddpo)");
    }

    @Test
    void oneNameTwiceInAKindNamesBothClasses() {
        assertThatThrownBy(() -> Registry.of(new TestPlugin(), new TestPlugin()))
                .isInstanceOf(UserException.class)
                .hasMessage("two plugins have a dynamics named ddim: org.imagerl.testkit.TestPlugin and "
                        + "org.imagerl.testkit.TestPlugin; remove one of the jars");
    }

    @Test
    void aPluginPathThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> Registry.load(List.of(folder.resolve("none"))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("names no file or folder");
    }

    @Test
    void noFamilyRecognisesAnythingWithoutPlugins() {
        assertThatThrownBy(() -> Registry.of(new TestPlugin()).pipeline(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is no checkpoint folder");
    }

    private Context context() {
        return new Context(folder, "cpu", 1, warning -> {});
    }

    /** Compiles the plugin above as its author would, against the contracts alone, and packs it. */
    private void jar(Path jar, String services) throws IOException {
        Path work = Files.createTempDirectory(folder, "work");
        Path source =
                Files.writeString(Files.createDirectory(work.resolve("third")).resolve("Mine.java"), THIRD_PARTY);
        int code = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-d",
                        work.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        source.toString());
        assertThat(code).isZero();
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            Map<String, byte[]> entries = Map.of(
                    "META-INF/services/org.imagerl.spi.Plugin", services.getBytes(StandardCharsets.UTF_8),
                    "third/Mine.class", Files.readAllBytes(work.resolve("third/Mine.class")),
                    "third/Mine$Config.class", Files.readAllBytes(work.resolve("third/Mine$Config.class")),
                    "third/Mine$Width.class", Files.readAllBytes(work.resolve("third/Mine$Width.class")),
                    "third/Mine$Width$1.class", Files.readAllBytes(work.resolve("third/Mine$Width$1.class")));
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new JarEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
    }
}
