package org.imagerl.rewards.remote;

import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.io.Sha256;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers on disk, by the SHA-256 of all that they depend on: a small JSON file each, in 256 folders. Several processes may use one folder:
 * a file is there whole or not at all.
 */
final class JudgeCache {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path folder;

    JudgeCache(Path folder) {
        this.folder = folder;
    }

    /** The answer that was kept; null if there is none, or if the file is damaged. */
    @Nullable
    JudgeAnswer find(String question) {
        Path file = file(question);
        if (!Files.exists(file)) {
            return null;
        }
        try {
            return JudgeAnswer.kept(JSON.readTree(BoundedFile.read(file, JudgeAnswer.MAX_BYTES)));
        } catch (JacksonException e) {
            return null;
        }
    }

    /**
     * Keeps an answer.
     *
     * @throws UserException if it cannot be written
     */
    void keep(String question, JudgeAnswer answer) {
        AtomicFile.write(file(question), JSON.writeValueAsBytes(answer));
    }

    private Path file(String question) {
        String hash = Sha256.ofText(question);
        return folder.resolve(hash.substring(0, 2)).resolve(hash + ".json");
    }
}
