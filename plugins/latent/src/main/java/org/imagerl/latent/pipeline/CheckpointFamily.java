package org.imagerl.latent.pipeline;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.imagerl.latent.checkpoint.ModelIndex;
import org.imagerl.latent.source.CheckpointSource;
import org.imagerl.latent.source.OtherComponents;
import org.imagerl.latent.source.SingleFile;
import org.imagerl.latent.source.SingleFileFormat;
import org.imagerl.latent.source.SingleFileKind;
import org.imagerl.spi.CheckpointOutline;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.lora.files.Inspection;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.toolkit.original.ModelKind;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Processor;

/**
 * Opens checkpoints of one family: device, memory and failures are the same for all families.
 *
 * @param pipelines diffusers' names of the pipelines that {@code load} can load
 * @param singleFiles how the family is written in single files
 * @param load puts the components of a checkpoint together, with all checks of them
 */
public record CheckpointFamily(
        String name,
        String description,
        List<String> pipelines,
        SingleFileFormat singleFiles,
        Function<OpenCheckpoint, PipelineParts> load)
        implements PipelineFactory {

    @Override
    public boolean recognises(Path checkpoint) {
        if (isSingleFile(checkpoint)) {
            try (SafetensorsFile file = SafetensorsFile.open(checkpoint)) {
                return kind(file).isPresent();
            }
        }
        return Files.isRegularFile(checkpoint.resolve("model_index.json"))
                && pipelines.contains(ModelIndex.read(checkpoint).className());
    }

    /** Of a file of a model that is not another one with names of this family. */
    private Optional<SingleFileKind> kind(SafetensorsFile file) {
        return ModelKind.of(file).isOther() ? Optional.empty() : singleFiles.kind(file);
    }

    @Override
    public Optional<String> identify(Path checkpoint) {
        return isSingleFile(checkpoint) ? Inspection.asCheckpoint(checkpoint, LoraFiles.builtIn()) : Optional.empty();
    }

    /** By its name: whatever else it is, nobody calls another thing so. */
    private static boolean isSingleFile(Path path) {
        return path.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors") && Files.isRegularFile(path);
    }

    @Override
    public Pipeline open(Path path, Options options) {
        Consumer<String> warnings = options.context().warnings();
        Device device = Devices.choose(options.context().device(), warnings);
        ComponentDtypes dtypes = ComponentDtypes.of(options.dtypes());
        NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        try {
            OpenCheckpoint folder = folder(
                    path,
                    options,
                    manager,
                    options.memory().inFiles()
                            ? OpenCheckpoint.WeightInitialiser.HEADERS_ONLY
                            : OpenCheckpoint.WeightInitialiser.NONE);
            LoraFiles loras = LoraFiles.in(options.context().loraLayouts());
            return Gradients.off(() -> new CheckpointPipeline(
                    folder, load.apply(folder), loras, singleFiles, device.equals(Device.cpu()) ? slow(dtypes) : ""));
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** What to say when such dtypes are computed with on the CPU; empty for nothing. */
    private static String slow(ComponentDtypes dtypes) {
        if (dtypes.any(DataType.FLOAT16)) {
            return "float16 on the CPU takes about 20 times as long as float32, which it only stores in half the"
                    + " memory; take float32 (sample: --dtype float32; train: dtype: float32), or a GPU";
        }
        return dtypes.any(DataType.BFLOAT16) && Processor.own().lacksBfloat16()
                ? "bfloat16 on this processor, which has no instructions for it, takes 10 to 100 times as long"
                        + " as float32; take float32, or a GPU"
                : "";
    }

    @Override
    public void check(Path path, Options options, Consumer<CheckpointOutline> look) {
        headersOnly(path, options, pipeline -> {
            look.accept(pipeline);
            return pipeline.defaultSize();
        });
    }

    @Override
    public Map<String, StoredWeights> stored(Path path, Options options) {
        return headersOnly(path, options, CheckpointPipeline::stored);
    }

    @Override
    public Map<String, Shape> layers(Path path, Options options) {
        return headersOnly(path, options, CheckpointPipeline::layers);
    }

    private <T> T headersOnly(Path path, Options options, Function<CheckpointPipeline, T> ask) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            OpenCheckpoint folder = folder(path, options, manager, OpenCheckpoint.WeightInitialiser.HEADERS_ONLY);
            return Gradients.off(() -> {
                PipelineParts parts = load.apply(folder);
                try {
                    return ask.apply(new CheckpointPipeline(folder, parts, LoraFiles.builtIn(), singleFiles, ""));
                } finally {
                    parts.encoder().close();
                }
            });
        }
    }

    private OpenCheckpoint folder(
            Path path, Options options, NDManager manager, OpenCheckpoint.WeightInitialiser initialiser) {
        Consumer<String> warnings = options.context().warnings();
        CheckpointSource source = isSingleFile(path)
                ? singleFile(path, options)
                : folder(path, options.model().components(), warnings);
        return new OpenCheckpoint(
                source,
                manager,
                ComponentDtypes.of(options.dtypes()),
                options.memory(),
                options.model(),
                initialiser,
                new Residences(),
                new StoredDtypes(),
                warnings);
    }

    private CheckpointSource singleFile(Path path, Options options) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            SingleFileKind kind = kind(file)
                    .orElseThrow(() -> UserException.input(
                            path + ": is " + identify(path).orElse("no checkpoint of the family " + name)));
            boolean described =
                    Stream.of("scheduler", "config").anyMatch(options.model().components()::containsKey);
            if (!described) {
                kind.assumptions().forEach(line -> options.context().warnings().accept(path + ": " + line));
            }
            return SingleFile.open(
                    path, kind, options.model().components(), options.context().warnings());
        }
    }

    private CheckpointSource folder(Path path, Map<String, Path> given, Consumer<String> warnings) {
        CheckpointSource folder = CheckpointSource.folder(path);
        ModelIndex index = folder.index();
        if (!pipelines.contains(index.className())) {
            throw UserException.input(path + "/model_index.json: _class_name is " + Quote.of(index.className())
                    + "; supported: " + String.join(", ", pipelines));
        }
        index.otherScheduler().ifPresent(warnings);
        return given.isEmpty() ? folder : OtherComponents.of(folder, singleFiles.kind(folder), given);
    }
}
