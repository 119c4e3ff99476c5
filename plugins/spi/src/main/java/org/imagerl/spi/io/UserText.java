package org.imagerl.spi.io;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.imagerl.spi.UserException;

/**
 * The text in files of users: UTF-8, or UTF-16 and UTF-32 with the byte-order mark that some editors and shells of Windows write. The mark
 * is no part of the text. Nothing is guessed: bytes that are no such text are an error, never a question mark in a prompt.
 */
public final class UserText {
    private static final String MARK = "\uFEFF";

    /** The marks, longer ones first: that of UTF-32 begins as that of UTF-16. */
    private static final List<Charset> MARKED = List.of(
            Charset.forName("UTF-32LE"),
            Charset.forName("UTF-32BE"),
            StandardCharsets.UTF_16LE,
            StandardCharsets.UTF_16BE,
            StandardCharsets.UTF_8);

    private static final int LONGEST_MARK = 4;

    private UserText() {}

    /**
     * The text, without a byte-order mark.
     *
     * @param where names the file in messages
     * @throws UserException if it is no text, naming the line and the byte, and saying what to do
     */
    public static String decode(byte[] bytes, String where) {
        Charset charset = charset(bytes);
        CharBuffer chars = CharBuffer.allocate(bytes.length + 1);
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        CharsetDecoder decoder = charset.newDecoder();
        CoderResult result = decoder.decode(rest, chars, true);
        if (result.isError()) {
            throw broken(bytes, rest.position(), charset, lines(chars.flip()), where);
        }
        decoder.flush(chars);
        return plain(chars.flip().toString(), where);
    }

    /**
     * Opens a regular file of any size as text, for those who read it line by line. Reading throws
     * {@link java.nio.charset.CharacterCodingException} where it is no text.
     *
     * @throws UserException if it is absent, no regular file or cannot be read
     */
    public static BufferedReader open(Path file) throws IOException {
        PushbackInputStream in = new PushbackInputStream(BoundedFile.open(file), LONGEST_MARK);
        try {
            byte[] begin = in.readNBytes(LONGEST_MARK);
            Charset charset = charset(begin);
            byte[] mark = MARK.getBytes(charset);
            int skipped = begins(begin, mark) ? mark.length : 0;
            in.unread(begin, skipped, begin.length - skipped);
            return new BufferedReader(new InputStreamReader(in, charset.newDecoder()));
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    private static Charset charset(byte[] begin) {
        return MARKED.stream()
                .filter(c -> begins(begin, MARK.getBytes(c)))
                .findFirst()
                .orElse(StandardCharsets.UTF_8);
    }

    private static String plain(String text, String where) {
        int nul = text.indexOf('\0');
        if (nul >= 0) {
            throw UserException.input(where + ":" + lines(CharBuffer.wrap(text, 0, nul))
                    + ": has a NUL character; it is no text, or UTF-16 without byte-order mark: save it as UTF-8");
        }
        return withoutMark(text);
    }

    /** The text without the byte-order marks that it begins with: a line has one where files were put together. */
    public static String withoutMark(String text) {
        int start = 0;
        while (text.startsWith(MARK, start)) {
            start++;
        }
        return text.substring(start);
    }

    private static boolean begins(byte[] bytes, byte[] mark) {
        if (bytes.length < mark.length) {
            return false;
        }
        for (int i = 0; i < mark.length; i++) {
            if (bytes[i] != mark[i]) {
                return false;
            }
        }
        return true;
    }

    private static UserException broken(byte[] bytes, int position, Charset charset, long line, String where) {
        String found = position < bytes.length
                ? "0x" + HexFormat.of().toHexDigits(bytes[position]).toUpperCase(Locale.ROOT)
                : "the end";
        return UserException.input(where + ":" + line + ": is not " + charset.name() + " (byte " + (position + 1)
                + " is " + found + "); save it as UTF-8");
    }

    /** The number of the last line, from 1. */
    private static long lines(CharBuffer text) {
        return 1 + text.chars().filter(c -> c == '\n').count();
    }
}
