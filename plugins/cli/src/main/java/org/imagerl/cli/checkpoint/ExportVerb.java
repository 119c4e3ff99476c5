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
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.toolkit.lora.files.BaseModules;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
            "  imagerl export runs/words --merge --checkpoint words --out merged"
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
            required = true,
            paramLabel = "PATH",
            description = "A file that ends in .safetensors for diffusers and kohya, a folder for peft.")
    private Path out = Path.of("");

    @Option(
            names = "--dtype",
            description = "float32 or float16; with --merge also bfloat16. Default: ${DEFAULT-VALUE}")
    private String dtype = "float32";

    @Option(
            names = "--checkpoint",
            paramLabel = "DIR",
            description =
                    "The checkpoint that the LoRA is for. Needed to merge, to read kohya's layout, and to write it "
                            + "where the layers do not say whether they are of SD3 or FLUX.")
    private @Nullable Path checkpoint;

    @Option(names = "--merge", description = "Write the whole checkpoint with the LoRA in its weights.")
    private boolean merge;

    @Option(names = "--scale", description = "With --merge: the factor of the LoRA. Default: ${DEFAULT-VALUE}")
    private double scale = 1;

    ExportVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        List<String> dtypes = merge ? List.of("float32", "float16", "bfloat16") : List.of("float32", "float16");
        if (!dtypes.contains(dtype)) {
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
        if (merge) {
            merge(lora);
        } else {
            write(lora);
        }
        session.out().println("written: " + out);
        return ExitCode.OK;
    }

    private void merge(Path lora) {
        if (checkpoint == null) {
            throw UserException.input("--merge needs --checkpoint DIR, the checkpoint that the LoRA was trained on");
        }
        Outputs.freshFolder(out);
        PipelineFactory family = session.registry().pipeline(checkpoint);
        PipelineFactory.Options options = new PipelineFactory.Options("float32", false, session.context("cpu", 1));
        try (Pipeline pipeline = family.open(checkpoint, options)) {
            pipeline.loadLora(lora, scale);
            pipeline.save(out, dtype);
        }
    }

    private void write(Path lora) {
        LoraLayout layout = session.registry().loraLayout(format);
        if (checkpoint != null) {
            CheckpointPath.requireFolder(checkpoint);
        }
        BaseModules base = checkpoint == null ? BaseModules.unknown() : BaseModules.ofFolder(checkpoint);
        LoraWeights weights = loras().read(lora, base);
        if (checkpoint != null) {
            base.fit(lora.toString(), weights);
        }
        if (layout.folder()) {
            Outputs.freshFolder(out);
        } else if (out.toString().endsWith(".safetensors")) {
            Outputs.fresh(out);
        } else {
            throw UserException.input(out + ": --out must be a file that ends in .safetensors for this format");
        }
        LoraFiles.write(layout, out, weights, base, dtype.equals("float16") ? DataType.FLOAT16 : DataType.FLOAT32);
    }

    private LoraFiles loras() {
        return LoraFiles.in(session.registry().loraLayouts());
    }

    @Override
    public List<String> memoryAdvice() {
        return List.of("nothing to lower: merging holds the checkpoint in float32; use a machine with more memory");
    }
}
