package org.imagerl.latent.pipeline;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.imagerl.latent.checkpoint.ModelIndex;
import org.imagerl.latent.source.CheckpointSource;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.Gradients;

/**
 * Opens checkpoint folders of one family: device, memory and failures are the same for all families.
 *
 * @param pipelines diffusers' names of the pipelines that {@code load} can load
 * @param load puts the components of a folder together, with all checks of them
 */
public record CheckpointFamily(
        String name, String description, List<String> pipelines, Function<OpenFolder, PipelineParts> load)
        implements PipelineFactory {

    @Override
    public boolean recognises(Path folder) {
        return Files.isRegularFile(folder.resolve("model_index.json"))
                && pipelines.contains(ModelIndex.read(folder).className());
    }

    @Override
    public Pipeline open(Path path, Options options) {
        Consumer<String> warnings = options.context().warnings();
        Device device = Devices.choose(options.context().device(), warnings);
        if (ComponentDtypes.of(options.dtypes()).anyFloat16() && device.equals(Device.cpu())) {
            warnings.accept(
                    "float16 on the CPU takes about 20 times as long as float32, which it only stores in half the"
                            + " memory; take float32 (sample: --dtype float32; train: dtype: float32), or a GPU");
        }
        NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        try {
            OpenFolder folder = folder(path, options, manager, OpenFolder.Beginners.NONE);
            LoraFiles loras = LoraFiles.in(options.context().loraLayouts());
            return Gradients.off(() -> new CheckpointPipeline(folder, load.apply(folder), loras));
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    @Override
    public void check(Path path, Options options) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            OpenFolder folder = folder(path, options, manager, OpenFolder.Beginners.HEADERS_ONLY);
            Gradients.off(() -> {
                PipelineParts parts = load.apply(folder);
                try {
                    return new CheckpointPipeline(folder, parts, LoraFiles.builtIn())
                            .defaultSize(); // refuses one that cannot be made
                } finally {
                    parts.encoder().close();
                }
            });
        }
    }

    private OpenFolder folder(Path path, Options options, NDManager manager, OpenFolder.Beginners beginners) {
        CheckpointSource source = CheckpointSource.folder(path);
        ModelIndex index = source.index();
        if (!pipelines.contains(index.className())) {
            throw UserException.input(path + "/model_index.json: _class_name is " + Quote.of(index.className())
                    + "; supported: " + String.join(", ", pipelines));
        }
        index.otherScheduler().ifPresent(options.context().warnings());
        return new OpenFolder(
                source,
                manager,
                ComponentDtypes.of(options.dtypes()),
                options.memory(),
                options.model(),
                beginners,
                options.context().warnings());
    }
}
