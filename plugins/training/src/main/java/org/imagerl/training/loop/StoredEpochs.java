package org.imagerl.training.loop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.spi.Advantages;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.data.Example;
import org.imagerl.spi.data.StoredImage;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.training.work.Rollout;
import org.imagerl.training.work.Sampling;

/** Epochs of images on disk: one shuffled pass over the examples after the other. Where a run stands follows from the epoch alone. */
final class StoredEpochs implements EpochData.Source {
    private final OpenRun open;
    private final Rollouts rollouts;
    private final DataSource data;
    private long orderedPass = -1;
    private int[] order = {};

    StoredEpochs(OpenRun open, Rollouts rollouts, DataSource data) {
        this.open = open;
        this.rollouts = rollouts;
        this.data = data;
    }

    @Override
    public EpochData epoch(long epoch, String stage) {
        long start = System.nanoTime();
        int count = open.config().rollout().promptsPerEpoch();
        List<Example> examples = new ArrayList<>();
        for (long k = epoch * count; k < (epoch + 1) * count; k++) {
            long pass = k / data.size();
            Example example = data.example(order(pass)[(int) (k % data.size())]);
            Prompt own = example.prompt();
            // A pass may begin in the middle of an epoch, with an example that the epoch has had.
            Prompt prompt = new Prompt(own.id() + " in pass " + (pass + 1), own.text(), own.metadata());
            examples.add(new Example(prompt, example.images()));
        }
        List<Prompt> prompts = prompts(examples);
        List<StoredImage> images = images(examples);
        Sampling sampling = open.runtime().sampling().stored("epoch " + (epoch + 1), epoch);
        Rollout rollout = rollouts.stored(sampling, prompts, images, true, stage);
        Metrics metrics = new Metrics().last("data_passes", (double) (epoch + 1) * count / data.size());
        double seconds = (System.nanoTime() - start) / 1e9;
        return new EpochData(sampling, prompts, rollout, credit(images), metrics, seconds);
    }

    @Override
    public Metrics heldOut(PolicyUpdater updater) {
        List<Example> examples = data.heldOutExamples();
        if (examples.isEmpty()) {
            return new Metrics();
        }
        List<Prompt> prompts = prompts(examples);
        List<StoredImage> images = images(examples);
        Sampling sampling = open.runtime().sampling().stored("held-out", 0);
        Rollout rollout = rollouts.stored(sampling, prompts, images, false, "held-out");
        try {
            return updater.observe(sampling, prompts, credit(images).advantages())
                    .prefixed("held_out_");
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

    private static List<StoredImage> images(List<Example> examples) {
        return examples.stream().flatMap(example -> example.images().stream()).toList();
    }

    private int[] order(long pass) {
        if (pass != orderedPass) {
            order = new RandomStreams(open.config().seed()).permutation(data.size(), "examples", pass);
            orderedPass = pass;
        }
        return order;
    }

    private EpochCredit credit(List<StoredImage> images) {
        double[] advantages =
                images.stream().mapToDouble(StoredImage::advantage).toArray();
        return new EpochCredit(
                IntStream.range(0, images.size()).toArray(),
                EpochCredit.scaled(Advantages.ofSamples(advantages), open.config()));
    }
}
