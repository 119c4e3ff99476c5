package org.imagerl.host.train;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.imagerl.host.score.RewardTable;
import org.imagerl.host.score.WeightedRewards;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Trajectories;
import org.imagerl.toolkit.parallel.Workers;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Pictures;
import org.imagerl.toolkit.tensor.Scope;

/** Samples batch by batch, as many at a time as there are workers, and scores each batch while the next one is sampled. */
final class Rollouts implements AutoCloseable {
    /** The user asked to stop while training rollouts were sampled: they are given up, no weight has changed. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final Pipeline pipeline;
    private final WeightedRewards rewards;
    private final Workers workers;
    private final int batchSize;
    private final ExecutorService scoring = Executors.newSingleThreadExecutor(runnable -> {
        Thread thread = new Thread(runnable, "scoring");
        thread.setDaemon(true);
        return thread;
    });

    Rollouts(Session session, WeightedRewards rewards) {
        this.pipeline = session.pipeline;
        this.rewards = rewards;
        this.workers = session.workers;
        this.batchSize = session.config.rollout().batchSize();
    }

    /**
     * Samples and scores.
     *
     * @param seeds one per prompt
     * @param keep what of the trajectories is kept
     * @param stoppable whether a stop that the user asks for is heeded between batches
     * @param stage for the progress line
     */
    Rollout sample(
            Sampler sampler,
            List<Prompt> prompts,
            long[] seeds,
            Sampler.Keep keep,
            boolean stoppable,
            String stage,
            Progress progress) {
        NDManager manager = pipeline.manager().newSubManager();
        // A groupwise reward must see whole groups: then everything is scored at the end.
        boolean pointwise = rewards.entries().stream()
                .allMatch(entry -> entry.reward().spec().scope() == Reward.Scope.POINTWISE);
        int count = (prompts.size() + batchSize - 1) / batchSize;
        Map<Integer, Trajectories> parts = new ConcurrentSkipListMap<>();
        Map<Integer, List<RgbImage>> pictures = new ConcurrentSkipListMap<>();
        Map<Integer, CompletableFuture<RewardTable>> tables = new ConcurrentSkipListMap<>();
        int[] done = new int[1];
        try {
            workers.run(count, (index, worker) -> {
                if (stoppable && progress.stopped()) {
                    throw new Stopped();
                }
                int from = index * batchSize;
                int to = Math.min(prompts.size(), from + batchSize);
                List<Prompt> batch = prompts.subList(from, to);
                Trajectories part =
                        sampler.sample(manager, batch, Arrays.copyOfRange(seeds, from, to), keep, step -> {});
                List<RgbImage> decoded = decode(part);
                parts.put(index, part);
                pictures.put(index, decoded);
                if (pointwise) {
                    tables.put(index, CompletableFuture.supplyAsync(() -> rewards.score(decoded, batch), scoring));
                }
                synchronized (done) {
                    done[0] += to - from;
                    progress.update(stage, done[0], prompts.size(), "");
                }
            });
            List<RgbImage> images =
                    pictures.values().stream().flatMap(List::stream).toList();
            RewardTable table = pointwise ? joined(tables.values()) : rewards.score(images, prompts);
            table.requireSome();
            return new Rollout(manager, Sampler.concat(manager, List.copyOf(parts.values())), images, table);
        } catch (RuntimeException | Error e) {
            tables.values().forEach(future -> future.cancel(true));
            manager.close();
            throw e;
        }
    }

    private List<RgbImage> decode(Trajectories part) {
        List<RgbImage> images = new ArrayList<>();
        Gradients.off(() -> {
            Scope.run(() -> images.addAll(
                    Pictures.fromTensor(pipeline.decode(part.state(part.chain().steps())))));
            return images;
        });
        return images;
    }

    private static RewardTable joined(Collection<CompletableFuture<RewardTable>> tables) {
        try {
            return RewardTable.concat(
                    tables.stream().map(CompletableFuture::join).toList());
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Waits for pictures that are being scored: the scorer's native memory is freed next. */
    @Override
    public void close() {
        scoring.shutdownNow();
        try {
            if (!scoring.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("a reward has not come back for a minute");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
