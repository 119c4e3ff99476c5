package org.imagerl.hub.tokenizer;

/** Checks the steps that split a text into words. */
final class PreTokenizerCheck {
    private static final int MAX_CHARACTERS = 1000;

    void check(Section preTokenizer) {
        new Steps("pretokenizers").each(preTokenizer, PreTokenizerCheck::step);
    }

    private static void step(Section step) {
        switch (step.type(
                "BertPreTokenizer",
                "ByteLevel",
                "CharDelimiterSplit",
                "Digits",
                "Metaspace",
                "Punctuation",
                "Split",
                "UnicodeScripts",
                "Whitespace",
                "WhitespaceSplit")) {
            case "Metaspace" -> character(step.at("replacement"));
            case "CharDelimiterSplit" -> character(step.at("delimiter"));
            case "Split" -> split(step.at("pattern"));
            default -> {}
        }
    }

    private static void split(Section pattern) {
        if (pattern.node().has("String")) {
            pattern.at("String").text(MAX_CHARACTERS);
        } else {
            PatternCheck.check(pattern.at("Regex"));
        }
    }

    private static void character(Section value) {
        String text = value.text(2);
        if (text.codePointCount(0, text.length()) != 1) {
            throw value.refusal("expected one character");
        }
    }
}
