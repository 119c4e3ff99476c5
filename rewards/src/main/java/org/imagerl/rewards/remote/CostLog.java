package org.imagerl.rewards.remote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.IoProblems;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A file with a line per answer that a server gave: when, by which model, and how many tokens are to be paid. */
final class CostLog implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final FileChannel channel;

    /**
     * Opens the file at its end, and makes it if it is missing.
     *
     * @throws UserException if it cannot be written
     */
    CostLog(Path file) {
        this.file = file;
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }

    /** Appends a line; null stands for tokens that the server does not tell. */
    synchronized void add(String model, JudgeAnswer answer) {
        ObjectNode line = JSON.createObjectNode();
        line.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        line.put("model", model);
        line.put("prompt_tokens", answer.promptTokens());
        line.put("completion_tokens", answer.completionTokens());
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            AtomicFile.writeFully(channel, ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw IoProblems.writing(file, e);
        }
    }
}
