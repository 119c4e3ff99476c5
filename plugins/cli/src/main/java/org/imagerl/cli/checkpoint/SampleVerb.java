package org.imagerl.cli.checkpoint;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Numbers;
import org.imagerl.cli.console.UsesMemory;
import org.imagerl.cli.console.Version;
import org.imagerl.config.ConfigLoader;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.images.Fonts;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Guidance;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.PipelineFactory.StoredWeights;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.work.Memory;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.toolkit.sampling.Correction;
import org.imagerl.toolkit.sampling.ImageSampler;
import org.imagerl.toolkit.tensor.DeviceMemory;
import org.imagerl.toolkit.tensor.Devices;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code imagerl sample}. */
@Command(
        name = "sample",
        mixinStandardHelpOptions = true,
        header = "Makes images from prompts.",
        sortOptions = false,
        description = {
            "Writes a PNG file for every prompt and seed, with prompt, seed and settings in its text "
                    + "chunks; prompts.jsonl, by which imagerl score finds their prompts; and grid.png with all of "
                    + "them. The same prompt, seed and settings always give the same image, whichever other images "
                    + "are made. If it is interrupted, the same command continues it: images that exist with the "
                    + "same settings are not made again.",
            "",
            "Example: imagerl sample --checkpoint words --prompt 'a sign that says \"472\"' --seeds 0-7"
        })
final class SampleVerb implements Callable<Integer>, UsesMemory {
    /** Far beyond what anybody takes, and far within float32. */
    private static final double MOST_GUIDANCE = 10_000;

    private final CliContext session;

    @Option(
            names = "--checkpoint",
            required = true,
            paramLabel = "PATH",
            description = "A checkpoint folder, or a single .safetensors file.")
    private Path checkpoint = Path.of("");

    @Mixin
    private ComponentArguments components = new ComponentArguments();

    @Mixin
    private PromptOptions prompting = new PromptOptions();

    @Option(names = "--steps", paramLabel = "N", description = "Steps from noise to image. Default: ${DEFAULT-VALUE}")
    private int steps = ImageSampler.Settings.DEFAULT_STEPS;

    @Option(
            names = "--guidance",
            paramLabel = "SCALE",
            description = "Scale of classifier-free guidance; 1 is no guidance, at half the cost. Default: "
                    + "${DEFAULT-VALUE}")
    private double guidance = ImageSampler.Settings.DEFAULT_GUIDANCE;

    @Option(
            names = "--guidance-rule",
            paramLabel = "RULE",
            description =
                    "How guidance makes one output of two: classifier-free, interval, rescaled, or settings as in a "
                            + "configuration (rollout.guidance_rule). Default: classifier-free")
    private @Nullable String guidanceRule;

    @Option(
            names = "--embedded-guidance",
            paramLabel = "SCALE",
            description = "The guidance scale on which a distilled model (FLUX.1 dev, LCM) is conditioned. Default: "
                    + "3.5 for FLUX.1 dev, 8.5 for LCM")
    private @Nullable Double embeddedGuidance;

    @Option(
            names = "--text-tokens",
            paramLabel = "N",
            description = "Tokens of a prompt for T5. Default: as the checkpoint says, else 256 for SD3, 512 for FLUX")
    private @Nullable Integer textTokens;

    @Mixin
    private SchedulerOptions scheduling = new SchedulerOptions();

    @Mixin
    private ImageOptions beginning = new ImageOptions();

    @Option(
            names = "--lora",
            paramLabel = "FILE[:SCALE]",
            description = "A LoRA file or PEFT folder of any layout, or a run. Can be given several times.")
    private List<String> loras = List.of();

    @Mixin
    private ReferenceOptions correcting = new ReferenceOptions();

    @Mixin
    private ControlOptions controlling = new ControlOptions();

    @Option(
            names = "--width",
            paramLabel = "PIXELS",
            description = "Default: the size that the checkpoint was trained for")
    private @Nullable Integer width;

    @Option(
            names = "--height",
            paramLabel = "PIXELS",
            description = "Default: the size that the checkpoint was trained for")
    private @Nullable Integer height;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The folder for the images: a new one, or one that the same command began. Default: "
                    + "${DEFAULT-VALUE}")
    private Path out = Path.of("images");

    @Option(names = "--batch", paramLabel = "N", description = "Images computed at a time. Default: ${DEFAULT-VALUE}")
    private int batch = 4;

    @Option(
            names = "--vae-tiling",
            description = "Decode images larger than the VAE's sample_size in overlapping tiles, with less memory.")
    private boolean vaeTiling;

    @Option(
            names = "--dtype",
            description =
                    "float32, float16 or bfloat16. Default: float32; where its weights do not fit into the memory "
                            + "of the device, bfloat16 (a checkpoint stored in it; on a GPU float16 likewise)")
    private @Nullable String dtype;

    @Option(names = "--device", description = "auto, cpu or cuda:N. Default: ${DEFAULT-VALUE}")
    private String device = "auto";

    SampleVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Numbers.atLeastOne("--steps", steps);
        Numbers.atLeastOne("--batch", batch);
        Numbers.within("--guidance", guidance, 1, MOST_GUIDANCE);
        if (width != null) {
            Numbers.atLeastOne("--width", width);
        }
        if (height != null) {
            Numbers.atLeastOne("--height", height);
        }
        if (textTokens != null) {
            Numbers.atLeastOne("--text-tokens", textTokens);
        }
        beginning.check();
        IntFunction<List<Long>> seedList = prompting.seeds();
        Context context = session.context(device, Runtime.getRuntime().availableProcessors());
        BoundPart<Augmentation> telling = controlling.part(session.registry(), guidance);
        Augmentation augmentation = telling == null ? null : telling.create(context);
        Map<String, String> wishes = controlling.wishes();
        List<Prompt> prompts = prompting.prompts().stream()
                .map(prompt -> augmentation == null ? prompt : augmentation.ask(prompt, wishes))
                .toList();
        PromptFile.warnUnguided(prompts, guidance, session::notice);
        List<LoraArgument> adapters = loras.stream().map(LoraArgument::parse).toList();
        LoraFiles layouts = LoraFiles.in(context.loraLayouts());
        adapters.forEach(adapter -> layouts.notes(adapter.path())
                .forEach(note -> session.notice("warning: " + adapter.path() + ": " + note)));
        BoundPart<Dynamics> stepping = scheduling.bound(session.registry());
        BoundPart<Guidance> rule = rule();
        Correction correction = correcting.correction(!adapters.isEmpty(), telling != null, steps);
        PipelineFactory family = session.registry().pipeline(checkpoint);
        String computed = dtype == null ? usualDtype(family, context) : dtype;
        Map<String, String> settings = settings(stepping, adapters, telling, computed);
        settings.put("guidance_rule", guidanceRule == null ? "" : oneLine(rule));
        ReferenceOptions.describe(correction, settings);
        settings.put(
                ImageFolder.ORIGIN,
                SampledFiles.of(checkpoint, components.byName(), layouts, adapters, augmentation, beginning.files()));
        ImageFolder folder = new ImageFolder(
                out, settings, prompts, augmentation == null ? prompt -> Map.of() : SampleVerb::fields, seedList);
        folder.requireOwn();
        if (folder.finished()) {
            return written();
        }
        PipelineFactory.Options options = options(computed, context);
        return session.runLong("the same command continues with the images in " + out, progress -> {
            try (Pipeline pipeline = open(family, options, augmentation);
                    Pipeline before = correction.weight() == 0 ? null : family.open(checkpoint, options)) {
                ImageSize size = beginning.size(pipeline, width, height);
                if (augmentation != null) {
                    augmentation.checkSize(size.width(), size.height());
                }
                adapters.forEach(adapter -> pipeline.loadLora(adapter.path(), adapter.scale()));
                ImageSampler sampler = new ImageSampler(
                        pipeline,
                        stepping.create(context),
                        new ImageSampler.Settings(
                                steps,
                                guidance,
                                prompting.negative(),
                                size.width(),
                                size.height(),
                                rule.create(context)),
                        beginning.start(size),
                        before == null ? null : new ImageSampler.Reference(before, correction));
                folder.fill(sampler, batch, progress);
                Fonts.warnIfMissing(session::notice);
            }
            return folder.finished() ? written() : ExitCode.INTERRUPTED;
        });
    }

    private PipelineFactory.Options options(String computed, Context context) {
        return new PipelineFactory.Options(
                PipelineFactory.Dtypes.all(computed),
                new PipelineFactory.Memory(Checkpointing.FALSE, false, vaeTiling, false, null),
                new PipelineFactory.Model(embeddedGuidance, textTokens, components.byName()),
                context);
    }

    private String usualDtype(PipelineFactory family, Context context) {
        Context quiet = context.warning(line -> {}); // what there is to say is said when it is loaded
        Device used = Devices.choose(device, quiet.warnings());
        return UsualDtypes.toSample(
                checkpoint,
                family.stored(checkpoint, options(StoredWeights.FLOAT32, quiet)),
                used.isGpu() ? DeviceMemory.of(used).limit() : Memory.totalBytes(),
                !used.isGpu(),
                session::notice);
    }

    private BoundPart<Guidance> rule() {
        String name = guidanceRule == null ? "classifier-free" : guidanceRule;
        return new ConfigLoader(session.registry()).part(Kind.GUIDANCE, name, Overrides.NONE);
    }

    private int written() {
        session.out().println("written: " + out);
        return ExitCode.OK;
    }

    private Pipeline open(
            PipelineFactory family, PipelineFactory.Options options, @Nullable Augmentation augmentation) {
        Pipeline base = family.open(checkpoint, options);
        try {
            return augmentation == null ? base : augmentation.augment(base);
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    /** What all images have in common and depend on, for their text chunks; what has its usual value is left out. */
    private Map<String, String> settings(
            BoundPart<Dynamics> stepping,
            List<LoraArgument> adapters,
            @Nullable BoundPart<Augmentation> telling,
            String computed) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("negative_prompt", prompting.negative());
        settings.put("steps", Integer.toString(steps));
        settings.put("guidance", Double.toString(guidance));
        settings.put("dynamics", oneLine(stepping));
        settings.put(
                "checkpoint",
                String.valueOf(checkpoint.toAbsolutePath().normalize().getFileName()));
        settings.put("components", components.names());
        settings.put("lora", adapters.stream().map(LoraArgument::toString).collect(Collectors.joining(", ")));
        settings.put("augmentation", telling == null ? "" : oneLine(telling));
        beginning.describe(settings);
        settings.put("embedded_guidance", given(embeddedGuidance));
        settings.put("text_tokens", given(textTokens));
        settings.put("width", given(width));
        settings.put("height", given(height));
        settings.put("dtype", computed.equals(StoredWeights.FLOAT32) ? "" : computed);
        settings.put("vae_tiling", vaeTiling ? "true" : "");
        settings.put("Software", "imagerl " + Version.current());
        return settings;
    }

    private static String given(@Nullable Number value) {
        return value == null ? "" : value.toString();
    }

    private static String oneLine(BoundPart<?> part) {
        return ConfigLoader.yaml(part).strip().replaceAll("\\R", ", ");
    }

    /** The fields of a prompt, where a checkpoint is augmentation some of them. */
    private static Map<String, String> fields(Prompt prompt) {
        return Map.of("fields", JsonMapper.shared().writeValueAsString(new TreeMap<>(prompt.metadata())));
    }

    @Override
    public List<String> memoryAdvice() {
        return List.of(
                "--batch (now " + batch + "): images computed at a time; memory for activations falls in proportion",
                "--width and --height: memory for activations falls with their product",
                "--guidance 1: half the memory for activations, but other images");
    }
}
