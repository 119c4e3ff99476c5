package org.imagerl.toolkit.safetensors;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The element types of the format, in the order of the reference implementation: increasing alignment. A writer lays tensors
 * out by descending order of this, so that every tensor is aligned to its element size.
 */
public enum DType {
    BOOL(1, DataType.BOOLEAN),
    U8(1, DataType.UINT8),
    I8(1, DataType.INT8),
    /** 8 bits, 2 of them of the fraction: read as float32, because no engine of ours computes with it; never written. */
    F8_E5M2(1, null),
    /** 8 bits, 3 of them of the fraction (PyTorch's {@code float8_e4m3fn}): read as float32, never written. */
    F8_E4M3(1, null),
    I16(2, DataType.INT16),
    /** Known by name, never loaded: PyTorch has no arithmetic on it. */
    U16(2, null),
    F16(2, DataType.FLOAT16),
    BF16(2, DataType.BFLOAT16),
    I32(4, DataType.INT32),
    /** Known by name, never loaded: PyTorch has no arithmetic on it. */
    U32(4, null),
    F32(4, DataType.FLOAT32),
    F64(8, DataType.FLOAT64),
    I64(8, DataType.INT64),
    /** Known by name, never loaded: PyTorch has no arithmetic on it. */
    U64(8, null);

    private final int bytes;
    private final @Nullable DataType djl;

    DType(int bytes, @Nullable DataType djl) {
        this.bytes = bytes;
        this.djl = djl;
    }

    /** Bytes per element. */
    public int bytes() {
        return bytes;
    }

    /** Whether tensors of this type may be read. */
    public boolean loadable() {
        return djl != null || isEighth();
    }

    /** Whether this is one of the 8-bit floating-point types. */
    public boolean isEighth() {
        return this == F8_E5M2 || this == F8_E4M3;
    }

    /** Whether this is a floating-point type that may be read: F64, F32, F16, BF16, F8_E4M3 or F8_E5M2. */
    public boolean isFloat() {
        return isEighth() || this == F64 || this == F32 || this == F16 || this == BF16;
    }

    /**
     * The DJL type of the same layout.
     *
     * @throws IllegalStateException if there is none
     */
    public DataType djl() {
        if (djl == null) {
            throw new IllegalStateException(this + " has no DJL type");
        }
        return djl;
    }

    /** The type of that name, as it stands in headers: upper case. */
    public static Optional<DType> of(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
