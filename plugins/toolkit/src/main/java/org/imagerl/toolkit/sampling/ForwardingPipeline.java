package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.FixedAdapter;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;

/**
 * A pipeline around another pipeline, which it conditions on more than the prompt. Every call that this does not
 * concern is forwarded to the other pipeline.
 */
public abstract class ForwardingPipeline implements Pipeline {
    protected final Pipeline base;

    /** @param base closed with this */
    protected ForwardingPipeline(Pipeline base) {
        this.base = base;
    }

    @Override
    public NDManager manager() {
        return base.manager();
    }

    @Override
    public Map<String, String> summary() {
        return base.summary();
    }

    @Override
    public ImageSize defaultSize() {
        return base.defaultSize();
    }

    @Override
    public long imageBytes(int width, int height) {
        return base.imageBytes(width, height);
    }

    @Override
    public long[] latentShape(int width, int height) {
        return base.latentShape(width, height);
    }

    @Override
    public LatentSpace latentSpace(int width, int height) {
        return base.latentSpace(width, height);
    }

    @Override
    public Schedule schedule(int width, int height) {
        return base.schedule(width, height);
    }

    @Override
    public Conditioning encode(NDManager manager, List<String> texts, List<String> negatives, ImageSize size) {
        return base.encode(manager, texts, negatives, size);
    }

    @Override
    public Conditioning condition(NDManager manager, List<Prompt> prompts, List<Prompt> negatives, ImageSize size) {
        Conditioning text = base.condition(manager, prompts, negatives, size);
        return new Conditioning(with(manager, text.positive(), prompts), with(manager, text.negative(), negatives));
    }

    private Map<String, NDArray> with(NDManager manager, Map<String, NDArray> text, List<Prompt> prompts) {
        if (text.isEmpty()) {
            return text;
        }
        Map<String, NDArray> all = new TreeMap<>(text);
        all.putAll(added(manager, prompts));
        return all;
    }

    /** The conditioning beside the text, by names that the text has not: a row per prompt, with native storage. */
    protected abstract Map<String, NDArray> added(NDManager manager, List<Prompt> prompts);

    @Override
    public int modulationWidth() {
        return base.modulationWidth();
    }

    @Override
    public Map<String, Long> weightBytes() {
        return base.weightBytes();
    }

    @Override
    public String fingerprint() {
        return base.fingerprint();
    }

    @Override
    public boolean encoderTuned() {
        return base.encoderTuned();
    }

    @Override
    public NDArray latents(NDArray images) {
        return base.latents(images);
    }

    @Override
    public NDArray latents(NDArray images, NDArray noise) {
        return base.latents(images, noise);
    }

    @Override
    public boolean paintsIn() {
        return base.paintsIn();
    }

    @Override
    public int sizeMultiple() {
        return base.sizeMultiple();
    }

    @Override
    public NDArray decode(NDArray latents) {
        return base.decode(latents);
    }

    @Override
    public void check(TuningSpec tuning) {
        base.check(tuning);
    }

    @Override
    public Tuning tune(TuningSpec spec, long seed) {
        return base.tune(spec, seed);
    }

    @Override
    public void loadLora(Path fileOrFolder, double scale) {
        base.loadLora(fileOrFolder, scale);
    }

    @Override
    public FixedAdapter adapter(Path fileOrFolder, double scale) {
        return base.adapter(fileOrFolder, scale);
    }

    @Override
    public void save(Path folder, String dtype) {
        base.save(folder, dtype);
    }

    @Override
    public void saveSingleFile(Path file, String dtype) {
        base.saveSingleFile(file, dtype);
    }

    @Override
    public void close() {
        base.close();
    }
}
