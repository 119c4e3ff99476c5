package org.imagerl.latent.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.imagerl.latent.checkpoint.ModelIndex;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Runs a checkpoint of golden/pipelines from prompt to image and compares every step. */
public final class PipelineCheck {

    /** Names of the denoiser's inputs to names in the file, whose negative counterparts begin with {@code negative_}. */
    private static final Map<String, String> EMBEDDINGS = Map.of(
            "encoder_hidden_states", "prompt_embeds",
            "text_embeds", "pooled_prompt_embeds",
            "pooled_projections", "pooled_prompt_embeds");

    private PipelineCheck() {}

    /** For the CPU, in float32. */
    public static PipelineFactory.Options options() {
        return options(PipelineFactory.Model.USUAL);
    }

    private static PipelineFactory.Options options(PipelineFactory.Model model) {
        return new PipelineFactory.Options("float32", false, model, new Context(Path.of("."), "cpu", 2, warning -> {}));
    }

    /** Diffusers' FluxPipeline calls the embedded scale guidance_scale, and has no other in these calls; schnell has none. */
    private static PipelineFactory.Model model(JsonNode call, boolean flux, Path folder) {
        Map<String, Path> components = new TreeMap<>();
        call.path("components")
                .properties()
                .forEach(component -> components.put(
                        component.getKey(), folder.resolve(component.getValue().asString())));
        boolean guided = flux && call.get("guidance_scale").asDouble() > 0;
        return new PipelineFactory.Model(
                guided ? call.get("guidance_scale").asDouble() : null,
                call.has("max_sequence_length")
                        ? call.get("max_sequence_length").asInt()
                        : null,
                components);
    }

    /** Diffusers' FluxPipeline gives latents as the tokens of its transformer: patches of 2 x 2, channel by channel. */
    private static NDArray latents(NDArray given, long[] shape) {
        if (given.getShape().dimension() == 4) {
            return given;
        }
        long batch = given.getShape().get(0);
        return given.reshape(batch, shape[1] / 2, shape[2] / 2, shape[0], 2, 2)
                .transpose(0, 3, 1, 4, 2, 5)
                .reshape(batch, shape[0], shape[1], shape[2]);
    }

    /**
     * A test for each checkpoint; those of other families are skipped.
     *
     * @param families that may open it
     * @param dynamics from case.json to the dynamics of the call
     */
    public static Stream<DynamicTest> tests(List<PipelineFactory> families, Function<JsonNode, Dynamics> dynamics)
            throws IOException {
        return GoldenFolder.tests("pipelines/*/case.json", file -> {
            Path folder = file.getParent();
            return Stream.of(dynamicTest(
                    String.valueOf(folder.getFileName()), () -> check(folder, folder, folder, families, dynamics)));
        });
    }

    /** The same for the single files of golden/single-files, with the components that a case names. */
    public static Stream<DynamicTest> singleFiles(List<PipelineFactory> families, Function<JsonNode, Dynamics> dynamics)
            throws IOException {
        return GoldenFolder.tests("single-files/*/case.json", file -> {
            Path folder = file.getParent();
            Path checkpoint = folder.resolve("checkpoint.safetensors");
            return Stream.of(dynamicTest(
                    String.valueOf(folder.getFileName()),
                    () -> check(folder, checkpoint, folder.resolve("folder"), families, dynamics)));
        });
    }

    private static void check(
            Path folder,
            Path checkpoint,
            Path described,
            List<PipelineFactory> families,
            Function<JsonNode, Dynamics> dynamics)
            throws IOException {
        Optional<PipelineFactory> family = families.stream()
                .filter(factory -> factory.recognises(checkpoint))
                .findFirst();
        Assumptions.assumeTrue(family.isPresent(), checkpoint + " is not of this module");
        PipelineFactory factory = family.orElseThrow();
        JsonNode call = new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("case.json")));
        double limit = call.get("rtol").asDouble();
        List<Prompt> prompts = new ArrayList<>();
        for (JsonNode prompt : call.get("prompts")) {
            prompts.add(Prompt.of("p" + prompts.size(), prompt.asString()));
        }
        boolean flux = ModelIndex.read(described).className().equals("FluxPipeline");
        try (Pipeline pipeline = factory.open(checkpoint, options(model(call, flux, folder)));
                NDManager manager = pipeline.manager().newSubManager()) {
            Map<String, NDArray> expected = ArrayFile.read(folder.resolve("expected.safetensors"), manager);
            ImageSize trained = pipeline.defaultSize();
            ImageSize size = new ImageSize(
                    call.path("width").asInt(trained.width()),
                    call.path("height").asInt(trained.height()));
            GuidedPolicy.Settings settings = new GuidedPolicy.Settings(
                    flux ? 1 : call.get("guidance_scale").asDouble(),
                    call.path("negative_prompt").asString(""),
                    size);
            long[] shape = pipeline.latentShape(size.width(), size.height());
            GuidedPolicy policy = new GuidedPolicy(pipeline, null, settings);
            TransitionKernel kernel = dynamics.apply(call)
                    .kernel(
                            pipeline.schedule(size.width(), size.height()),
                            call.get("num_inference_steps").asInt());
            Gradients.off(() -> {
                Conditioning conditioning = policy.encode(prompts);
                embeddings("", conditioning.positive(), expected, limit);
                embeddings("negative_", conditioning.negative(), expected, limit);
                List<NDArray> states = new ArrayList<>(
                        Collections.nCopies(kernel.steps() + 1, latents(expected.get("in.latents"), shape)));
                Trajectories batch = new Trajectories(kernel, prompts, conditioning, states, List.of());
                for (int step = 0; step < kernel.steps(); step++) {
                    states.set(step + 1, policy.mean(WeightSet.LIVE, step, batch));
                    String key = "latents.step" + step;
                    ModelCase.requireClose(key, states.get(step + 1), latents(expected.get(key), shape), limit);
                }
                NDArray image = pipeline.decode(states.get(kernel.steps()));
                close("image", image, expected, limit);
                within1(ImageTensors.fromTensor(image), folder.resolve("expected.safetensors"));
                return image;
            });
        }
    }

    private static void embeddings(
            String prefix, Map<String, NDArray> given, Map<String, NDArray> expected, double limit) {
        EMBEDDINGS.forEach((input, name) -> {
            if (given.containsKey(input)) {
                close(prefix + name, given.get(input), expected, limit);
            }
        });
    }

    private static void close(String key, NDArray actual, Map<String, NDArray> expected, double limit) {
        ModelCase.requireClose(key, actual, expected.get(key), limit);
    }

    private static void within1(List<RgbImage> images, Path expected) {
        try (SafetensorsFile file = SafetensorsFile.open(expected)) {
            ByteBuffer wanted = file.read("image_uint8");
            int plane = images.get(0).width() * images.get(0).height();
            for (int i = 0; i < wanted.limit(); i++) {
                RgbImage image = images.get(i / (3 * plane));
                int got = image.rgb()[(i % plane) * 3 + (i / plane) % 3] & 0xff;
                assertThat(Math.abs(got - (wanted.get(i) & 0xff)))
                        .as("byte " + i)
                        .isLessThanOrEqualTo(1);
            }
        }
    }
}
