package org.imagerl.training.loop;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Progress;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.DaemonThreads;
import org.imagerl.toolkit.parallel.Workers;
import org.imagerl.toolkit.sampling.SampledImages;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.sampling.Seeds;
import org.imagerl.toolkit.tensor.Scope;

/** Samples batch by batch, as many at a time as there are workers, and scores each batch while the next one is sampled. */
final class Rollouts implements AutoCloseable {
    /** The user asked to stop while training rollouts were sampled: they are given up, no weight has changed. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String lost;

        Stopped(String lost) {
            this.lost = lost;
        }

        /** What is given up, for the user: {@code 128 of 512 images, sampled in 41 s}. */
        String lost() {
            return lost;
        }
    }

    /** More than the usual time limit of the image that is being scored. */
    private static final int PATIENCE_MINUTES = 3;

    private final Pipeline pipeline;
    private final WeightedRewards rewards;
    private final Workers workers;
    private final int batchSize;
    private final ExecutorService scoring = Executors.newSingleThreadExecutor(DaemonThreads.named("scoring"));

    /** @param batchSize most samples of a batch */
    Rollouts(PolicyRuntime runtime, WeightedRewards rewards, int batchSize) {
        this.pipeline = runtime.pipeline();
        this.rewards = rewards;
        this.workers = runtime.workers();
        this.batchSize = batchSize;
    }

    /**
     * Samples and scores.
     *
     * @param seeds one per prompt
     * @param keep what of the trajectories is kept
     * @param stoppable whether a stop that the user asks for is heeded between batches
     * @param stage for the progress line
     * @throws UserException if no sample became an image, naming the component that failed; or a reward scored none
     */
    Rollout sample(
            Sampler sampler,
            List<Prompt> prompts,
            Seeds seeds,
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
        Map<Integer, List<ImageOrReason>> decodedBatches = new ConcurrentSkipListMap<>();
        Map<Integer, CompletableFuture<RewardTable>> tables = new ConcurrentSkipListMap<>();
        int[] done = new int[1];
        long began = System.nanoTime();
        try {
            workers.run(count, (index, worker) -> {
                if (stoppable && progress.stopped()) {
                    synchronized (done) {
                        throw new Stopped(lost(done[0], prompts.size(), System.nanoTime() - began));
                    }
                }
                int from = index * batchSize;
                int to = Math.min(prompts.size(), from + batchSize);
                List<Prompt> batch = prompts.subList(from, to);
                Trajectories part = sampler.sample(manager, batch, seeds.range(from, to), keep, step -> {});
                List<ImageOrReason> decoded = decode(part);
                parts.put(index, part);
                decodedBatches.put(index, decoded);
                if (pointwise) {
                    tables.put(
                            index, CompletableFuture.supplyAsync(() -> rewards.scoreSamples(decoded, batch), scoring));
                }
                synchronized (done) {
                    done[0] += to - from;
                    progress.update(stage, done[0], prompts.size(), "");
                }
            });
            List<ImageOrReason> images =
                    decodedBatches.values().stream().flatMap(List::stream).toList();
            requireAnImage(images);
            RewardTable table = pointwise ? joined(tables.values()) : rewards.scoreSamples(images, prompts);
            table.requireSome();
            return new Rollout(manager, Sampler.concat(manager, List.copyOf(parts.values())), images, table);
        } catch (RuntimeException | Error e) {
            tables.values().forEach(future -> future.cancel(true));
            manager.close();
            throw e;
        }
    }

    private static String lost(int done, int all, long nanos) {
        return String.format(Locale.ROOT, "%d of %d images, sampled in %.0f s", done, all, nanos / 1e9);
    }

    private List<ImageOrReason> decode(Trajectories part) {
        List<ImageOrReason> images = new ArrayList<>();
        Scope.run(() -> images.addAll(SampledImages.of(pipeline, part)));
        return images;
    }

    /** Where nothing is an image there is nothing to learn from, and nothing that was learnt is worth to be kept. */
    private static void requireAnImage(List<ImageOrReason> images) {
        if (!images.isEmpty() && images.stream().allMatch(made -> made.image() == null)) {
            throw UserException.input("none of " + images.size() + " samples became an image: "
                    + images.get(0).reason());
        }
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

    /** Waits for images that are being scored: the scorer's native memory is freed next. */
    @Override
    public void close() {
        scoring.shutdownNow();
        try {
            if (!scoring.awaitTermination(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
                throw new UserException(
                        UserException.Kind.ENVIRONMENT,
                        "a reward has not returned for " + PATIENCE_MINUTES
                                + " minutes; is what it needs there, and its time_limit_s shorter?");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
