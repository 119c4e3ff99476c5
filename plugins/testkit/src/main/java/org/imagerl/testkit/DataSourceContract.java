package org.imagerl.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.Example;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every data source must do; extend it with a test of your own. */
public abstract class DataSourceContract {
    private static final ImageSize SIZE = new ImageSize(16, 8);

    @TempDir
    Path folder;

    /**
     * Opens a source with at least three examples, two of which have the same prompt, and with a held-out prompt.
     *
     * @param place an empty folder for its files; the same folder again gives the same source
     * @param size of its images
     */
    protected abstract DataSource open(Path place, ImageSize size);

    private static List<Example> all(DataSource source) {
        return IntStream.range(0, source.size()).mapToObj(source::example).toList();
    }

    /** As many images as it says, each of the size. */
    @Test
    public void everyExampleHasItsImages() {
        try (DataSource source = open(folder, SIZE)) {
            source.check(SIZE);
            for (Example example : all(source)) {
                assertThat(example.images()).hasSize(source.images());
                assertThat(example.images()).allSatisfy(image -> {
                    assertThat(source.image(image, SIZE).width()).isEqualTo(SIZE.width());
                    assertThat(source.image(image, SIZE).height()).isEqualTo(SIZE.height());
                    assertThat(image.advantage()).isNotZero().isFinite();
                });
            }
        }
    }

    /** Ids tell examples apart, also those of one prompt. */
    @Test
    public void idsAreUnique() {
        try (DataSource source = open(folder, SIZE)) {
            assertThat(all(source))
                    .hasSizeGreaterThanOrEqualTo(3)
                    .extracting(example -> example.prompt().id())
                    .doesNotHaveDuplicates();
        }
    }

    /** A prompt's examples are found by its text, all of them and no others. */
    @Test
    public void examplesAreFoundByTheirPrompt() {
        try (DataSource source = open(folder, SIZE)) {
            List<String> texts =
                    all(source).stream().map(example -> example.prompt().text()).toList();
            assertThat(texts).hasSizeGreaterThan((int) texts.stream().distinct().count());
            for (String text : texts) {
                int[] expected = IntStream.range(0, texts.size())
                        .filter(index -> texts.get(index).equals(text))
                        .toArray();
                assertThat(source.examples(text)).containsExactly(expected);
            }
            assertThat(source.examples("a prompt that it does not have")).isEmpty();
        }
    }

    /** What is held out is not trained on. */
    @Test
    public void heldOutPromptsAreNotTrainedOn() {
        try (DataSource source = open(folder, SIZE)) {
            assertThat(source.heldOut()).isNotEmpty();
            for (Prompt prompt : source.heldOut()) {
                assertThat(source.examples(prompt.text())).isEmpty();
            }
        }
    }

    /** The same files give the same examples in the same order. */
    @Test
    public void isDeterministic() {
        try (DataSource one = open(folder, SIZE);
                DataSource other = open(folder, SIZE)) {
            assertThat(all(other)).isEqualTo(all(one));
            assertThat(other.heldOut()).isEqualTo(one.heldOut());
        }
    }

    /** What decides what is trained on is known. */
    @Test
    public void namesItsFiles() {
        try (DataSource source = open(folder, SIZE)) {
            assertThat(source.files())
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(file).exists());
        }
    }
}
