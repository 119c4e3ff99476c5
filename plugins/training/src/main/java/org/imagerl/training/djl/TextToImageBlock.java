package org.imagerl.training.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.sampling.ImageSampler;
import org.jspecify.annotations.Nullable;

/**
 * The whole way from prompts to images as one DJL block: strings {@code [B]} and seeds int64 {@code [B]} to float32
 * {@code [B, 3, H, W]} in 0..1. One call at a time; it has no DJL parameters and is not trained through.
 */
public final class TextToImageBlock extends AbstractBlock implements AutoCloseable {
    private final Pipeline pipeline;
    private final ImageSampler sampler;
    private final ImageSampler.Settings settings;
    private boolean closed;

    TextToImageBlock(Pipeline pipeline, ImageSampler sampler, ImageSampler.Settings settings) {
        this.pipeline = pipeline;
        this.sampler = sampler;
        this.settings = settings;
    }

    @Override
    protected synchronized NDList forwardInternal(
            ParameterStore parameters, NDList inputs, boolean training, @Nullable PairList<String, Object> options) {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
        NDArray texts = inputs.get(0);
        List<Prompt> prompts = Stream.of(texts.toStringArray(StandardCharsets.UTF_8))
                .map(text -> Prompt.of("", text))
                .toList();
        long[] seeds = inputs.get(1).toLongArray();
        return new NDList(sampler.sample(texts.getManager(), prompts, seeds, step -> {}));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), 3, settings.height(), settings.width())};
    }

    /** How images are made: the arguments, and the defaults of what they leave out. */
    public ImageSampler.Settings settings() {
        return settings;
    }

    /** The checkpoint, which the model closes. */
    public Pipeline pipeline() {
        return pipeline;
    }

    /** Waits for the image that is being made. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            pipeline.close();
        }
    }
}
