package org.imagerl.latent.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.imagerl.latent.pipeline.CheckpointFamily;
import org.imagerl.latent.source.SingleFileKind;
import org.imagerl.spi.Context;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The names and shapes of published single files, golden/single-files/layouts: every tensor is understood, the networks find exactly the
 * tensors that they need, and the descriptions are those of the published checkpoints. The files are made without content.
 */
public final class LayoutCheck {
    /** Said by the writer's version, or of no meaning for a network. */
    private static final Set<String> NOT_COMPARED = Set.of("_diffusers_version", "bos_token_id", "pad_token_id");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private LayoutCheck() {}

    /**
     * A test for each layout; those of other families are skipped.
     *
     * @param scratch an empty folder
     */
    public static Stream<DynamicTest> tests(List<CheckpointFamily> families, Path scratch) throws IOException {
        return GoldenFolder.tests("single-files/layouts/*.json.gz", file -> {
            String name = String.valueOf(file.getFileName()).replace(".json.gz", "");
            return Stream.of(dynamicTest(name, () -> check(file, scratch.resolve(name + ".safetensors"), families)));
        });
    }

    private static void check(Path layout, Path file, List<CheckpointFamily> families) throws IOException {
        JsonNode known = read(layout);
        write(file, known.get("tensors"));
        Optional<CheckpointFamily> family =
                families.stream().filter(one -> one.recognises(file)).findFirst();
        Assumptions.assumeTrue(family.isPresent(), layout + " is not of this module");
        List<String> notices = new ArrayList<>();
        family.orElseThrow().check(file, options(known.get("tensors"), notices::add));
        assertThat(notices).noneMatch(line -> line.contains("belong to no component"));
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            SingleFileKind kind = family.orElseThrow().singleFiles().kind(open).orElseThrow();
            for (SingleFileKind.Part part : kind.parts()) {
                part.format()
                        .find(open)
                        .ifPresent(found -> compare(
                                part.name(),
                                found.config(),
                                known.get("configs").get(part.name())));
            }
        }
        Files.delete(file);
    }

    private static JsonNode read(Path layout) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(layout))) {
            return MAPPER.readTree(in.readAllBytes());
        }
    }

    /** A file of half-precision numbers that are all zero and take no place on the disk. */
    private static void write(Path file, JsonNode tensors) throws IOException {
        ObjectNode header = MAPPER.createObjectNode();
        long end = 0;
        for (Map.Entry<String, JsonNode> tensor : tensors.properties()) {
            long begin = end;
            long elements = 1;
            for (JsonNode size : tensor.getValue()) {
                elements *= size.asLong();
            }
            end += 2 * elements;
            ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", "F16");
            entry.set("shape", tensor.getValue());
            entry.putArray("data_offsets").add(begin).add(end);
        }
        byte[] json = MAPPER.writeValueAsBytes(header);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .array());
        bytes.writeBytes(json);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.write(bytes.toByteArray());
            sparse.setLength(bytes.size() + end);
        }
    }

    /** With tokenizers of tiny checkpoints: a vocabulary may be smaller than its encoder's. */
    private static PipelineFactory.Options options(JsonNode tensors, Consumer<String> notices) throws IOException {
        Map<String, Path> components = new TreeMap<>();
        boolean flux = tensors.has("model.diffusion_model.img_in.weight");
        boolean t5 = tensors.has("text_encoders.t5xxl.transformer.shared.weight");
        components.put("tokenizer", tokenizer("vocab.json"));
        if (t5) {
            components.put(flux ? "tokenizer_2" : "tokenizer_3", tokenizer("tokenizer.json"));
        }
        Context context = new Context(Path.of("."), "cpu", 1, notices);
        return new PipelineFactory.Options(
                "float32", false, new PipelineFactory.Model(null, null, components), context);
    }

    private static Path tokenizer(String file) throws IOException {
        List<Path> found = GoldenFolder.find("single-files/*/folder/tokenizer*/" + file);
        return found.get(found.size() - 1).getParent();
    }

    private static void compare(String component, JsonNode derived, JsonNode published) {
        List<String> wrong = new ArrayList<>();
        derived.properties().forEach(entry -> {
            JsonNode wanted = published.path(entry.getKey());
            boolean left = wanted.isMissingNode() || NOT_COMPARED.contains(entry.getKey());
            boolean usual = wanted.isNull() && !entry.getKey().equals("qk_norm");
            if (!left && !usual && !same(entry.getValue(), wanted)) {
                wrong.add(entry + " in place of " + wanted);
            }
        });
        assertThat(wrong).as(component).isEmpty();
    }

    /** Numbers by value; one number for a list of nothing else. */
    private static boolean same(JsonNode derived, JsonNode wanted) {
        if (derived.isArray()) {
            for (int i = 0; i < derived.size(); i++) {
                if (!same(derived.get(i), wanted.isArray() ? wanted.path(i) : wanted)) {
                    return false;
                }
            }
            return !wanted.isArray() || wanted.size() == derived.size();
        }
        return derived.isNumber()
                ? wanted.isNumber() && derived.doubleValue() == wanted.doubleValue()
                : derived.equals(wanted) || derived.asString("").equals(wanted.asString("?"));
    }
}
