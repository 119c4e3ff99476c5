package org.imagerl.flow.hpt;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.imagerl.flow.matching.NoisedImages;
import org.imagerl.flow.matching.Times;
import org.imagerl.spi.Batch;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Loss;
import org.imagerl.spi.Policy;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.UserException;
import org.imagerl.spi.WeightSet;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.metric.Metrics;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Kernels;
import org.jspecify.annotations.Nullable;

/** The images on disk that {@link HptObjective} trains on in the place of samples, by their matching loss. */
final class Demonstrations {
    private final DataSource source;
    private final Times times;
    private final double coefficient;

    /** That of the run; known once its checkpoint is open. */
    private volatile @Nullable ImageSize size;

    /** @param source closed with this */
    Demonstrations(DataSource source, Times times, double coefficient) {
        this.source = source;
        this.times = times;
        this.coefficient = coefficient;
    }

    void check(Prompt prompt) {
        if (source.examples(prompt.text()).length == 0) {
            throw UserException.input("algorithm.objective.demonstrations: has no image for the prompt "
                    + Quote.of(prompt.text()) + "; add one, or leave the prompt out");
        }
    }

    void checkSize(ImageSize own) {
        if (source.sizes(own).size() > 1) {
            throw UserException.input("algorithm.objective.demonstrations: has buckets, and its images are trained"
                    + " beside rollouts, which have one size; leave buckets out");
        }
        source.check(own);
        size = own;
    }

    List<Path> files() {
        return source.files();
    }

    /**
     * The matching loss of a demonstration for each sample, at a time and a noise of its own.
     *
     * @param batch samples in whose place they stand
     * @param passes of the update
     */
    Loss loss(Policy policy, Batch batch, int pass, int passes) {
        Batch demonstrated = Gradients.off(() -> demonstrated(policy, batch, pass));
        NoisedImages noised = NoisedImages.draw(policy, demonstrated, times, pass, passes, demonstrated.samples());
        NDArray error = noised.errors(noised.output(policy, WeightSet.LIVE, demonstrated), PredictionError.VELOCITY)
                .mean();
        double number = error.stopGradient().getDouble();
        return new Loss(
                Kernels.cast(Kernels.scale(error, coefficient), DataType.FLOAT32),
                new Metrics().mean("demonstration_error", number));
    }

    /** The same prompts with demonstrations as their finished images. */
    private Batch demonstrated(Policy policy, Batch batch, int pass) {
        Trajectories rollouts = batch.trajectories();
        ImageSize own = size;
        if (own == null) {
            throw new IllegalStateException("the size of images was not checked");
        }
        List<RgbImage> images = new ArrayList<>();
        for (int row = 0; row < rollouts.size(); row++) {
            int[] known = source.examples(rollouts.prompts().get(row).text());
            int drawn = new RandomStreams(batch.seed())
                    .stream("demonstration", batch.samples()[row], pass).nextInt(known.length);
            images.add(source.image(source.example(known[drawn]).images().get(0), own));
        }
        int steps = rollouts.kernel().steps();
        List<@Nullable NDArray> states = new ArrayList<>(Collections.nCopies(steps + 1, null));
        states.set(
                steps,
                policy.latents(ImageTensors.toTensor(rollouts.state(steps).getManager(), images)));
        return batch.of(new Trajectories(
                rollouts.kernel(),
                rollouts.prompts(),
                rollouts.conditioning(),
                states,
                new ArrayList<>(Collections.nCopies(steps, null))));
    }

    void close() {
        source.close();
    }
}
