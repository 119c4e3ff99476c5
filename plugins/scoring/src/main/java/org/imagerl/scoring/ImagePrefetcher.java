package org.imagerl.scoring;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.imagerl.images.DecodedImage;
import org.imagerl.images.ExifOrientation;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.imagerl.spi.work.DaemonThreads;
import org.jspecify.annotations.Nullable;

/** Reads and decodes images ahead, while others are scored. */
final class ImagePrefetcher implements AutoCloseable {
    private final ExifOrientation orientation;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            Math.min(4, Runtime.getRuntime().availableProcessors()), DaemonThreads.named("decoding"));

    ImagePrefetcher(ExifOrientation orientation) {
        this.orientation = orientation;
    }

    /**
     * An image that was read.
     *
     * @param image null if it could not be read
     * @param error why not; empty if it was
     */
    record Decoded(
            ImageItem item, ImageItem.Found found, @Nullable DecodedImage image, String error) {}

    /** Begins with some images. */
    List<Future<Decoded>> begin(List<ImageItem> items) {
        return submit(items.stream()
                .<Callable<Decoded>>map(item -> () -> decode(item))
                .toList());
    }

    /** Begins to look what the images will take decoded, in bytes; 0 for one that cannot be read. */
    List<Future<Long>> measure(List<ImageItem> items) {
        return submit(
                items.stream().<Callable<Long>>map(item -> () -> bytes(item)).toList());
    }

    private <T> List<Future<T>> submit(List<Callable<T>> tasks) {
        return tasks.stream().map(threads::submit).toList();
    }

    private Decoded decode(ImageItem item) {
        ImageItem.Found found = item.found();
        try {
            BoundedFile.requireRegular(item.file());
            return new Decoded(item, found, ImageDecoder.decode(item.file(), orientation), "");
        } catch (UserException e) {
            return new Decoded(item, found, null, String.valueOf(e.getMessage()));
        }
    }

    private static long bytes(ImageItem item) {
        try {
            ImageDecoder.Size size = ImageDecoder.size(item.file());
            return 3L * size.width() * size.height();
        } catch (UserException e) {
            return 0; // decoding says what is wrong
        }
    }

    /** Waits for a result. */
    static <T> T get(Future<T> future) {
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

    /** The pixels of what was read. */
    static List<RgbImage> images(List<Decoded> batch) {
        return batch.stream()
                .map(Decoded::image)
                .filter(image -> image != null)
                .map(DecodedImage::image)
                .toList();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
