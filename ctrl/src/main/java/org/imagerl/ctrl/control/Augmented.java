package org.imagerl.ctrl.control;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;

/** A pipeline around another one, which it is but for what is overridden. */
public abstract class Augmented implements Pipeline {
    protected final Pipeline base;

    /** @param base closed with this */
    protected Augmented(Pipeline base) {
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
    public int[] defaultSize() {
        return base.defaultSize();
    }

    @Override
    public long[] latentShape(int width, int height) {
        return base.latentShape(width, height);
    }

    @Override
    public Schedule schedule(int width, int height) {
        return base.schedule(width, height);
    }

    @Override
    public Conditioning encode(NDManager manager, List<String> texts, List<String> negatives, int[] size) {
        return base.encode(manager, texts, negatives, size);
    }

    @Override
    public Conditioning condition(NDManager manager, List<Prompt> prompts, List<Prompt> negatives, int[] size) {
        return base.condition(manager, prompts, negatives, size);
    }

    @Override
    public int modulationWidth() {
        return base.modulationWidth();
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
    public NDArray latents(NDArray pictures) {
        return base.latents(pictures);
    }

    @Override
    public NDArray decode(NDArray latents) {
        return base.decode(latents);
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
    public void save(Path folder, String dtype) {
        base.save(folder, dtype);
    }

    @Override
    public void close() {
        base.close();
    }
}
