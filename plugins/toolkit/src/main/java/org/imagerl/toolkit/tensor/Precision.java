package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Locale;
import org.imagerl.spi.UserException;

/**
 * The floating-point dtypes that networks are held and computed in: float32, float16 and bfloat16.
 *
 * <p>The engine's Java side does not know bfloat16. It calls such an array {@link DataType#UNKNOWN}, and ends the process
 * where it must name the dtype to its native side (creating, casting to it, softmax, moving to a device). So bfloat16 arrays
 * are made by {@link Kernels#cast} alone, their dtype is asked for here, and networks use only operations that do not name it.
 */
public final class Precision {
    private Precision() {}

    /** The dtype of an array of any shape, bfloat16 included. */
    public static DataType of(NDArray array) {
        DataType type = array.getDataType();
        return type == DataType.UNKNOWN ? DataType.BFLOAT16 : type;
    }

    /**
     * The dtype of a name.
     *
     * @param key of the configuration, for the message
     * @param name {@code float32}, {@code float16} or {@code bfloat16}
     * @throws UserException for another name
     */
    public static DataType named(String key, String name) {
        return switch (name) {
            case "float32" -> DataType.FLOAT32;
            case "float16" -> DataType.FLOAT16;
            case "bfloat16" -> DataType.BFLOAT16;
            default -> throw UserException.input(key + " must be float32, float16 or bfloat16, not " + name);
        };
    }

    /** The name of a dtype, as in configurations. */
    public static String name(DataType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }
}
