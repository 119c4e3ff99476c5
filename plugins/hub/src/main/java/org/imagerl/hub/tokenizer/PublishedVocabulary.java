package org.imagerl.hub.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The vocabulary of the published CLIP, which Stable Diffusion 1.x, 2.x, XL and 3 and FLUX.1 share (Radford et al., Learning Transferable
 * Visual Models From Natural Language Supervision, 2021, arXiv 2103.00020). No single-file checkpoint has one. Its 48,894 merges are a
 * resource; the 49,408 tokens follow from them, as in OpenAI's code: 256 bytes, the same at the end of a word, the merges, begin and end.
 */
public final class PublishedVocabulary {
    /** Number of tokens: the {@code vocab_size} of text encoders that use it. */
    public static final int SIZE = 49_408;

    /** What messages name in the place of a file. */
    static final Path PLACE = Path.of("CLIP vocabulary of imagerl");

    private static final String RESOURCE = "clip-merges.txt";
    private static final int BYTES = 256;

    private PublishedVocabulary() {}

    /**
     * Writes a tokenizer folder that transformers reads.
     *
     * @param folder made when it is absent
     * @param pad the token that fills prompts up; empty: end-of-text
     * @throws org.imagerl.spi.UserException when the folder cannot be written
     */
    public static void write(Path folder, Optional<String> pad) {
        ClipFiles.write(
                folder, tokens(), text(), TokenizerSettings.CLIP_LENGTH, pad.orElse(TokenizerSettings.END_OF_TEXT));
    }

    /** Pairs to merge, the most urgent first. */
    static List<List<String>> merges() {
        return text().lines().map(line -> List.of(line.split(" "))).toList();
    }

    /** Token to id, ascending. */
    static Map<String, Integer> tokens() {
        List<String> tokens = new ArrayList<>();
        byteCharacters().forEach(tokens::add);
        byteCharacters().forEach(each -> tokens.add(each + "</w>"));
        merges().forEach(pair -> tokens.add(String.join("", pair)));
        tokens.addAll(Arrays.asList(TokenizerSettings.START_OF_TEXT, TokenizerSettings.END_OF_TEXT));
        Map<String, Integer> ids = new LinkedHashMap<>();
        tokens.forEach(token -> ids.put(token, ids.size()));
        return ids;
    }

    /** The character that stands for each byte, in the order of ids: those that can be printed first, then the others from U+0100 on. */
    private static List<String> byteCharacters() {
        List<String> characters = new ArrayList<>();
        for (int b = 0; b < BYTES; b++) {
            if (isPrintable(b)) {
                characters.add(Character.toString(b));
            }
        }
        for (int next = BYTES; characters.size() < BYTES; next++) {
            characters.add(Character.toString(next));
        }
        return characters;
    }

    private static boolean isPrintable(int b) {
        return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    }

    private static String text() {
        try (InputStream in = Objects.requireNonNull(
                PublishedVocabulary.class.getResourceAsStream(RESOURCE), "the jar has no " + RESOURCE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
