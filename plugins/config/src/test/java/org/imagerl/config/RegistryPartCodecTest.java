package org.imagerl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Context;
import org.imagerl.spi.PartCodec;
import org.imagerl.spi.PartConfig;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.TestPlugin;
import org.junit.jupiter.api.Test;

class RegistryPartCodecTest {
    private static final PartCodec PARTS = new RegistryPartCodec(Registry.of(new TestPlugin()));

    @Test
    void whatIsWrittenReadsBackAsAnEqualPart() {
        String text =
                "{type: brightness, channel: 2, note: \"a: 'quoted' \\\"one\\\", \\n \u00e4\", tags: [x, '1'], extra: {a: 1.0e-7, b: 3.0e+20}}";
        PartConfig<Reward> reward =
                new ConfigLoader(Registry.of(new TestPlugin())).part(Kind.REWARD, text, Overrides.NONE);
        String json = PARTS.write(reward);
        assertThat(json).startsWith("{\"type\":\"brightness\",\"channel\":2,").doesNotContain("null");
        assertThat(PARTS.read(Reward.class, json, "here")).isEqualTo(reward);
    }

    @Test
    void aPartInAPartDoesToo() {
        PartConfig<Augmentation> augmentation = new ConfigLoader(Registry.of(new TestPlugin()))
                .part(
                        Kind.AUGMENTATION,
                        "{type: conditioned, by: {type: brightness, channel: 1}, weight: 2}",
                        Overrides.NONE);
        assertThat(PARTS.read(Augmentation.class, PARTS.write(augmentation), "here"))
                .isEqualTo(augmentation);
    }

    @Test
    void messagesSayWhereItIsFrom() {
        assertThatThrownBy(() -> PARTS.read(Reward.class, "{\"type\": \"britness\"}", "a.json: features"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a.json: features")
                .hasMessageContaining("brightness");
        assertThatThrownBy(() -> PARTS.read(Reward.class, "{\"type\": \"model\"}", "a.json"))
                .hasMessageContaining("file");
    }

    @Test
    void whereNoPluginsAreKnownThereAreNone() {
        PartCodec none = new Context(Path.of(""), "cpu", 1, line -> {}).parts();
        assertThatThrownBy(() -> none.read(Reward.class, "{}", "a.json"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a.json");
    }
}
