package org.imagerl.samples.parts;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;

/**
 * Every prompt in each of some styles; a field of the prompt names its own. This part says the style in words, so that it needs no weights; one that has
 * weights returns another pipeline from {@code augment}.
 *
 * @param styles that are trained, at least one
 */
record StyleAugmentation(List<String> styles) implements Augmentation {
    private static final String FIELD = "style";

    StyleAugmentation {
        if (styles.isEmpty()) {
            throw new IllegalArgumentException("styles must have at least one");
        }
        styles = List.copyOf(styles);
    }

    @Override
    public Pipeline augment(Pipeline base) {
        return base;
    }

    /** A prompt that names its style is left as it is. The id tells apart what is compared in groups. */
    @Override
    public List<Prompt> prompts(List<Prompt> prompts) {
        return prompts.stream()
                .flatMap(prompt -> prompt.metadata().containsKey(FIELD)
                        ? List.of(prompt).stream()
                        : styles.stream().map(style -> with(prompt, style)))
                .toList();
    }

    private static Prompt with(Prompt prompt, String style) {
        Map<String, String> metadata = new TreeMap<>(prompt.metadata());
        metadata.put(FIELD, style);
        return new Prompt(prompt.id() + "/" + style, prompt.text() + ", " + style, metadata);
    }

    @Override
    public Map<String, String> asked(Prompt prompt) {
        String style = prompt.metadata().get(FIELD);
        return style == null ? Map.of() : Map.of(FIELD, style);
    }

    @Override
    public Prompt ask(Prompt prompt, Map<String, String> wishes) {
        String style = wishes.get(FIELD);
        if (wishes.size() != 1 || style == null || !styles.contains(style)) {
            throw UserException.input("a style is asked for by style=NAME, with one of " + String.join(", ", styles));
        }
        return with(prompt, style);
    }
}
