package org.imagerl.hub.tokenizer;

import java.util.List;

/** Checks what is put around the tokens of a text. The library indexes its tables without a look, so that each entry must be there. */
final class PostProcessorCheck {
    private static final int MAX_PIECES = 64;
    private static final int MAX_CHARACTERS = 1000;
    private static final int MAX_TYPE = 1 << 16;

    void check(Section postProcessor) {
        new Steps("processors").each(postProcessor, PostProcessorCheck::step);
    }

    private static void step(Section step) {
        switch (step.type("BertProcessing", "ByteLevel", "RobertaProcessing", "TemplateProcessing")) {
            case "BertProcessing", "RobertaProcessing" -> {
                token(step.at("sep"));
                token(step.at("cls"));
            }
            case "TemplateProcessing" -> template(step);
            default -> {}
        }
    }

    private static void token(Section token) {
        if (token.list(2, 2) == 2) {
            token.at(0).text(MAX_CHARACTERS);
            token.at(1).integer(0, VocabularyFiles.MAX_ID);
        }
    }

    private static void template(Section step) {
        Section specials = step.at("special_tokens");
        specials.node().propertyNames().forEach(name -> special(specials.at(name)));
        if (!specials.absent() && !specials.node().isObject()) {
            throw specials.refusal("expected an object of tokens by name");
        }
        pieces(step.at("single"), specials, "A");
        if (!step.at("pair").absent()) {
            pieces(step.at("pair"), specials, "A", "B");
        }
    }

    private static void special(Section token) {
        token.at("id").text(MAX_CHARACTERS);
        int count = token.at("ids").list(1, MAX_PIECES);
        if (token.at("tokens").list(1, MAX_PIECES) != count) {
            throw token.at("tokens").refusal("expected as many as \"ids\" has, " + count);
        }
        for (int i = 0; i < count; i++) {
            token.at("ids").at(i).integer(0, VocabularyFiles.MAX_ID);
            token.at("tokens").at(i).text(MAX_CHARACTERS);
        }
    }

    private static void pieces(Section template, Section specials, String... sequences) {
        int count = template.list(1, MAX_PIECES);
        int texts = 0;
        for (int i = 0; i < count; i++) {
            texts += piece(template.at(i), specials, sequences) ? 1 : 0;
        }
        if (texts > sequences.length) {
            throw template.refusal("expected each text once");
        }
    }

    /** Checks a piece; whether it stands for a text. */
    private static boolean piece(Section piece, Section specials, String... sequences) {
        if (piece.node().size() == 1 && piece.node().has("Sequence")) {
            Section id = piece.at("Sequence").at("id");
            if (!List.of(sequences).contains(id.text(1))) {
                throw id.refusal("expected " + String.join(" or ", sequences));
            }
            piece.at("Sequence").at("type_id").integer(0, MAX_TYPE);
            return true;
        }
        if (piece.node().size() != 1 || !piece.node().has("SpecialToken")) {
            throw piece.refusal("expected an object of one entry, \"Sequence\" or \"SpecialToken\"");
        }
        Section id = piece.at("SpecialToken").at("id");
        if (!specials.node().has(id.text(MAX_CHARACTERS))) {
            throw id.refusal("expected one of the names in \"special_tokens\"");
        }
        // The key of the table must be the token's own name: the library looks it up by that one.
        Section named = specials.at(id.node().stringValue()).at("id");
        if (!named.text(MAX_CHARACTERS).equals(id.node().stringValue())) {
            throw named.refusal("expected the name it has in \"special_tokens\"");
        }
        piece.at("SpecialToken").at("type_id").integer(0, MAX_TYPE);
        return false;
    }
}
