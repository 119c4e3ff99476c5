package org.imagerl.latent.pipeline;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.latent.source.CheckpointSource;
import org.imagerl.latent.source.SingleFileFormat;
import org.imagerl.latent.source.SingleFileWriter;
import org.imagerl.latent.vae.Moments;
import org.imagerl.latent.vae.Vae;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.FixedAdapter;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Schedule;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.Framing;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.lora.FixedLora;
import org.imagerl.toolkit.lora.LoraScale;
import org.imagerl.toolkit.lora.LoraTuning;
import org.imagerl.toolkit.lora.files.BaseModules;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.toolkit.nn.Adaptable;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint of any family that denoises latents (Rombach et al., High-Resolution Image Synthesis with
 * Latent Diffusion Models, 2022, arXiv 2112.10752): text encoders, denoiser, VAE and noise schedule.
 */
final class CheckpointPipeline implements Pipeline {
    private final CheckpointSource source;
    private final NDManager manager;
    private final LoraFiles loras;
    private final SingleFileFormat singleFiles;
    private final PipelineParts parts;
    private final ImageSizes sizes;
    private final Residences residences;
    private final StoredDtypes stored;
    private final Consumer<String> warnings;
    private final String slow;
    private final AtomicBoolean saidSlow = new AtomicBoolean();
    private @Nullable PipelineTuning tuning;

    /** What weights that stay in their files are read from; null: they are in memory. */
    private final @Nullable OpenCheckpoint lent;

    /** What adapters make of weights that stay in their files; empty where weights are in memory. */
    private final Map<Parameter, UnaryOperator<NDArray>> changes = new HashMap<>();

    /** @param slow what to say when the denoiser is called for the first time; empty for nothing */
    CheckpointPipeline(
            OpenCheckpoint folder, PipelineParts parts, LoraFiles loras, SingleFileFormat singleFiles, String slow) {
        this.stored = folder.stored();
        this.warnings = folder.warnings();
        this.slow = slow;
        this.source = folder.source();
        this.manager = folder.manager();
        this.parts = parts;
        this.residences = folder.residences();
        this.sizes = new ImageSizes(
                source.path(),
                parts,
                !folder.initialiser().headersOnly() && manager.getDevice().equals(Device.cpu()));
        this.loras = loras;
        this.singleFiles = singleFiles;
        this.lent = folder.initialiser().headersOnly() ? folder : null;
    }

    @Override
    public NDManager manager() {
        return manager;
    }

    @Override
    public Map<String, String> summary() {
        Map<String, String> summary = new TreeMap<>();
        summary.put("checkpoint", source.path().toString());
        summary.put(
                "schedule",
                schedule(defaultSize().width(), defaultSize().height()).description());
        for (ParameterStore network : networks().values()) {
            summary.put(network.component(), String.format(Locale.ROOT, "%.1f M weights", network.elements() / 1e6));
        }
        return summary;
    }

    @Override
    public ImageSize defaultSize() {
        return sizes.trained();
    }

    @Override
    public long imageBytes(int width, int height) {
        return sizes.bytes(width, height);
    }

    @Override
    public long[] latentShape(int width, int height) {
        return sizes.latentShape(width, height);
    }

    @Override
    public int sizeMultiple() {
        return sizes.multiple();
    }

    @Override
    public Map<String, Long> weightBytes() {
        Map<String, Long> all = new TreeMap<>(residences.bytes());
        ParameterStore denoiser = parts.denoiser().network();
        all.put(denoiser.component(), denoiser.elements() * ImageSizes.bytes(denoiser));
        return all;
    }

    @Override
    public LatentSpace latentSpace(int width, int height) {
        List<Long> shape = Arrays.stream(latentShape(width, height)).boxed().toList();
        return new LatentSpace(parts.vae().fingerprint(), shape);
    }

    @Override
    public Schedule schedule(int width, int height) {
        return parts.schedule().of(latentShape(width, height));
    }

    @Override
    public Conditioning encode(NDManager owner, List<String> texts, List<String> negatives, ImageSize size) {
        Map<String, NDArray> positive = parts.encoder().encode(owner, texts, false, size);
        Map<String, NDArray> negative =
                negatives.isEmpty() ? Map.of() : parts.encoder().encode(owner, negatives, true, size);
        return new Conditioning(positive, negative);
    }

    @Override
    public Conditioning condition(NDManager owner, List<Prompt> prompts, List<Prompt> negatives, ImageSize size) {
        return new Conditioning(conditioned(owner, prompts, false, size), conditioned(owner, negatives, true, size));
    }

    private Map<String, NDArray> conditioned(NDManager owner, List<Prompt> prompts, boolean negative, ImageSize size) {
        List<String> texts = prompts.stream().map(Prompt::text).toList();
        List<Framing> framings =
                prompts.stream().map(prompt -> Framing.of(prompt, size)).toList();
        return texts.isEmpty() ? Map.of() : parts.encoder().encode(owner, texts, negative, framings);
    }

    @Override
    public int modulationWidth() {
        return parts.denoiser().modulationWidth();
    }

    @Override
    public String fingerprint() {
        return Fingerprint.of(parts.denoiser().network());
    }

    @Override
    public boolean encoderTuned() {
        return tuning != null && tuning.tunes(parts.encoder().networks());
    }

    @Override
    public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        if (!slow.isEmpty() && saidSlow.compareAndSet(false, true)) {
            warnings.accept(slow);
        }
        return parts.denoiser().denoise(latents, timesteps, conditioning);
    }

    @Override
    public boolean paintsIn() {
        return parts.denoiser().forward().paintsIn();
    }

    @Override
    public NDArray latents(NDArray images) {
        return Scope.of(() -> parts.vae()
                .latents()
                .of(images, some -> parts.vae().model().toDenoiser(encoded(some).mean())));
    }

    @Override
    public NDArray latents(NDArray images, NDArray noise) {
        return Scope.of(() -> parts.vae().model().toDenoiser(encoded(images).sample(noise)));
    }

    private Moments encoded(NDArray images) {
        NDArray pixels = Kernels.shift(Kernels.scale(images, 2), -1);
        return parts.vae().residence().use(() -> parts.vae().model().encode(pixels));
    }

    @Override
    public NDArray decode(NDArray latents) {
        return Scope.of(() -> {
            Vae vae = parts.vae().model();
            NDArray pixels = parts.vae().residence().use(() -> vae.decode(vae.fromDenoiser(latents)));
            NDArray clamped = Kernels.clamp(Kernels.shift(Kernels.scale(pixels, 0.5), 0.5), 0, 1);
            // Zero times infinity is NaN: an overflow must not pass for black or white.
            return Kernels.combine(clamped, 1, pixels, 0);
        });
    }

    @Override
    public Tuning tune(TuningSpec spec, long seed) {
        if (tuning != null) {
            throw new IllegalStateException("the pipeline is tuned already");
        }
        List<ParameterStore> chosen = chosen(spec);
        chosen.forEach(network -> residences.change(network.component()));
        PipelineTuning made = spec instanceof TuningSpec.Lora lora
                ? adapters(targeted(lora), chosen, seed)
                : new PipelineTuning(chosen, new FullTuning(chosen, manager), this::replaceIn, () -> tuning = null);
        tuning = made;
        return made;
    }

    @Override
    public void check(TuningSpec spec) {
        List<ParameterStore> chosen = chosen(spec);
        if (spec instanceof TuningSpec.Lora lora) {
            LoraTuning.check(chosen, targeted(lora));
        }
    }

    private List<ParameterStore> chosen(TuningSpec spec) {
        return spec.components().isEmpty()
                ? List.of(parts.denoiser().network())
                : spec.components().stream().map(this::network).toList();
    }

    private PipelineTuning adapters(TuningSpec.Lora spec, List<ParameterStore> chosen, long seed) {
        LoraTuning adapters = new LoraTuning(chosen, spec, new RandomStreams(seed), manager);
        return new PipelineTuning(
                chosen,
                adapters,
                (folder, provenance) -> LoraExport.diffusers(folder, spec, adapters, provenance),
                () -> tuning = null);
    }

    private TuningSpec.Lora targeted(TuningSpec.Lora spec) {
        List<String> targets = spec.targets().isEmpty() ? parts.denoiser().loraTargets() : spec.targets();
        return new TuningSpec.Lora(spec.components(), spec.rank(), spec.alpha(), targets, spec.init());
    }

    private ParameterStore network(String component) {
        ParameterStore network = networks().get(component);
        if (network == null) {
            throw UserException.input("tuning.components: the checkpoint has no component '" + component
                    + "' to train; it has " + networks().keySet());
        }
        return network;
    }

    /** What can be trained or merged into: denoiser and text encoders, by component. */
    Map<String, ParameterStore> networks() {
        Map<String, ParameterStore> networks = new TreeMap<>();
        ParameterStore denoiser = parts.denoiser().network();
        networks.put(denoiser.component(), denoiser);
        parts.encoder().networks().forEach(network -> networks.put(network.component(), network));
        return networks;
    }

    /** The layers that an adapter may be for, by path, with the shapes of their weights. */
    Map<String, Shape> layers() {
        Map<String, Shape> layers = new TreeMap<>();
        networks()
                .values()
                .forEach(network -> network.adaptables()
                        .forEach((path, layer) -> layers.put(
                                network.component() + "." + path, layer.weight().shape())));
        return layers;
    }

    @Override
    public void loadLora(Path fileOrFolder, double scale) {
        Map<Parameter, UnaryOperator<NDArray>> changes =
                LoraMerge.changes(loras, fileOrFolder, scale, networks(), residences::change, manager);
        if (lent == null) {
            LoraMerge.apply(changes, manager);
        } else {
            changes.forEach((weight, change) ->
                    this.changes.merge(weight, change, (first, second) -> old -> second.apply(first.apply(old))));
        }
    }

    @Override
    public FixedAdapter adapter(Path fileOrFolder, double scale) {
        BaseModules base = BaseModules.of(layers());
        SortedMap<String, LoraPair> pairs = base.fit(fileOrFolder.toString(), loras.read(fileOrFolder, base));
        ParameterStore denoiser = parts.denoiser().network();
        Map<String, Adaptable> layers = new TreeMap<>();
        denoiser.adaptables().forEach((path, layer) -> layers.put(denoiser.component() + "." + path, layer));
        for (String path : pairs.keySet()) {
            if (!layers.containsKey(path)) {
                throw UserException.input(fileOrFolder + ": has an adapter for " + Quote.of(path)
                        + ", and only the denoiser (" + denoiser.component() + ") can have one beside that which is"
                        + " trained; take an adapter of the denoiser alone");
            }
        }
        return new FixedLora(layers, pairs, LoraScale.checked(fileOrFolder.toString(), scale), manager);
    }

    @Override
    public void save(Path target, String dtype) {
        useAll(() -> CheckpointWriter.write(source, target, allNetworks(), written(dtype)));
    }

    @Override
    public void saveSingleFile(Path target, String dtype) {
        useAll(() -> SingleFileWriter.write(target, source, singleFiles, allNetworks(), dtype, stored::written));
    }

    /** Runs the body with all weights in memory, or with each read when it is asked for. */
    private void useAll(Runnable body) {
        if (lent == null) {
            residences.useAll(body);
        } else {
            residences.lendAll(lent, changes, body);
        }
    }

    private Function<String, DType> written(String dtype) {
        return dtype.isEmpty() ? stored::written : component -> NetworkWeights.fileType(dtype);
    }

    /** How the files hold the weights, by component. */
    Map<String, PipelineFactory.StoredWeights> stored() {
        return stored.all();
    }

    /** As {@link #save}, in the place of an older one. */
    private Path replaceIn(Path parent, Map<String, String> provenance) {
        Path target = parent.resolve("checkpoint");
        residences.useAll(() -> CheckpointWriter.replace(source, target, allNetworks(), component -> DType.F32));
        return target;
    }

    private List<ParameterStore> allNetworks() {
        List<ParameterStore> all = new ArrayList<>(networks().values());
        all.add(parts.vae().network());
        return all;
    }

    @Override
    public void close() {
        if (tuning != null) {
            tuning.close();
        }
        parts.encoder().close();
        manager.close();
    }
}
