package org.imagerl.hub.tokenizer;

/** Checks the steps that rewrite a text, and how much longer they can make it together. */
final class NormalizerCheck {
    /** A text of n characters must not become longer than this times n. Published tokenizers stay below 10. */
    private static final double MAX_GROWTH = 64;

    private static final int MAX_CHARACTERS = 1000;
    private static final int MAX_PREPENDED = 16;

    private double growth = 1;

    void check(Section normalizer) {
        new Steps("normalizers").each(normalizer, this::step);
    }

    private void step(Section step) {
        switch (step.type(
                "BertNormalizer",
                "ByteLevel",
                "Lowercase",
                "NFC",
                "NFD",
                "NFKC",
                "NFKD",
                "Nmt",
                "Precompiled",
                "Prepend",
                "Replace",
                "Strip",
                "StripAccents")) {
            case "Precompiled" -> grow(step, precompiled(step.at("precompiled_charsmap")));
            case "Replace" -> grow(step, replace(step));
            case "Prepend" ->
                grow(step, 1 + step.at("prepend").text(MAX_PREPENDED).length() / 16.0);
            default -> {}
        }
    }

    private static double precompiled(Section map) {
        return map.absent() ? 1 : CharacterMap.growth(map);
    }

    /** How many characters at most stand for one: a pattern without characters of its own matches between any two. */
    private static double replace(Section step) {
        double content = step.at("content").text(MAX_CHARACTERS).length();
        Section pattern = step.at("pattern");
        if (pattern.node().has("String")) {
            String text = pattern.at("String").text(MAX_CHARACTERS);
            if (text.isEmpty()) {
                throw pattern.refusal("expected a text that is to be replaced");
            }
            return Math.max(1, content / text.length());
        }
        PatternCheck.check(pattern.at("Regex"));
        return 1 + content;
    }

    private void grow(Section step, double factor) {
        growth *= factor;
        if (growth > MAX_GROWTH) {
            throw step.refusal("the steps up to here can make a text " + Math.round(Math.min(growth, 1e15))
                    + " times as long; expected at most " + Math.round(MAX_GROWTH) + " times");
        }
    }
}
