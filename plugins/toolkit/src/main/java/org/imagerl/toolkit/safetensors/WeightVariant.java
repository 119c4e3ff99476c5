package org.imagerl.toolkit.safetensors;

import java.nio.file.Files;
import java.nio.file.Path;

/** Which of the weight files of a folder to take. Never chosen silently: a variant has other numbers. */
public enum WeightVariant {
    /** {@code STEM.safetensors}, the full-precision files. */
    PLAIN(""),
    /** {@code STEM.fp16.safetensors}, as published beside them in half precision. */
    FP16(".fp16");

    private final String infix;

    WeightVariant(String infix) {
        this.infix = infix;
    }

    /** Whether a folder has weights of this variant, in one file or several. */
    public boolean isIn(Path folder, String stem) {
        return Files.exists(folder.resolve(fileName(stem))) || Files.exists(folder.resolve(indexName(stem)));
    }

    /**
     * The variant to take from a folder of which nobody says which: the full precision, else what is there.
     *
     * @param stem file name without ending and shard number
     */
    public static WeightVariant only(Path folder, String stem) {
        return !PLAIN.isIn(folder, stem) && FP16.isIn(folder, stem) ? FP16 : PLAIN;
    }

    /** The name of a single weight file. */
    String fileName(String stem) {
        return stem + infix + ".safetensors";
    }

    /** The name of the index of a sharded one. */
    String indexName(String stem) {
        return stem + ".safetensors.index" + infix + ".json";
    }
}
