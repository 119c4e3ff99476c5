package org.imagerl.host.score;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/** Reads and decodes pictures ahead, while others are scored. */
final class Decoding implements AutoCloseable {
    private final ExecutorService threads =
            Executors.newFixedThreadPool(Math.min(4, Runtime.getRuntime().availableProcessors()), task -> {
                Thread thread = new Thread(task, "decoding");
                thread.setDaemon(true);
                return thread;
            });

    /**
     * A picture that was read.
     *
     * @param image null if it could not be read
     * @param error why not; empty if it was
     */
    record Decoded(Picture picture, Prompt prompt, @Nullable RgbImage image, String error) {}

    /** Begins with some pictures. */
    List<Future<Decoded>> begin(List<Picture> pictures) {
        return pictures.stream()
                .map(picture -> threads.submit(() -> decode(picture)))
                .toList();
    }

    private static Decoded decode(Picture picture) {
        Prompt prompt = picture.prompt();
        try {
            return new Decoded(picture, prompt, ImageDecoder.decode(picture.file()), "");
        } catch (UserException e) {
            return new Decoded(picture, prompt, null, String.valueOf(e.getMessage()));
        }
    }

    /** Waits for a picture. */
    static Decoded get(Future<Decoded> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while decoding");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
