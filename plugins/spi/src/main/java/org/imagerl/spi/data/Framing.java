package org.imagerl.spi.data;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;

/**
 * How an image that is trained on was cut out of the one on disk. A denoiser that is conditioned on sizes and crops (SDXL: Podell et al., 2023, arXiv
 * 2307.01952, section 2.2) learns wrong crops where this is wrong.
 *
 * @param original the size on disk, before it was resized
 * @param top rows of the resized image above the cut
 * @param left columns of the resized image left of the cut
 * @param size of what was cut out, which is trained
 */
public record Framing(ImageSize original, int top, int left, ImageSize size) {
    /** The field of a prompt's metadata in which it travels with a sample: {@code height,width,top,left,height,width}, as SDXL takes it. */
    public static final String FIELD = "imagerl_framing";

    private static final String SIDE = "[1-9]\\d{0,8}";
    private static final Pattern NUMBERS =
            Pattern.compile(String.join(",", SIDE, SIDE, "\\d{1,9}", "\\d{1,9}", SIDE, SIDE));

    /** An image that nothing was done to. */
    public static Framing whole(ImageSize size) {
        return new Framing(size, 0, 0, size);
    }

    /** Of an image that is made for a prompt, or was found for it. */
    public static Framing of(Prompt prompt, ImageSize size) {
        String value = prompt.metadata().get(FIELD);
        if (value == null) {
            return whole(size);
        }
        if (!NUMBERS.matcher(value).matches()) {
            throw UserException.input("the field " + FIELD + " of a prompt is " + Quote.of(value)
                    + ", and not six numbers as imagerl writes it; give your field another name");
        }
        int[] n = Arrays.stream(value.split(",")).mapToInt(Integer::parseInt).toArray();
        return new Framing(new ImageSize(n[1], n[0]), n[2], n[3], new ImageSize(n[5], n[4]));
    }

    /** The prompt with this; without it where nothing was done to an image of the size that the run has. */
    public Prompt on(Prompt prompt, ImageSize run) {
        Map<String, String> fields = new TreeMap<>(prompt.metadata());
        fields.remove(FIELD);
        if (!equals(whole(run))) {
            fields.put(
                    FIELD,
                    original.height() + "," + original.width() + "," + top + "," + left + "," + size.height() + ","
                            + size.width());
        }
        return new Prompt(prompt.id(), prompt.text(), fields);
    }

    /** The six numbers as SDXL takes them: original height and width, top, left, height and width. */
    public float[] numbers() {
        return new float[] {original.height(), original.width(), top, left, size.height(), size.width()};
    }
}
