package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.Example;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.Sampling;

/** Epochs of images on disk, in the order of {@link StoredOrder}. */
final class StoredEpochs implements EpochData.Source {
    private final OpenRun open;
    private final Rollouts rollouts;
    private final DataSource data;
    private final ImageSize size;
    private final StoredOrder order;

    StoredEpochs(OpenRun open, Rollouts rollouts, DataSource data) {
        this.open = open;
        this.rollouts = rollouts;
        this.data = data;
        this.size = open.runtime().size();
        this.order = open.storedOrder(data);
    }

    @Override
    public EpochData epoch(long epoch, String stage) {
        long start = System.nanoTime();
        int count = open.config().rollout().promptsPerEpoch();
        StoredOrder.Turns turns = order.epoch(epoch);
        List<Example> examples = new ArrayList<>();
        for (StoredOrder.Turn turn : turns.turns()) {
            Example example = data.example(turn.index());
            Prompt own = example.prompt();
            // A pass may begin in the middle of an epoch, with an example that the epoch has had.
            Prompt prompt = new Prompt(own.id() + " in pass " + (turn.pass() + 1), own.text(), own.metadata());
            examples.add(new Example(prompt, example.images()));
        }
        List<Prompt> prompts = prompts(examples);
        List<StoredImage> images = images(examples, turns.size());
        Sampling sampling = open.runtime().sampling().stored("epoch " + (epoch + 1), epoch);
        Rollout rollout = rollouts.stored(sampling, prompts, images, true, stage);
        Metrics metrics = new Metrics().last("data_passes", (double) (epoch + 1) * count / data.size());
        double seconds = (System.nanoTime() - start) / 1e9;
        return new EpochData(sampling, prompts, rollout, credit(images), metrics, seconds);
    }

    @Override
    public Metrics heldOut(PolicyUpdater updater) {
        Map<ImageSize, List<Example>> bySize = data.heldOutExamples().stream()
                .collect(Collectors.groupingBy(
                        example -> data.size(example, size), LinkedHashMap::new, Collectors.toList()));
        Metrics all = new Metrics();
        bySize.forEach((own, examples) -> all.add(heldOut(updater, examples, own), examples.size()));
        return all.prefixed("held_out_");
    }

    private Metrics heldOut(PolicyUpdater updater, List<Example> examples, ImageSize own) {
        List<Prompt> prompts = prompts(examples);
        List<StoredImage> images = images(examples, own);
        Sampling sampling = open.runtime().sampling().stored("held-out", 0);
        Rollout rollout = rollouts.stored(sampling, prompts, images, false, "held-out");
        try {
            return updater.observe(sampling, prompts, credit(images).advantages());
        } finally {
            rollout.close();
        }
    }

    /** The prompt of each image. */
    private static List<Prompt> prompts(List<Example> examples) {
        return examples.stream()
                .flatMap(example -> Collections.nCopies(example.images().size(), example.prompt()).stream())
                .toList();
    }

    private List<StoredImage> images(List<Example> examples, ImageSize own) {
        return examples.stream()
                .flatMap(example -> example.images().stream())
                .map(image -> own.equals(size) ? image : image.at(own))
                .toList();
    }

    private EpochCredit credit(List<StoredImage> images) {
        double[] advantages =
                images.stream().mapToDouble(StoredImage::advantage).toArray();
        return new EpochCredit(
                IntStream.range(0, images.size()).toArray(),
                EpochCredit.scaled(Advantages.ofSamples(advantages), open.config()));
    }
}
