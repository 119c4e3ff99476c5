package org.imagerl.tests.campaigns;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.config.ConfigLoader;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.flow.schedule.FlowSchedulerConfig;
import org.imagerl.hub.preprocess.PreprocessorFile;
import org.imagerl.hub.tokenizer.ClipTokenizer;
import org.imagerl.hub.tokenizer.FolderTokenizer;
import org.imagerl.images.EmbeddedPrompt;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.ImageTexts;
import org.imagerl.images.lists.ListFile;
import org.imagerl.latent.checkpoint.ClipTextConfig;
import org.imagerl.latent.checkpoint.ModelIndex;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.scoring.Comparison;
import org.imagerl.scoring.ScoreReader;
import org.imagerl.scoring.prompt.PromptFile;
import org.imagerl.scoring.serve.PickleReader;
import org.imagerl.spi.Context;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.toolkit.lora.files.BaseModules;
import org.imagerl.toolkit.lora.files.Inspection;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.toolkit.safetensors.SafetensorsHeader;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.safetensors.WeightVariant;
import org.imagerl.training.config.RunConfigLoader;

/**
 * What Jazzer calls with bytes that it made: parsers of files and requests that come from strangers, named by the environment's {@code FUZZ_PARSER} with commas
 * between them. The first byte chooses among them, so that one virtual machine, which takes seconds to be instrumented, is enough for all. A {@link
 * UserException} is a right answer, as is none; any other throwable is a finding. {@code src/test/campaigns/fuzz.py} runs it.
 */
public final class ParserFuzz {
    /** A parser, given bytes. */
    private interface Target {
        void parse(byte[] bytes) throws IOException;
    }

    /** A parser, given a file. */
    private interface OfFile {
        void read(Path file) throws IOException;
    }

    private static final Pattern OFFSETS =
            Pattern.compile("\"data_offsets\"\\s*:\\s*\\[\\s*\\d+\\s*,\\s*(\\d{1,8})\\s*]");
    private static final int LORA_DATA = 1 << 16;
    /** The single files of the golden cases have up to 2.3 MB. */
    private static final int CHECKPOINT_DATA = 1 << 23;

    private static final Path FOLDER = folder();
    private static final Registry REGISTRY = Registry.load(List.of());
    private static final Map<String, Target> TARGETS = targets();
    private static final List<String> CHOSEN = chosen(System.getenv("FUZZ_PARSER"));
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();
    private static final long[] RUNS = new long[CHOSEN.size()];
    private static final long[] NANOSECONDS = new long[CHOSEN.size()];

    private ParserFuzz() {}

    /** Of the entries of a list nothing is kept. */
    private static final class Ignored implements ListFile.Entries {
        @Override
        public void entry(int line, Map<String, String> fields) {}

        @Override
        public void problem(int line, String field, String message) {}
    }

    /**
     * Without arguments prints the names of the parsers. With one, whatever it is, tries inputs of standard input: each is its length, four bytes
     * big-endian, and its bytes. A finding is a line "finding" with the number of the input, and the stack trace.
     */
    public static void main(String[] args) throws IOException {
        if (args.length == 0) {
            TARGETS.keySet().forEach(System.out::println);
            return;
        }
        DataInputStream inputs = new DataInputStream(new BufferedInputStream(System.in));
        for (int number = 0; ; number++) {
            byte[] bytes;
            try {
                bytes = inputs.readNBytes(inputs.readInt());
            } catch (EOFException end) {
                fuzzerTearDown();
                return;
            }
            try {
                fuzzerTestOneInput(bytes);
            } catch (Throwable found) {
                System.out.println("finding " + number);
                found.printStackTrace(System.out);
            }
        }
    }

    /** Called by Jazzer for every input. */
    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        if (bytes.length == 0) {
            return;
        }
        int parser = (bytes[0] & 0xff) % CHOSEN.size();
        RUNS[parser]++;
        long began = CLOCK.getCurrentThreadCpuTime();
        try {
            TARGETS.get(CHOSEN.get(parser)).parse(Arrays.copyOfRange(bytes, 1, bytes.length));
        } catch (UserException refused) {
            if (refused.getMessage() == null || refused.getMessage().isBlank()) {
                throw new IllegalStateException("a refusal that says nothing", refused);
            }
        } finally {
            NANOSECONDS[parser] += CLOCK.getCurrentThreadCpuTime() - began;
        }
    }

    /** Called by Jazzer at the end: says how many inputs each parser was given, and the processor time for them. */
    public static void fuzzerTearDown() {
        for (int i = 0; i < RUNS.length; i++) {
            System.out.println(
                    "parser " + CHOSEN.get(i) + " runs " + RUNS[i] + " milliseconds " + NANOSECONDS[i] / 1_000_000);
        }
    }

    private static List<String> chosen(String names) {
        List<String> chosen = names == null ? List.copyOf(TARGETS.keySet()) : List.of(names.split(","));
        if (!TARGETS.keySet().containsAll(chosen)) {
            throw new IllegalStateException("FUZZ_PARSER must be of " + TARGETS.keySet() + ", but is " + names);
        }
        return chosen;
    }

    private static Map<String, Target> targets() {
        Map<String, Target> targets = new TreeMap<>();
        weights(targets);
        configurations(targets);
        tokenizers(targets);
        texts(targets);
        images(targets);
        requests(targets);
        return targets;
    }

    private static void weights(Map<String, Target> targets) {
        BaseModules base = BaseModules.of(Map.of());
        targets.put(
                "safetensors-header",
                bytes -> SafetensorsHeader.read("x", new ByteArrayInputStream(bytes), bytes.length));
        targets.put(
                "shard-index",
                file(
                        "model.safetensors.index.json",
                        path -> WeightFiles.open(FOLDER, "model", WeightVariant.PLAIN)
                                .close()));
        targets.put("single-file", ParserFuzz::singleFile);
        targets.put("lora", bytes -> {
            Path file = Files.write(FOLDER.resolve("lora.safetensors"), safetensors(bytes, LORA_DATA));
            Inspection.of(file, LoraFiles.builtIn());
            LoraFiles.builtIn().read(file, base);
        });
    }

    /** A checkpoint in a single file, by whichever family recognises it; of its weights only names and shapes are looked at. */
    private static void singleFile(byte[] header) throws IOException {
        Path file = Files.write(FOLDER.resolve("single.safetensors"), safetensors(header, CHECKPOINT_DATA));
        Map<String, Path> components = Map.of("tokenizer", FOLDER.resolve("tokenizer-config"));
        PipelineFactory.Options options = new PipelineFactory.Options(
                "float32",
                false,
                new PipelineFactory.Model(null, null, components),
                new Context(FOLDER, "cpu", 1, warning -> {}));
        for (PipelineFactory family : REGISTRY.pipelines()) {
            if (family.recognises(file)) {
                family.check(file, options);
            }
        }
    }

    private static void configurations(Map<String, Target> targets) {
        targets.put("json", bytes -> StrictJson.value(FOLDER.resolve("x.json"), bytes));
        targets.put(
                "scheduler",
                file("scheduler_config.json", path -> each(path, SchedulerConfig::read, FlowSchedulerConfig::read)));
        targets.put(
                "model-config",
                file(
                        "config.json",
                        path -> each(
                                path,
                                UnetConfig::read,
                                VaeConfig::read,
                                ClipTextConfig::read,
                                T5Config::read,
                                Sd3Config::read,
                                FluxConfig::read)));
        targets.put("model-index", file("model_index.json", path -> ModelIndex.read(FOLDER)));
        targets.put("preprocessor", file("preprocessor_config.json", PreprocessorFile::read));
        ConfigLoader loader = new ConfigLoader(REGISTRY);
        targets.put("yaml-run", file("run.yaml", path -> new RunConfigLoader(REGISTRY).load(path, List.of())));
        targets.put(
                "yaml-reward",
                bytes -> loader.part(Kind.REWARD, new String(bytes, StandardCharsets.UTF_8), Overrides.NONE));
        targets.put(
                "reward-folder",
                file(
                        "reward-folder/reward.yaml",
                        path -> loader.part(
                                Kind.REWARD, "{type: onnx, model: " + path.getParent() + "}", Overrides.NONE)));
    }

    private static void tokenizers(Map<String, Target> targets) {
        targets.put("tokenizer-json", file("tokenizer-json/tokenizer.json", path -> {
            try (FolderTokenizer tokenizer = FolderTokenizer.load(FOLDER.resolve("tokenizer-json"))) {
                tokenizer.encode("a sign \ud83d\ude00 <s>", 7);
            }
        }));
        targets.put("tokenizer-config", file("tokenizer-config/tokenizer_config.json", path -> clip(path.getParent())));
        targets.put("vocab", bytes -> {
            Path folder = Files.createDirectories(FOLDER.resolve("vocab"));
            int cut = indexOf(bytes, (byte) 0);
            Files.write(folder.resolve("vocab.json"), Arrays.copyOf(bytes, cut));
            Files.write(
                    folder.resolve("merges.txt"),
                    Arrays.copyOfRange(bytes, Math.min(bytes.length, cut + 1), bytes.length));
            clip(folder);
        });
    }

    private static void clip(Path folder) {
        ClipTokenizer.load(folder).encode("a sign that says \"472\" \ud83d\ude00");
    }

    private static void requests(Map<String, Target> targets) {
        targets.put("pickle", bytes -> PickleReader.read("x", bytes));
    }

    private static void texts(Map<String, Target> targets) {
        for (String ending : List.of("txt", "jsonl", "csv")) {
            targets.put(
                    "prompts-" + ending,
                    file("prompts." + ending, path -> each(path, PromptFile::read, PromptFile::readList)));
        }
        for (String ending : List.of("jsonl", "csv")) {
            targets.put(
                    "list-" + ending,
                    file(
                            "list." + ending,
                            path -> ListFile.read(
                                    path,
                                    new ListFile.Fields(Set.of("file_name", "text"), Set.of("text")),
                                    new Ignored())));
            targets.put(
                    "scores-" + ending,
                    file(
                            "scores." + ending,
                            path -> each(path, p -> ScoreReader.read(p, row -> {}), p -> Comparison.of(p, p, null))));
        }
    }

    private static void images(Map<String, Target> targets) {
        targets.put("image", bytes -> ImageDecoder.decode(bytes, "x"));
        targets.put("image-size", file("image.bin", ImageDecoder::size));
        targets.put("image-texts", file("image.png", path -> each(path, ImageTexts::read, EmbeddedPrompt::read)));
    }

    private static Target file(String name, OfFile parser) {
        Path file = FOLDER.resolve(name);
        return bytes -> {
            Files.createDirectories(file.getParent());
            Files.write(file, bytes);
            parser.read(file);
        };
    }

    /** All of the parsers, whatever the ones before say. */
    private static void each(Path file, OfFile... parsers) throws IOException {
        List<UserException> refusals = new ArrayList<>();
        for (OfFile parser : parsers) {
            try {
                parser.read(file);
            } catch (UserException refused) {
                refusals.add(refused);
            }
        }
        if (!refusals.isEmpty()) {
            throw refusals.get(0);
        }
    }

    /** The bytes as the header of a file with as much data as its entries ask for. */
    private static byte[] safetensors(byte[] header, int most) {
        int data = 0;
        Matcher offsets = OFFSETS.matcher(new String(header, StandardCharsets.ISO_8859_1));
        while (offsets.find()) {
            data = Math.max(data, Math.min(most, Integer.parseInt(offsets.group(1))));
        }
        return ByteBuffer.allocate(8 + header.length + data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .array();
    }

    private static int indexOf(byte[] bytes, byte wanted) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return bytes.length;
    }

    private static Path folder() {
        String given = System.getenv("FUZZ_FOLDER");
        try {
            return given != null ? Files.createDirectories(Path.of(given)) : Files.createTempDirectory("imagerl-fuzz");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
