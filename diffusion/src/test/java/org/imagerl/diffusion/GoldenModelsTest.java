package org.imagerl.diffusion;

import static org.imagerl.diffusion.testing.ModelCase.requireClose;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.diffusion.checkpoint.ClipTextConfig;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.VaeConfig;
import org.imagerl.diffusion.clip.ClipTextModel;
import org.imagerl.diffusion.clip.TextEncoding;
import org.imagerl.diffusion.testing.GoldenFolder;
import org.imagerl.diffusion.testing.ModelCase;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.diffusion.vae.AutoencoderKl;
import org.imagerl.diffusion.vae.Moments;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.ObjectMapper;

/** Our networks against diffusers and transformers: outputs and gradients of every case of golden/models of this module's kinds. */
class GoldenModelsTest {

    /** A network ready to run: inputs by name to outputs by name. */
    private interface Model {
        Map<String, NDArray> run(Map<String, NDArray> inputs);
    }

    private interface Factory {
        Model create(Network network, Path config);
    }

    @TestFactory
    Stream<DynamicTest> everyCaseHasThePublishedOutputsAndGradients() throws IOException {
        return GoldenFolder.tests("models/*/case.json", file -> tests(file.getParent()));
    }

    private Stream<DynamicTest> tests(Path folder) {
        String name = folder.getFileName().toString();
        return switch (kind(folder)) {
            case "unet" ->
                Stream.of(
                        dynamicTest(name, () -> check(folder, (network, config) -> unet(network, config, false))),
                        dynamicTest(
                                name + ", checkpointed",
                                () -> check(folder, (network, config) -> unet(network, config, true))));
            case "vae" ->
                Stream.of(
                        dynamicTest(name, () -> check(folder, (network, config) -> vae(network, config, false))),
                        dynamicTest(
                                name + ", checkpointed",
                                () -> check(folder, (network, config) -> vae(network, config, true))));
            case "clip_text", "clip_text_projection" ->
                Stream.of(dynamicTest(name, () -> check(folder, GoldenModelsTest::clip)));
            default -> {
                System.out.println(name + " is of a kind of another module: " + kind(folder));
                yield Stream.of();
            }
        };
    }

    private static String kind(Path folder) {
        return new ObjectMapper()
                .readTree(folder.resolve("case.json"))
                .get("kind")
                .asString();
    }

    private static Model unet(Network network, Path config, boolean checkpointing) {
        UNet unet = new UNet(network, UnetConfig.read(config), checkpointing);
        return inputs -> {
            Map<String, NDArray> conditioning = new HashMap<>(inputs);
            NDArray latents = conditioning.remove("sample");
            long[] timesteps = conditioning.remove("timestep").toLongArray();
            double[] times = new double[timesteps.length];
            for (int i = 0; i < times.length; i++) {
                times[i] = timesteps[i];
            }
            return Map.of("sample", unet.forward(latents, times, conditioning));
        };
    }

    private static Model vae(Network network, Path config, boolean checkpointing) {
        AutoencoderKl vae = new AutoencoderKl(network, VaeConfig.read(config), checkpointing);
        return inputs -> {
            Moments moments = vae.encode(inputs.get("image"));
            NDArray image = vae.decode(inputs.get("latent"));
            return Map.of("mean", moments.mean(), "logvar", moments.logvar(), "image", image);
        };
    }

    private static Model clip(Network network, Path config) {
        ClipTextModel clip = new ClipTextModel(network, ClipTextConfig.read(config));
        return inputs -> {
            TextEncoding encoding = clip.forward(inputs.get("input_ids"));
            Map<String, NDArray> outputs = new HashMap<>();
            outputs.put("last_hidden_state", encoding.lastHiddenState());
            outputs.put("penultimate_hidden_state", encoding.penultimateHiddenState());
            outputs.put("pooler_output", encoding.pooled());
            encoding.projected().ifPresent(projected -> outputs.put("text_embeds", projected));
            return outputs;
        };
    }

    private static void check(Path folder, Factory factory) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            ModelCase golden = ModelCase.read(folder, manager);
            Network network = new Network("golden");
            Model model = factory.create(network, golden.config());
            golden.load(network, manager);
            Map<String, Double> errors = new TreeMap<>();
            Scope.run(() -> checkOutputs(golden, model, errors));
            Scope.run(() -> back(golden, network, model));
            checkGradients(golden, network, errors);
            var worst = Collections.max(errors.entrySet(), Map.Entry.comparingByValue());
            System.out.printf(
                    "%s: worst of %d: %s %.1e%n", golden.name(), errors.size(), worst.getKey(), worst.getValue());
        }
    }

    private static void checkOutputs(ModelCase golden, Model model, Map<String, Double> errors) {
        Map<String, NDArray> outputs = Gradients.off(() -> model.run(golden.tensors("in.")));
        golden.tensors("out.").forEach((name, expected) -> {
            String what = "out." + name;
            errors.put(what, requireClose(what, outputs.get(name), expected, golden.forwardTolerance()));
        });
    }

    private static void back(ModelCase golden, Network network, Model model) {
        golden.tensors("grad.in.")
                .keySet()
                .forEach(name -> golden.tensors("in.").get(name).setRequiresGradient(true));
        network.parameters().forEach(parameter -> parameter.value().setRequiresGradient(true));
        Gradients.record(recording -> {
            Map<String, NDArray> outputs = model.run(golden.tensors("in."));
            NDArray sum = golden.tensors("cotangent.").entrySet().stream()
                    .map(cotangent -> outputs.get(cotangent.getKey())
                            .mul(cotangent.getValue())
                            .sum())
                    .reduce(NDArray::add)
                    .orElseThrow();
            recording.backward(sum);
            return sum;
        });
    }

    private static void checkGradients(ModelCase golden, Network network, Map<String, Double> errors) {
        Map<String, NDArray> leaves = new HashMap<>();
        golden.tensors("in.").forEach((name, input) -> leaves.put("grad.in." + name, input));
        network.parameters().forEach(parameter -> leaves.put("grad.weight." + parameter.key(), parameter.value()));
        golden.tensors("grad.").forEach((name, expected) -> {
            String what = "grad." + name;
            NDArray actual = leaves.get(what).getGradient();
            errors.put(what, requireClose(what, actual, expected, golden.gradientTolerance()));
        });
    }
}
