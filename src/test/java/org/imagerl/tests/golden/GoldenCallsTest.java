package org.imagerl.tests.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.images.ImageDecoder;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.CloseImages;
import org.imagerl.testkit.Golden;
import org.imagerl.tests.Said;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code imagerl sample}, with other schedulers, images and masks, gives the images of diffusers' pipelines, within one of 255. */
class GoldenCallsTest {

    @TempDir
    Path scratch;

    @TestFactory
    List<DynamicTest> imagesEqualThoseOfDiffusers() throws IOException {
        return Golden.tests("calls", folder -> {
            try (Stream<Path> cases = Files.list(folder)) {
                return cases.filter(one -> Files.exists(one.resolve("case.json")))
                        .sorted()
                        .map(one ->
                                dynamicTest(String.valueOf(one.getFileName()), () -> check(folder.getParent(), one)))
                        .toList();
            }
        });
    }

    private void check(Path golden, Path folder) throws IOException {
        JsonNode call = JsonMapper.shared().readTree(Files.readString(folder.resolve("case.json")));
        Path out = scratch.resolve(String.valueOf(folder.getFileName()));
        Said said = Said.by(command(golden, folder, call, out).toArray());
        assertThat(said.code()).as(said.err()).isZero();
        List<RgbImage> expected = images(folder.resolve("expected.safetensors"), call);
        for (int i = 0; i < expected.size(); i++) {
            String name = "p000-s" + call.get("seeds").get(i).asInt() + ".png";
            CloseImages.requireWithinOneByte(name, ImageDecoder.decode(out.resolve(name)), expected.get(i));
        }
    }

    private static List<String> command(Path golden, Path folder, JsonNode call, Path out) {
        boolean flux = call.get("pipeline").asString().startsWith("Flux");
        String guidance = call.get("guidance_scale").asString();
        List<String> words = new ArrayList<>(List.of("sample"));
        if (!call.get("strength").isNull()) {
            words.addAll(List.of("--image", folder.resolve("image.png") + ""));
            words.addAll(List.of("--strength", call.get("strength").asString()));
        } else {
            words.addAll(List.of("--width", call.get("width").asString()));
            words.addAll(List.of("--height", call.get("height").asString()));
        }
        words.addAll(
                List.of("--checkpoint", golden.resolve(call.get("checkpoint").asString()) + ""));
        words.addAll(List.of("--prompt", call.get("prompt").asString(), "--out", out + ""));
        words.addAll(List.of("--steps", call.get("num_inference_steps").asString()));
        words.addAll(List.of("--guidance", flux ? "1" : guidance));
        words.addAll(List.of(
                "--seeds",
                call.get("seeds").valueStream().map(JsonNode::asString).collect(Collectors.joining(","))));
        if (flux) {
            words.addAll(List.of("--embedded-guidance", guidance));
            words.addAll(
                    List.of("--text-tokens", call.get("max_sequence_length").asString()));
        }
        if (call.get("mask").asBoolean()) {
            words.addAll(List.of("--mask", folder.resolve("mask.png") + ""));
        }
        if (!call.get("scheduler").asString().isEmpty()) {
            words.addAll(List.of("--scheduler", call.get("scheduler").asString()));
        }
        return words;
    }

    private static List<RgbImage> images(Path file, JsonNode call) {
        int width = call.get("width").asInt();
        int height = call.get("height").asInt();
        List<RgbImage> images = new ArrayList<>();
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            ByteBuffer planes = tensors.read("image_uint8");
            int pixels = width * height;
            while (planes.hasRemaining()) {
                byte[] rgb = new byte[3 * pixels];
                for (int i = 0; i < rgb.length; i++) {
                    rgb[i % pixels * 3 + i / pixels] = planes.get();
                }
                images.add(new RgbImage(width, height, rgb));
            }
        }
        return images;
    }
}
