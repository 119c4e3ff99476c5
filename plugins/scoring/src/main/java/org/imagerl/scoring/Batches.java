package org.imagerl.scoring;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.Future;

/**
 * Images in batches that fit into memory: as many as are wanted, fewer where they are large. Where a reward looks at whole groups, a
 * batch is a group. Only headers are read for this, a batch ahead.
 */
final class Batches implements Iterator<Batches.Batch> {
    private final Deque<List<ImageItem>> unmeasured = new ArrayDeque<>();
    private final Deque<Measured> measured = new ArrayDeque<>();
    private final ImagePrefetcher decoding;
    private final int size;
    private final long maxBytes;
    private final boolean groupwise;

    /**
     * A batch.
     *
     * @param bytes of its images, decoded
     * @param fits whether they may be in memory together; only a group may not
     */
    record Batch(List<ImageItem> items, long bytes, boolean fits) {}

    private record Measured(ImageItem item, Future<Long> bytes) {}

    /**
     * Batches of some images.
     *
     * @param size images in a batch, at most
     * @param maxBytes of a batch of more than one image, decoded; a group may have twice as many
     */
    Batches(List<ImageItem> items, int size, boolean groupwise, long maxBytes, ImagePrefetcher decoding) {
        this.decoding = decoding;
        this.size = size;
        this.maxBytes = maxBytes;
        this.groupwise = groupwise;
        if (groupwise) {
            Map<String, List<ImageItem>> groups = new LinkedHashMap<>();
            items.forEach(item -> groups.computeIfAbsent(item.prompt().id(), id -> new ArrayList<>())
                    .add(item));
            unmeasured.addAll(groups.values());
        } else {
            for (int from = 0; from < items.size(); from += size) {
                unmeasured.add(items.subList(from, Math.min(from + size, items.size())));
            }
        }
    }

    @Override
    public boolean hasNext() {
        return !unmeasured.isEmpty() || !measured.isEmpty();
    }

    @Override
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        while (!unmeasured.isEmpty() && (groupwise ? measured.isEmpty() : measured.size() < size)) {
            List<ImageItem> some = unmeasured.remove();
            List<Future<Long>> bytes = decoding.measure(some);
            for (int i = 0; i < some.size(); i++) {
                measured.add(new Measured(some.get(i), bytes.get(i)));
            }
        }
        return groupwise ? group() : some();
    }

    private Batch group() {
        List<ImageItem> items = new ArrayList<>();
        long bytes = 0;
        for (Measured one : measured) {
            items.add(one.item);
            bytes += ImagePrefetcher.get(one.bytes);
        }
        measured.clear();
        return new Batch(items, bytes, bytes <= 2 * maxBytes || items.size() == 1);
    }

    private Batch some() {
        List<ImageItem> items = new ArrayList<>();
        long bytes = 0;
        while (!measured.isEmpty() && items.size() < size) {
            long more = ImagePrefetcher.get(measured.element().bytes);
            if (!items.isEmpty() && bytes + more > maxBytes) {
                break;
            }
            items.add(measured.remove().item);
            bytes += more;
        }
        return new Batch(items, bytes, true);
    }
}
