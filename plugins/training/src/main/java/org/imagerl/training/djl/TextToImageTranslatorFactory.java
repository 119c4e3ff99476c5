package org.imagerl.training.djl;

import ai.djl.Model;
import ai.djl.modality.cv.Image;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Set;

/** Makes {@link TextToImageTranslator}s with the argument {@code seed}. */
public final class TextToImageTranslatorFactory implements TranslatorFactory {

    @Override
    public Set<Pair<Type, Type>> getSupportedTypes() {
        return Set.of(new Pair<>(String.class, Image.class));
    }

    @Override
    @SuppressWarnings("unchecked") // checked by isSupported
    public <I, O> Translator<I, O> newInstance(Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
            throws TranslateException {
        if (!isSupported(input, output)) {
            throw new TranslateException("this model makes an ai.djl.modality.cv.Image of a String, not a "
                    + output.getName() + " of a " + input.getName());
        }
        return (Translator<I, O>)
                new TextToImageTranslator(Arguments.of(arguments).seed());
    }
}
