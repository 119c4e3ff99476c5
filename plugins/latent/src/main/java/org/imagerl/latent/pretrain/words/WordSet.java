package org.imagerl.latent.pretrain.words;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;

/**
 * An endless set of images of short numbers with captions such as {@code a sign that says "472"}, in fonts, sizes,
 * positions and colours that vary. Some numbers are held out: they never occur among the training images, so that
 * whether a model can spell, and not only repeat, can be measured on them.
 *
 * <p>The same seed, split and index give the same image. The fonts are those that Java finds on the machine, so images
 * of two machines may differ in shape; words, colours and the split do not.
 */
public final class WordSet {
    private static final int MAX_DIGITS = 6;
    private static final int SPLIT_STREAM = 0;
    private static final int TRAIN_STREAM = 1;
    private static final int HELD_OUT_STREAM = 2;

    private final WordPainter painter;
    private final long seed;
    private final List<String> trainWords;
    private final List<String> heldOutWords;

    /**
     * A set of its own for each seed.
     *
     * @param width pixels, at least 16
     * @param height pixels, at least 16
     * @param digits of every number, 1 to 6
     * @param heldOut how many of the {@code 10^digits} numbers are held out, fewer than all
     * @param seed decides which are held out and what every image looks like
     * @throws UserException when a number is out of range or this machine has no fonts
     */
    public WordSet(int width, int height, int digits, int heldOut, long seed) {
        this.painter = new WordPainter(width, height);
        this.seed = seed;
        List<String> words = new ArrayList<>(allWords(digits));
        if (heldOut < 0 || heldOut >= words.size()) {
            throw UserException.input("held-out words: " + heldOut + "; expected 0 to " + (words.size() - 1));
        }
        Collections.shuffle(words, random(SPLIT_STREAM, 0));
        this.heldOutWords = words.subList(0, heldOut).stream().sorted().toList();
        this.trainWords = words.subList(heldOut, words.size()).stream().sorted().toList();
    }

    /** The prompt that asks for a word. */
    public static String caption(String word) {
        return "a sign that says \"" + word + "\"";
    }

    /** The numbers of the training images, sorted. */
    public List<String> trainWords() {
        return trainWords;
    }

    /** The numbers that no training image shows, sorted. */
    public List<String> heldOutWords() {
        return heldOutWords;
    }

    /**
     * A training image.
     *
     * @param index any number; each has its own image
     */
    public WordImage train(long index) {
        return image(trainWords, random(TRAIN_STREAM, index));
    }

    /**
     * An image of a number that is held out.
     *
     * @param index any number; each has its own image
     * @throws IllegalStateException when none are held out
     */
    public WordImage heldOut(long index) {
        if (heldOutWords.isEmpty()) {
            throw new IllegalStateException("this word set holds no words out");
        }
        return image(heldOutWords, random(HELD_OUT_STREAM, index));
    }

    private WordImage image(List<String> words, Random random) {
        String word = words.get(random.nextInt(words.size()));
        RgbImage image = painter.paint(word, random);
        return new WordImage(word, caption(word), image);
    }

    private static List<String> allWords(int digits) {
        if (digits < 1 || digits > MAX_DIGITS) {
            throw UserException.input("digits of a word: " + digits + "; expected 1 to " + MAX_DIGITS);
        }
        List<String> words = new ArrayList<>();
        for (int number = 0; number < Math.round(Math.pow(10, digits)); number++) {
            words.add(String.format(Locale.ROOT, "%0" + digits + "d", number));
        }
        return words;
    }

    /** A generator of its own for each purpose and index. java.util.Random is specified to the bit, but near seeds correlate. */
    private Random random(int stream, long index) {
        long z = seed + 0x9e3779b97f4a7c15L * (4 * index + stream + 1);
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return new Random(z ^ (z >>> 31));
    }
}
