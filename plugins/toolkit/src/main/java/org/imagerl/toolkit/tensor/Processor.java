package org.imagerl.toolkit.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The features of the processor, as Linux reports them. */
public final class Processor {
    private static final Pattern BFLOAT16 =
            Pattern.compile("(?m)^(flags|Features)\\s*:.*\\b(amx_bf16|avx512_bf16|bf16)\\b");

    private final String description;

    Processor(String description) {
        this.description = description;
    }

    /** The processor of this machine. */
    public static Processor own() {
        try {
            return new Processor(Files.readString(Path.of("/proc/cpuinfo")));
        } catch (IOException e) {
            return new Processor(""); // not on this system
        }
    }

    /** Whether it surely has no instructions for bfloat16; false where the system does not tell. */
    public boolean lacksBfloat16() {
        return !description.isEmpty() && !BFLOAT16.matcher(description).find();
    }
}
