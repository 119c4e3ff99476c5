package org.imagerl.host.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.imagerl.spi.UserException;

/** Text files from strangers. */
final class TextFile {
    private TextFile() {}

    /**
     * The text of a UTF-8 file, without byte-order mark.
     *
     * @throws UserException if it is missing, unreadable, larger than {@code maxBytes} or not UTF-8
     */
    static String read(Path file, int maxBytes) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw UserException.input(file + ": has more than " + maxBytes + " bytes; is it the right file?");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (NoSuchFileException e) {
            throw UserException.input(file + ": there is no such file", e);
        } catch (CharacterCodingException e) {
            throw UserException.input(file + ": is not UTF-8; save it as UTF-8", e);
        } catch (IOException e) {
            throw UserException.input(file + ": cannot be read: " + e, e);
        }
    }
}
