package org.imagerl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.FormerName;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

class FormerKeysTest {
    private final Problems problems = new Problems();

    record Settings(@FormerName("pictures") int images, int steps) {}

    @Test
    void aFormerKeyIsReadAsThePresentOne() {
        assertThat(read("pictures: 5\nsteps: 2")).isEqualTo(new Settings(5, 2));
    }

    @Test
    void bothKeysInOneFileAreAProblemOfItsLine() {
        assertThatThrownBy(() -> read("images: 4\nsteps: 2\npictures: 5"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a.yaml:3")
                .hasMessageContaining("pictures: is the former name of images");
    }

    @Test
    void aFormerKeyOfAFileRulesOverADefaultOfThePresentOne() {
        Node.Section file = (Node.Section) YamlReader.read("pictures: 5", "a.yaml", problems);
        Node.Section below = RecordNodes.section(new Settings(1, 2), Origin.DEFAULT);
        Node.Section merged = (Node.Section) Node.overlay(below, file);

        Node.Section renamed = FormerKeys.renamed(Settings.class, merged, "", problems);

        assertThat(problems.isEmpty()).isTrue();
        assertThat(renamed.entries()).containsOnlyKeys("images", "steps");
        assertThat(((Node.Scalar) renamed.entries().get("images")).text()).isEqualTo("5");
    }

    record Pace(int steps, int pause) {}

    record Walk(
            @FormerName(value = "steps", within = "steps") @FormerName(value = "rest", within = "pause")
            Pace pace) {}

    @Test
    void formerKeysMayHaveMovedIntoASection() {
        Node.Section moved = walk("steps: 5\nrest: 7");
        assertThat(problems.isEmpty()).isTrue();
        Node.Section pace = (Node.Section) moved.entries().get("pace");
        assertThat(((Node.Scalar) pace.entries().get("steps")).text()).isEqualTo("5");
        assertThat(((Node.Scalar) pace.entries().get("pause")).text()).isEqualTo("7");
        assertThat(moved.entries()).containsOnlyKeys("pace");

        walk("steps: 5\npace: {pause: 7}");
        assertThat(problems.isEmpty()).isTrue();
        walk("steps: 5\npace: {steps: 7}");
        assertThatThrownBy(problems::throwIfAny).hasMessageContaining("is the former name of pace.steps");
    }

    private Node.Section walk(String text) {
        Node.Section file = (Node.Section) YamlReader.read(text, "a.yaml", problems);
        Node.Section below = RecordNodes.section(new Walk(new Pace(1, 2)), Origin.DEFAULT);
        return FormerKeys.renamed(Walk.class, (Node.Section) Node.overlay(below, file), "", problems);
    }

    enum Weights {
        LIVE,
        @FormerName("trailing")
        SLOW_EMA
    }

    record Sampled(Weights by) {}

    @Test
    void aFormerValueIsReadAsThePresentOne() {
        assertThat(sampled("by: trailing")).isEqualTo(new Sampled(Weights.SLOW_EMA));
        assertThat(sampled("by: slow-ema")).isEqualTo(new Sampled(Weights.SLOW_EMA));
        assertThatThrownBy(() -> sampled("by: leading")).hasMessageContaining("must be one of live, slow-ema");
    }

    private static Sampled sampled(String text) {
        return new ConfigLoader(Registry.of()).record(Sampled.class, text, "a.yaml", Overrides.NONE, Set.of());
    }

    private static Settings read(String text) {
        return new ConfigLoader(Registry.of()).record(Settings.class, text, "a.yaml", Overrides.NONE, Set.of("steps"));
    }
}
