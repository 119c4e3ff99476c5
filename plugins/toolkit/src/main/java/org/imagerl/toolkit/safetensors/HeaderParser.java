package org.imagerl.toolkit.safetensors;

import ai.djl.ndarray.types.Shape;
import java.io.Reader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the JSON of a header token by token (a tree of a 100 MB header would take gigabytes) and checks each tensor by
 * itself; {@link HeaderLayout} checks how they lie beside each other.
 */
final class HeaderParser {
    /** No published model has a tenth of this; it bounds the memory that a crafted header can take. */
    private static final int MAX_TENSORS = 500_000;

    /** PyTorch's limit. */
    private static final int MAX_DIMENSIONS = 64;

    private final String where;
    private final JsonParser json;
    private final List<TensorEntry> entries = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private HeaderParser(String where, JsonParser json) {
        this.where = where;
        this.json = json;
    }

    /** @throws UserException if the header is not JSON, or a tensor in it makes no sense */
    static HeaderParser parse(String where, Reader characters) {
        try (JsonParser json = StrictJson.parser(characters)) {
            HeaderParser parser = new HeaderParser(where, json);
            parser.header();
            return parser;
        } catch (JacksonException problem) {
            throw StrictJson.notJson(where + ": the header", problem);
        }
    }

    List<TensorEntry> entries() {
        return entries;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    private void header() {
        expect(JsonToken.START_OBJECT, "the header");
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            if (name.equals(SafetensorsHeader.METADATA_KEY)) {
                strings();
            } else {
                tensor(name);
            }
        }
        if (json.nextToken() != null) {
            throw damaged("there is something after the closing brace of the header");
        }
    }

    private void strings() {
        expect(JsonToken.START_OBJECT, SafetensorsHeader.METADATA_KEY);
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            expect(JsonToken.VALUE_STRING, SafetensorsHeader.METADATA_KEY + " key " + Quote.of(key));
            metadata.put(key, json.getString());
        }
    }

    private void tensor(String name) {
        String what = "tensor " + Quote.of(name);
        if (entries.size() == MAX_TENSORS) {
            throw damaged("it lists more than " + MAX_TENSORS + " tensors");
        }
        expect(JsonToken.START_OBJECT, what);
        DType dtype = null;
        long[] shape = null;
        long[] offsets = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            switch (field) {
                case "dtype" -> dtype = dtype(what);
                case "shape" -> shape = numbers(what + " shape");
                case "data_offsets" -> offsets = numbers(what + " data_offsets");
                default ->
                    throw damaged(what + " has an unknown field " + Quote.of(field)
                            + ", expected dtype, shape and data_offsets");
            }
        }
        entries.add(entry(
                name,
                what,
                given(dtype, what, "dtype"),
                given(shape, what, "shape"),
                given(offsets, what, "data_offsets")));
    }

    private TensorEntry entry(String name, String what, DType dtype, long[] shape, long[] offsets) {
        if (offsets.length != 2 || offsets[0] > offsets[1]) {
            throw damaged(what + " data_offsets: expected [begin, end] with begin <= end");
        }
        long bytes = bytes(what, dtype, shape);
        if (offsets[1] - offsets[0] != bytes) {
            throw damaged(what + " takes " + (offsets[1] - offsets[0]) + " bytes by its data_offsets, but "
                    + new Shape(shape) + " elements of " + dtype + " are " + bytes + " bytes");
        }
        return new TensorEntry(name, dtype, new Shape(shape), offsets[0], offsets[1]);
    }

    private long bytes(String what, DType dtype, long[] shape) {
        long bytes = dtype.bytes();
        try {
            for (long dimension : shape) {
                bytes = Math.multiplyExact(bytes, dimension);
            }
        } catch (ArithmeticException overflow) {
            throw damaged(what + " has the impossible shape " + new Shape(shape) + ": " + overflow.getMessage());
        }
        return bytes;
    }

    private DType dtype(String what) {
        expect(JsonToken.VALUE_STRING, what + " dtype");
        String name = json.getString();
        return DType.of(name)
                .orElseThrow(() -> UserException.input(where + ": " + what + " has the unknown dtype " + Quote.of(name)
                        + ", expected one of " + List.of(DType.values())
                        + "; if it is of a newer quantisation, take a file of the model in one of these"));
    }

    private long[] numbers(String what) {
        expect(JsonToken.START_ARRAY, what);
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (numbers.size() == MAX_DIMENSIONS) {
                throw damaged(what + " has more than " + MAX_DIMENSIONS + " numbers");
            }
            numbers.add(number(what));
        }
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    private long number(String what) {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw damaged(what + ": expected whole numbers, found " + json.currentToken());
        }
        long number = json.getLongValue();
        if (number < 0) {
            throw damaged(what + " has the negative number " + number);
        }
        return number;
    }

    private <T> T given(@Nullable T value, String what, String field) {
        if (value == null) {
            throw damaged(what + " has no " + field);
        }
        return value;
    }

    private void expect(JsonToken expected, String what) {
        JsonToken found = json.nextToken();
        if (found != expected) {
            throw damaged(what + ": expected " + expected + ", found " + (found == null ? "the end" : found));
        }
    }

    private UserException damaged(String what) {
        return SafetensorsHeader.damaged(where, what);
    }
}
