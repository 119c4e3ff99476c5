package org.imagerl.training.loop;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.ImageOrReason;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.FramedImage;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.spi.work.DaemonThreads;
import org.imagerl.toolkit.sampling.JoinedTrajectories;
import org.imagerl.toolkit.sampling.SampledImages;
import org.imagerl.toolkit.sampling.Sampler;
import org.imagerl.toolkit.tensor.Scope;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.work.Replacement;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutUnit;
import org.imagerl.training.work.Sampling;

/** Samples in this process, as many units at a time as there are workers, and scores each unit while the next one is sampled. */
public final class ThreadRollouts implements RolloutExecutor {
    /** More than the usual time limit of the image that is being scored. */
    private static final int PATIENCE_MINUTES = 3;

    private final PolicyRuntime runtime;
    private final RunParts parts;
    private final WeightedRewards rewards;
    private final ExecutorService scoring = Executors.newSingleThreadExecutor(DaemonThreads.named("scoring"));

    /** By the name of the rollout. */
    private final Map<String, Trajectories> held = new ConcurrentHashMap<>();

    /** With the policy and the rewards of a run. */
    public ThreadRollouts(OpenRun run) {
        this.runtime = run.runtime();
        this.parts = run.parts();
        this.rewards = run.rewards();
    }

    /** The trajectories of a rollout that is open. */
    Trajectories trajectories(String rollout) {
        return Objects.requireNonNull(held.get(rollout), () -> "no open rollout is named " + rollout);
    }

    private final class Held implements Rollout {
        private final String name;
        private final NDManager manager;
        private final List<ImageOrReason> images;
        private final RewardTable table;

        Held(String name, NDManager manager, List<ImageOrReason> images, RewardTable table) {
            this.name = name;
            this.manager = manager;
            this.images = images;
            this.table = table;
        }

        @Override
        public List<ImageOrReason> images() {
            return images;
        }

        @Override
        public RewardTable rewards() {
            return table;
        }

        @Override
        public Trajectories trajectories() {
            return ThreadRollouts.this.trajectories(name);
        }

        @Override
        public void close() {
            held.remove(name);
            manager.close();
        }
    }

    @Override
    public Rollout run(List<RolloutUnit> units, Watch watch) {
        Sampling sampling = units.get(0).sampling();
        Sampler sampler = runtime.sampling().sampler(sampling);
        WeightedRewards scored = rewards.first(sampling.rewards());
        SampleScores scores = new SampleScores(scored);
        return sampling.policy().averaged()
                ? runtime.averaged(() -> run(sampler, scores, units, watch))
                : run(sampler, scores, units, watch);
    }

    private Rollout run(Sampler sampler, SampleScores scored, List<RolloutUnit> units, Watch watch) {
        Pipeline pipeline = runtime.pipeline();
        NDManager manager = pipeline.manager().newSubManager();
        // A groupwise reward must see whole groups: then everything is scored at the end.
        boolean pointwise = scored.pointwise();
        Map<Integer, Trajectories> parts = new ConcurrentSkipListMap<>();
        Map<Integer, List<ImageOrReason>> made = new ConcurrentSkipListMap<>();
        Map<Integer, CompletableFuture<RewardTable>> tables = new ConcurrentSkipListMap<>();
        Map<Integer, RewardTable> latents = new ConcurrentSkipListMap<>();
        Sampling sampling = units.get(0).sampling();
        boolean decoding = sampling.images() || scored.needImages();
        try {
            runtime.workers().run(units.size(), (index, worker) -> {
                RolloutUnit unit = units.get(index);
                synchronized (watch) {
                    watch.begin();
                }
                Trajectories part = unit.images().isEmpty()
                        ? sampler.sample(manager, unit.prompts(), unit.seeds(), sampling.keep(), step -> {})
                        : stored(manager, unit);
                List<ImageOrReason> decoded = unit.images().isEmpty() ? made(part, decoding) : List.of();
                parts.put(index, part);
                latents.put(index, scored.ofLatents(part));
                made.put(index, decoded);
                if (pointwise) {
                    tables.put(
                            index,
                            CompletableFuture.supplyAsync(() -> scored.ofImages(decoded, unit.prompts()), scoring));
                }
                synchronized (watch) {
                    watch.done(unit);
                }
            });
            List<ImageOrReason> images =
                    made.values().stream().flatMap(List::stream).toList();
            List<Prompt> prompts =
                    units.stream().flatMap(unit -> unit.prompts().stream()).toList();
            RewardTable ofImages = pointwise ? joined(tables.values()) : scored.ofImages(images, prompts);
            RewardTable table = scored.joined(RewardTable.concat(List.copyOf(latents.values())), ofImages);
            held.put(sampling.rollout(), JoinedTrajectories.of(manager, List.copyOf(parts.values())));
            return new Held(sampling.rollout(), manager, images, table);
        } catch (RuntimeException | Error e) {
            tables.values().forEach(future -> future.cancel(true));
            manager.close();
            throw e;
        }
    }

    @Override
    public void replace(Replacement replacement) {
        Trajectories into = trajectories(replacement.into());
        NDManager manager = into.state(into.kernel().steps()).getManager();
        held.put(
                replacement.into(),
                JoinedTrajectories.replaced(
                        manager, into, replacement.rows(), trajectories(replacement.from()), replacement.of()));
    }

    /** Images on disk as samples: no reward scores them, and nobody looks at them. */
    private Trajectories stored(NDManager manager, RolloutUnit unit) {
        DataSource data = Objects.requireNonNull(parts.data(), "the run has no images on disk");
        List<Prompt> prompts = new ArrayList<>();
        List<RgbImage> images = new ArrayList<>();
        for (int i = 0; i < unit.images().size(); i++) {
            StoredImage image = unit.images().get(i);
            ImageSize own = image.size();
            FramedImage framed = data.framed(image, own == null ? runtime.size() : own);
            images.add(framed.image());
            prompts.add(framed.framing().on(unit.prompts().get(i), runtime.size()));
        }
        return runtime.sampling().storedSamples(unit.sampling()).of(manager, prompts, images);
    }

    private List<ImageOrReason> made(Trajectories part, boolean decoding) {
        List<ImageOrReason> images = new ArrayList<>();
        Scope.run(() ->
                images.addAll(decoding ? SampledImages.of(runtime.pipeline(), part) : SampledImages.undecoded(part)));
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
