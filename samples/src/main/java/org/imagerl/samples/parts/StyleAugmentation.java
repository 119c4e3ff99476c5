package org.imagerl.samples.parts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.sampling.ForwardingPipeline;

/**
 * Every prompt in each of some styles; a field of the prompt names its own. The text encoder gets the style in words, so that this part needs no
 * weights; the prompt itself, which the rewards get, is unchanged.
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
        return new Styled(base);
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
        return new Prompt(prompt.id() + "/" + style, prompt.text(), metadata);
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
            throw UserException.input("a style is asked for by style=NAME, with one of " + String.join(", ", styles)
                    + ", and not by "
                    + Quote.of(String.join(", ", wishes.keySet())));
        }
        return with(prompt, style);
    }

    /** Negative prompts have no style. */
    private static final class Styled extends ForwardingPipeline {
        Styled(Pipeline base) {
            super(base);
        }

        @Override
        public Conditioning condition(NDManager manager, List<Prompt> prompts, List<Prompt> negatives, ImageSize size) {
            return super.condition(
                    manager, prompts.stream().map(Styled::inWords).toList(), negatives, size);
        }

        private static Prompt inWords(Prompt prompt) {
            String style = prompt.metadata().get(FIELD);
            return style == null ? prompt : new Prompt(prompt.id(), prompt.text() + ", " + style, prompt.metadata());
        }

        @Override
        protected Map<String, NDArray> added(NDManager manager, List<Prompt> prompts) {
            return Map.of(); // tensors beside the text, for a part with weights
        }

        @Override
        public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
            return base.denoise(latents, timesteps, conditioning);
        }
    }
}
