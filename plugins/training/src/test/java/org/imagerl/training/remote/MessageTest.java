package org.imagerl.training.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

class MessageTest {
    private static byte[] written(Message... messages) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Message message : messages) {
            message.write(new DataOutputStream(bytes));
        }
        return bytes.toByteArray();
    }

    private static DataInputStream in(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }

    @Test
    void messagesFollowEachOther() throws IOException {
        byte[] bytes = written(
                Message.of(Message.Kind.ROLLOUT, List.of(new byte[] {1, 2}, new byte[0])), Message.of(Message.Kind.GO));
        DataInputStream in = in(bytes);
        Message first = Message.read(in);
        assertThat(first.kind()).isEqualTo(Message.Kind.ROLLOUT);
        assertThat(first.parts()).containsExactly(new byte[] {1, 2}, new byte[0]);
        assertThat(Message.read(in).kind()).isEqualTo(Message.Kind.GO);
        assertThatThrownBy(() -> Message.read(in)).isInstanceOf(EOFException.class);
    }

    @Test
    void anEndInTheMiddleIsTheEndOfTheOtherProcess() throws IOException {
        byte[] bytes = written(Message.of(Message.Kind.RESULT, List.of(new byte[5])));
        for (int length = 0; length < bytes.length; length++) {
            DataInputStream in = in(Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Message.read(in)).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void whatIsNoMessageIsRefusedBeforeMemoryIsTaken() {
        String line = "a library speaks on the standard output, and says more than the name of a kind has letters";
        assertThatThrownBy(() -> Message.read(in(line.repeat(3).getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no message of this version");
        byte[] go = {2, 'G', 'O', 0, 0, 0, 1, 0x7f, 0, 0, 0};
        assertThatThrownBy(() -> Message.read(in(go)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a part of");
        assertThatThrownBy(() -> Message.read(in(new byte[] {2, 'G', 'O', 0x7f, 0, 0, 0})))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("parts");
    }
}
