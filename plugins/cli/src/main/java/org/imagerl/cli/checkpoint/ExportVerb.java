package org.imagerl.cli.checkpoint;

import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Outputs;
import org.imagerl.cli.console.UsesMemory;
import org.imagerl.config.registry.CheckpointPath;
import org.imagerl.spi.Context;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.toolkit.lora.LoraScale;
import org.imagerl.toolkit.lora.files.BaseModules;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code imagerl export}. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        header = "Writes a LoRA for other tools, or merges it.",
        sortOptions = false,
        description = {
            "Writes the layout that another tool reads, or a whole checkpoint with the LoRA merged into its "
                    + "weights.",
            "",
            "  diffusers  pytorch_lora_weights.safetensors: diffusers, imagerl;",
            "             of SD3 and FLUX also ComfyUI",
            "  kohya      one file with alphas: A1111, Forge, Invoke, ComfyUI, sd-scripts,",
            "             diffusers (of SD3: ComfyUI, sd-scripts)",
            "  peft       adapter_config.json, adapter_model.safetensors: PEFT, imagerl",
            "imagerl plugins lists the layouts, imagerl inspect FILE says which tools load a",
            "written file.",
            "",
            "Examples:",
            "  imagerl export runs/words --format kohya --out words.safetensors",
            "  imagerl export runs/words --merge --checkpoint words --out merged",
            "  imagerl export runs/mine --single-file mine.safetensors --checkpoint sd.safetensors \\",
            "                 --component tokenizer=clip"
        })
final class ExportVerb implements Callable<Integer>, UsesMemory {
    private final CliContext session;

    @Parameters(
            paramLabel = "SOURCE",
            description = "A run (its best checkpoint, or the newest if none was evaluated), one of its checkpoint "
                    + "folders, a LoRA file of any layout or a PEFT folder.")
    private Path source = Path.of("");

    @Option(
            names = "--format",
            description = "diffusers, kohya, peft, or the layout of a plugin. Default: ${DEFAULT-VALUE}")
    private String format = "diffusers";

    @Option(
            names = "--out",
            paramLabel = "PATH",
            description = "A file that ends in .safetensors for diffusers and kohya, a folder for peft and --merge.")
    private @Nullable Path out;

    @Option(
            names = "--dtype",
            description = "float32 or float16; with --merge and --single-file also bfloat16. Default: float32; with "
                    + "--merge and --single-file as the checkpoint's own weights are stored")
    private @Nullable String dtype;

    @Option(
            names = "--checkpoint",
            paramLabel = "PATH",
            description =
                    "The checkpoint, a folder or a single file, that the LoRA is for. Needed to merge, to read kohya's"
                            + " layout, and to write it where the layers do not say whether they are of SD3 or FLUX.")
    private @Nullable Path checkpoint;

    @Mixin
    private ComponentArguments components = new ComponentArguments();

    @Option(names = "--merge", description = "Write the whole checkpoint with the LoRA in its weights.")
    private boolean merge;

    @Option(
            names = "--single-file",
            paramLabel = "FILE",
            description =
                    "Write the checkpoint with the LoRA in its weights as a single .safetensors file in the layout of"
                            + " the model's own code: what ComfyUI, A1111 and Forge load, and diffusers by"
                            + " from_single_file.")
    private @Nullable Path singleFile;

    @Option(
            names = "--scale",
            description = "With --merge and --single-file: the factor of the LoRA. Default: ${DEFAULT-VALUE}")
    private double scale = 1;

    ExportVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        LoraScale.checked("--scale", scale);
        Path target = target();
        boolean whole = merge || singleFile != null;
        List<String> dtypes = whole ? List.of("float32", "float16", "bfloat16") : List.of("float32", "float16");
        if (dtype != null && !dtypes.contains(dtype)) {
            throw UserException.input("--dtype must be " + String.join(" or ", dtypes) + ", not " + dtype);
        }
        Path lora = RunLora.find(source);
        if (!lora.equals(source)) {
            session.notice("of the run " + source + " the LoRA of " + lora + " is taken, " + RunLora.why(source, lora));
        }
        loras().notes(lora).forEach(note -> session.notice("warning: " + lora + ": " + note));
        if (RunLora.needsControls(lora)) {
            session.notice("warning: " + lora
                    + " was trained with controls, which no other tool supports: this is its LoRA alone, without a "
                    + "class; for images of a class use imagerl sample --control-adapter "
                    + source);
        }
        if (whole) {
            merge(lora, target);
        } else {
            write(lora, target);
        }
        session.out().println("written: " + target);
        return ExitCode.OK;
    }

    /** Where it is written, by one option. */
    private Path target() {
        if (singleFile == null) {
            if (out == null) {
                throw UserException.input("name where to write: --out PATH, or --single-file FILE");
            }
            return out;
        }
        if (out != null || merge) {
            throw UserException.input("--single-file names the file and merges by itself: leave --out and --merge out");
        }
        if (!singleFile.toString().endsWith(".safetensors")) {
            throw UserException.input(singleFile + ": --single-file must be a file that ends in .safetensors");
        }
        return singleFile;
    }

    private void merge(Path lora, Path target) {
        if (checkpoint == null) {
            throw UserException.input((merge ? "--merge" : "--single-file")
                    + " needs --checkpoint PATH, the checkpoint that the LoRA was trained on");
        }
        if (merge) {
            Outputs.freshFolder(target);
        } else {
            Outputs.fresh(target);
        }
        PipelineFactory family = session.registry().pipeline(checkpoint);
        Context context = session.context("cpu", 1);
        PipelineFactory.Options asking =
                new PipelineFactory.Options("float32", false, components.model(), context.warning(line -> {}));
        PipelineFactory.Dtypes held = UsualDtypes.toMerge(family.stored(checkpoint, asking), dtype);
        PipelineFactory.Options options =
                new PipelineFactory.Options(held, PipelineFactory.Memory.IN_FILES, components.model(), context);
        String written = dtype == null ? "" : dtype;
        try (Pipeline pipeline = family.open(checkpoint, options)) {
            pipeline.loadLora(lora, scale);
            if (merge) {
                pipeline.save(target, written);
            } else {
                pipeline.saveSingleFile(target, written);
            }
        }
    }

    private BaseModules base() {
        if (checkpoint == null) {
            return BaseModules.unknown();
        }
        CheckpointPath.requirePossible(checkpoint);
        if (!CheckpointPath.isSingleFile(checkpoint)) {
            return BaseModules.ofFolder(checkpoint);
        }
        PipelineFactory family = session.registry().pipeline(checkpoint);
        return BaseModules.of(family.layers(
                checkpoint,
                new PipelineFactory.Options("float32", false, components.model(), session.context("cpu", 1))));
    }

    private void write(Path lora, Path target) {
        LoraLayout layout = session.registry().loraLayout(format);
        BaseModules base = base();
        LoraWeights weights = loras().read(lora, base);
        if (checkpoint != null) {
            base.fit(lora.toString(), weights);
        }
        if (layout.folder()) {
            Outputs.freshFolder(target);
        } else if (target.toString().endsWith(".safetensors")) {
            Outputs.fresh(target);
        } else {
            throw UserException.input(target + ": --out must be a file that ends in .safetensors for this format");
        }
        LoraFiles.write(layout, target, weights, base, "float16".equals(dtype) ? DataType.FLOAT16 : DataType.FLOAT32);
    }

    private LoraFiles loras() {
        return LoraFiles.in(session.registry().loraLayouts());
    }

    @Override
    public List<String> memoryAdvice() {
        return List.of(
                "nothing to lower: merging holds the checkpoint in the dtypes of its files; use a machine with more"
                        + " memory");
    }
}
