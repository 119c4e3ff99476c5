package org.imagerl.scoring.serve;

import java.math.BigInteger;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BigIntegerNode;
import tools.jackson.databind.node.BinaryNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

/**
 * Reads plain values out of Python's pickles of the protocols 2 to 5 (Lib/pickletools.py of CPython describes them; protocol 4 is PEP
 * 3154, 5 is PEP 574). A pickle is a program, and Python's own reader calls whatever the program names. This one knows the instructions
 * for dict, list, tuple, str, bytes, int, float, bool and None, for values that occur again, and for frames. It refuses all others by
 * name, among them each that could name a class or call something. Values, levels, and the memory for a pickle are bounded.
 */
public final class PickleReader {
    /** What a text of all values may take beside twice the bytes of the pickle: the same dict may be sent for many images. */
    private static final long MORE_CHARACTERS = 1 << 20;

    private static final Map<Integer, String> OBJECTS = Map.ofEntries(
            Map.entry((int) 'c', "GLOBAL"),
            Map.entry(0x93, "STACK_GLOBAL"),
            Map.entry((int) 'R', "REDUCE"),
            Map.entry((int) 'b', "BUILD"),
            Map.entry((int) 'i', "INST"),
            Map.entry((int) 'o', "OBJ"),
            Map.entry(0x81, "NEWOBJ"),
            Map.entry(0x92, "NEWOBJ_EX"),
            Map.entry(0x82, "EXT1"),
            Map.entry(0x83, "EXT2"),
            Map.entry(0x84, "EXT4"),
            Map.entry((int) 'P', "PERSID"),
            Map.entry((int) 'Q', "BINPERSID"));

    private static final Map<Integer, String> OTHERS = Map.ofEntries(
            Map.entry(0x8f, "EMPTY_SET"),
            Map.entry(0x90, "ADDITEMS"),
            Map.entry(0x91, "FROZENSET"),
            Map.entry(0x96, "BYTEARRAY8"),
            Map.entry(0x97, "NEXT_BUFFER"),
            Map.entry(0x98, "READONLY_BUFFER"),
            Map.entry(0x8b, "LONG4"),
            Map.entry((int) '0', "POP"),
            Map.entry((int) '1', "POP_MARK"),
            Map.entry((int) '2', "DUP"),
            Map.entry((int) 'I', "INT"),
            Map.entry((int) 'L', "LONG"),
            Map.entry((int) 'F', "FLOAT"),
            Map.entry((int) 'S', "STRING"),
            Map.entry((int) 'T', "BINSTRING"),
            Map.entry((int) 'U', "SHORT_BINSTRING"),
            Map.entry((int) 'V', "UNICODE"),
            Map.entry((int) 'g', "GET"),
            Map.entry((int) 'p', "PUT"),
            Map.entry((int) 'l', "LIST"),
            Map.entry((int) 'd', "DICT"));

    private final PickleInput input;
    private final PickleStack stack;

    private PickleReader(String name, byte[] bytes) {
        this.input = new PickleInput(name, bytes);
        this.stack = new PickleStack(input, 2L * bytes.length + MORE_CHARACTERS);
    }

    /**
     * The value of a pickle: dict as an object, list and tuple as an array, bytes as binary.
     *
     * @param name of the pickle, for messages
     * @throws org.imagerl.spi.UserException if it is no pickle of plain values, or beyond the bounds
     */
    public static JsonNode read(String name, byte[] bytes) {
        return new PickleReader(name, bytes).value();
    }

    private JsonNode value() {
        if (input.left() < 2 || input.one() != 0x80) {
            throw input.wrong("it is no pickle of protocol 2 to 5");
        }
        int protocol = input.one();
        if (protocol < 2 || protocol > 5) {
            throw input.wrong("its protocol is " + protocol + "; it must be from 2 to 5");
        }
        for (int code = input.one(); code != '.'; code = input.one()) {
            if (!constant(code) && !sized(code) && !container(code) && !remembered(code)) {
                throw refused(code);
            }
        }
        if (input.left() > 0) {
            throw input.wrong("there is more after its end");
        }
        return stack.end();
    }

    /** A value of a fixed size, or an integer. */
    private boolean constant(int code) {
        switch (code) {
            case 'N' -> stack.push(NullNode.instance, 4);
            case 0x88 -> stack.push(BooleanNode.TRUE, 4);
            case 0x89 -> stack.push(BooleanNode.FALSE, 5);
            case 'J' -> stack.push(IntNode.valueOf((int) input.number(4)), 11);
            case 'K' -> stack.push(IntNode.valueOf((int) input.number(1)), 3);
            case 'M' -> stack.push(IntNode.valueOf((int) input.number(2)), 5);
            case 0x8a -> integer();
            case 'G' -> stack.push(DoubleNode.valueOf(input.real()), 24);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** A little-endian two's complement of up to 255 bytes; none at all is zero. */
    private void integer() {
        byte[] bytes = input.copy(input.one());
        for (int i = 0, j = bytes.length - 1; i < j; i++, j--) {
            byte first = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = first;
        }
        BigInteger value = bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
        boolean small = value.bitLength() < Long.SIZE;
        stack.push(small ? LongNode.valueOf(value.longValue()) : BigIntegerNode.valueOf(value), 3L * bytes.length + 1);
    }

    /** Texts and bytes. */
    private boolean sized(int code) {
        switch (code) {
            case 0x8c -> text(input.number(1));
            case 'X' -> text(input.number(4));
            case 0x8d -> text(input.number(8));
            case 'C' -> bytes(input.number(1));
            case 'B' -> bytes(input.number(4));
            case 0x8e -> bytes(input.number(8));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void text(long length) {
        stack.push(StringNode.valueOf(input.text(length)), length + 2);
    }

    /** As a text bytes would be in base64. */
    private void bytes(long length) {
        stack.push(BinaryNode.valueOf(input.copy(length)), length / 3 * 4 + 6);
    }

    private boolean container(int code) {
        switch (code) {
            case '(' -> stack.mark();
            case ']' -> stack.pushList();
            case '}' -> stack.pushDict();
            case ')' -> stack.tuple(0);
            case 0x85 -> stack.tuple(1);
            case 0x86 -> stack.tuple(2);
            case 0x87 -> stack.tuple(3);
            case 't' -> stack.tuple();
            case 'a' -> stack.append(false);
            case 'e' -> stack.append(true);
            case 's' -> stack.entries(false);
            case 'u' -> stack.entries(true);
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean remembered(int code) {
        switch (code) {
            case 'q' -> stack.memoize(input.number(1));
            case 'r' -> stack.memoize(input.number(4));
            case 0x94 -> stack.memoize();
            case 'h' -> stack.recall(input.number(1));
            case 'j' -> stack.recall(input.number(4));
            case 0x95 -> input.frame();
            default -> {
                return false;
            }
        }
        return true;
    }

    private RuntimeException refused(int code) {
        if (OBJECTS.containsKey(code)) {
            return input.wrong(OBJECTS.get(code) + " is refused, because it can make objects or call functions (NumPy"
                    + " arrays need it: .tolist(); bytes need it in protocol 2: use 3 or later)");
        }
        return input.wrong(OTHERS.getOrDefault(code, "the instruction " + code) + " is refused");
    }
}
