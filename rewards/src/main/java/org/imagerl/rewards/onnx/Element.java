package org.imagerl.rewards.onnx;

import ai.onnxruntime.TensorInfo;
import java.util.Locale;

/** What the elements of a tensor are, and whether a model may take or give them here. */
public enum Element {
    FLOAT(true),
    DOUBLE(true),
    FLOAT16(true),
    BFLOAT16(true),
    INT8(true),
    INT16(true),
    INT32(true),
    INT64(true),
    UINT8(true),
    UINT16(false),
    UINT32(false),
    UINT64(false),
    BOOL(true),
    /** Neither read nor made: text, complex numbers, eight and four bits of a float, and what is no tensor at all. */
    OTHER(false);

    private final boolean fed;

    Element(boolean fed) {
        this.fed = fed;
    }

    /** Whether outputs of it can be read, as float32. */
    public boolean isRead() {
        return this != OTHER;
    }

    /** Whether inputs of it can be made. ONNX Runtime for Java makes no unsigned ones beyond eight bits. */
    public boolean isFed() {
        return fed;
    }

    /** Whether it has a fraction. */
    public boolean isFloat() {
        return this == FLOAT || this == DOUBLE || this == FLOAT16 || this == BFLOAT16;
    }

    /** The greatest whole number up to which it has all of them. */
    public double greatestWhole() {
        return switch (this) {
            case FLOAT -> 1 << 24;
            case DOUBLE, INT64, UINT64 -> 1L << 53;
            case FLOAT16 -> 1 << 11;
            case BFLOAT16 -> 1 << 8;
            case INT8 -> Byte.MAX_VALUE;
            case INT16 -> Short.MAX_VALUE;
            case INT32, UINT32 -> Integer.MAX_VALUE;
            case UINT8 -> 255;
            case UINT16 -> 65_535;
            case BOOL -> 1;
            case OTHER -> -1;
        };
    }

    /** The element type of a tensor. */
    static Element of(TensorInfo tensor) {
        String name = name(tensor);
        for (Element element : values()) {
            if (element.name().equals(name)) {
                return element;
            }
        }
        return OTHER;
    }

    /** As ONNX calls it: {@code float}, {@code string}, {@code complex64}; {@code of unknown elements} for types newer than this library. */
    static String word(TensorInfo tensor) {
        String name = name(tensor);
        return name.equals("UNDEFINED") ? "of unknown elements" : name.toLowerCase(Locale.ROOT);
    }

    private static String name(TensorInfo tensor) {
        return tensor.onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "");
    }
}
