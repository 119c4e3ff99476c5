package org.imagerl.training.remote;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;

/**
 * What two processes say to each other: a kind, and parts whose meaning follows from it.
 *
 * @param kind what it is about
 * @param parts in an order that the kind gives
 */
record Message(Kind kind, List<byte[]> parts) {
    private static final int MAX_PARTS = 1 << 20;

    /** More than the largest image has bytes. */
    private static final int MAX_PART_BYTES = 1 << 30;

    /** What a message is about. The names are part of the protocol. */
    enum Kind {
        /** The executor: which versions it has; parts: one {@link ExecutorSession.Hello}. */
        HELLO,
        /** To the executor: the memory of the policy, as {@link org.imagerl.training.loop.PolicyMemory}. */
        POLICY,
        /** To the executor: compute a rollout; parts: its units. */
        ROLLOUT,
        /** To the executor: compute gradients; parts: their units. */
        GRADIENTS,
        /** To the executor: what the objective's survey sees; parts: the units of an update. */
        SURVEY,
        /** To the executor: put samples of a rollout in the place of samples of another; parts: one {@link org.imagerl.training.work.Replacement}. */
        REPLACE,
        /** To the executor: send the trajectories of the rollout that begins with this unit. */
        TRAJECTORIES,
        /** To the executor: forget the rollout of this name. */
        FORGET,
        /** The executor, in a rollout: may a unit begin? */
        MAY_BEGIN,
        /** To the executor: it may. */
        GO,
        /** To the executor: no, and the rollout is given up. */
        STOP,
        /** The executor, in a rollout: this unit is done. */
        DONE,
        /** The executor: what came of what was asked. */
        RESULT,
        /** The executor: it failed; parts: the kind of the mistake if the user can put it right, and the reason. */
        FAILED
    }

    static Message of(Kind kind, List<byte[]> parts) {
        return new Message(kind, parts);
    }

    static Message of(Kind kind) {
        return new Message(kind, List.of());
    }

    void write(DataOutputStream out) throws IOException {
        byte[] name = kind.name().getBytes(StandardCharsets.US_ASCII);
        out.writeByte(name.length);
        out.write(name);
        out.writeInt(parts.size());
        for (byte[] part : parts) {
            out.writeInt(part.length);
            out.write(part);
        }
        out.flush();
    }

    /**
     * Reads the next one.
     *
     * @throws EOFException if the other process has ended
     * @throws UserException if these are no messages
     */
    static Message read(DataInputStream in) throws IOException {
        String name = new String(bytes(in, in.readUnsignedByte()), StandardCharsets.US_ASCII);
        Kind kind = Arrays.stream(Kind.values())
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow(() -> noMessage("it begins with " + Quote.of(name)));
        int count = in.readInt();
        if (count < 0 || count > MAX_PARTS) {
            throw noMessage(kind + " with " + count + " parts");
        }
        List<byte[]> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int length = in.readInt();
            if (length < 0 || length > MAX_PART_BYTES) {
                throw noMessage("a part of " + length + " bytes");
            }
            parts.add(bytes(in, length));
        }
        return new Message(kind, parts);
    }

    private static byte[] bytes(DataInputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    private static UserException noMessage(String what) {
        return UserException.input("what the other process of this run says is no message of this version of imagerl ("
                + what + "); start both with the same jars");
    }
}
