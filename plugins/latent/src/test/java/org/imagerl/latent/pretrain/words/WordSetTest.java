package org.imagerl.latent.pretrain.words;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

class WordSetTest {
    private static final WordSet WORDS = new WordSet(64, 32, 3, 100, 7);

    @Test
    void theHeldOutWordsAndTheOthersAreAllNumbersOnce() {
        assertThat(WORDS.heldOutWords()).hasSize(100).isSorted();
        assertThat(WORDS.trainWords()).hasSize(900).isSorted();
        Set<String> all = new HashSet<>(WORDS.trainWords());
        all.addAll(WORDS.heldOutWords());
        assertThat(all).hasSize(1000).contains("000", "042", "999");
    }

    @Test
    void anotherSeedHoldsOtherWordsOut() {
        assertThat(new WordSet(64, 32, 3, 100, 8).heldOutWords()).isNotEqualTo(WORDS.heldOutWords());
        assertThat(new WordSet(64, 32, 3, 100, 7).heldOutWords()).isEqualTo(WORDS.heldOutWords());
    }

    @Test
    void imagesShowOnlyTheWordsOfTheirSplitAndNearlyAllOfThem() {
        Set<String> train = new HashSet<>();
        Set<String> heldOut = new HashSet<>();
        for (int i = 0; i < 3000; i++) {
            train.add(WORDS.train(i).word());
            heldOut.add(WORDS.heldOut(i).word());
        }
        assertThat(WORDS.trainWords()).containsAll(train);
        assertThat(train).hasSizeGreaterThan(800);
        assertThat(heldOut).containsExactlyInAnyOrderElementsOf(WORDS.heldOutWords());
    }

    @Test
    void theImageOfASeedAndIndexIsAlwaysTheSame() {
        WordImage first = WORDS.train(12345);
        WordImage again = new WordSet(64, 32, 3, 100, 7).train(12345);
        assertThat(again.word()).isEqualTo(first.word());
        assertThat(again.caption()).isEqualTo("a sign that says \"" + first.word() + "\"");
        assertThat(again.image().rgb()).isEqualTo(first.image().rgb());
        assertThat(WORDS.train(12346).image().rgb()).isNotEqualTo(first.image().rgb());
    }

    @Test
    void aWordFillsAGoodPartOfTheImageAndLeavesAMargin() {
        int plain = 0;
        for (int i = 0; i < 400; i++) {
            RgbImage image = WORDS.train(i).image();
            if (hasPlainGround(image)) {
                plain++;
                List<Integer> columns = columnsWithInk(image);
                assertThat(columns).as("columns with ink in image %d", i).hasSizeGreaterThan(24);
                assertThat(columns).as("columns with ink in image %d", i).allMatch(x -> x >= 2 && x < 62);
            }
        }
        assertThat(plain).as("images with a plain ground").isBetween(150, 350);
    }

    @Test
    void inkStandsOutFromEveryPartOfItsGround() {
        Random random = new Random(3);
        for (int i = 0; i < 1000; i++) {
            Palette palette = Palette.draw(random);
            assertThat(palette.isLegible()).as("%s", palette).isTrue();
        }
        assertThat(Palette.contrast(Color.BLACK, Color.WHITE)).isEqualTo(21);
        assertThat(new Palette(Color.BLACK, Color.WHITE, Color.GRAY).isLegible())
                .isFalse();
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new WordSet(8, 32, 3, 100, 7)).isInstanceOf(UserException.class);
        assertThatThrownBy(() -> new WordSet(64, 32, 7, 100, 7)).hasMessageContaining("digits of a word: 7");
        assertThatThrownBy(() -> new WordSet(64, 32, 1, 10, 7)).hasMessageContaining("held-out words: 10");
        assertThatThrownBy(() -> new WordSet(64, 32, 1, 0, 7).heldOut(0)).isInstanceOf(IllegalStateException.class);
    }

    private static boolean hasPlainGround(RgbImage image) {
        int right = image.width() - 1;
        int bottom = image.height() - 1;
        return same(image, right, 0) && same(image, 0, bottom) && same(image, right, bottom);
    }

    private static List<Integer> columnsWithInk(RgbImage image) {
        List<Integer> columns = new ArrayList<>();
        for (int x = 0; x < image.width(); x++) {
            int column = x;
            if (!IntStream.range(0, image.height()).allMatch(y -> same(image, column, y))) {
                columns.add(x);
            }
        }
        return columns;
    }

    /** Whether a pixel is as the one in the upper left corner, which is never inked. */
    private static boolean same(RgbImage image, int x, int y) {
        return IntStream.range(0, 3).allMatch(c -> image.at(x, y, c) == image.at(0, 0, c));
    }
}
