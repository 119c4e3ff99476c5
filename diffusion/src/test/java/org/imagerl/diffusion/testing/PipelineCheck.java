package org.imagerl.diffusion.testing;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.function.Function;
import org.imagerl.spi.Chain;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.WeightSet;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.sampling.GuidedPolicy;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Pictures;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Runs a checkpoint of golden/pipelines from prompt to picture and compares every step. */
public final class PipelineCheck {

    /** Names of the denoiser's inputs to names in the file, whose negative counterparts begin with {@code negative_}. */
    private static final Map<String, String> EMBEDDINGS = Map.of(
            "encoder_hidden_states", "prompt_embeds",
            "text_embeds", "pooled_prompt_embeds",
            "pooled_projections", "pooled_prompt_embeds");

    private PipelineCheck() {}

    /** For the CPU, in float32. */
    public static PipelineFactory.Options options() {
        return new PipelineFactory.Options("float32", false, new Context(Path.of("."), "cpu", 2, warning -> {}));
    }

    /**
     * Compares.
     *
     * @param dynamics from case.json to the dynamics of the call
     */
    public static void check(Path folder, PipelineFactory factory, Function<JsonNode, Dynamics> dynamics)
            throws IOException {
        JsonNode call = new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("case.json")));
        double limit = call.get("rtol").asDouble();
        List<Prompt> prompts = new ArrayList<>();
        for (JsonNode prompt : call.get("prompts")) {
            prompts.add(Prompt.of("p" + prompts.size(), prompt.asString()));
        }
        try (Pipeline pipeline = factory.open(folder, options());
                NDManager manager = pipeline.manager().newSubManager()) {
            Map<String, NDArray> expected = ArrayFile.read(folder.resolve("expected.safetensors"), manager);
            int[] trained = pipeline.defaultSize();
            int[] size = {
                call.path("width").asInt(trained[0]), call.path("height").asInt(trained[1])
            };
            GuidedPolicy.Settings settings = new GuidedPolicy.Settings(
                    call.get("guidance_scale").asDouble(),
                    call.get("negative_prompt").asString(),
                    size);
            GuidedPolicy policy = new GuidedPolicy(pipeline, null, settings);
            Chain chain = dynamics.apply(call)
                    .chain(
                            pipeline.schedule(size[0], size[1]),
                            call.get("num_inference_steps").asInt());
            Gradients.off(() -> {
                Conditioning conditioning = policy.encode(prompts);
                embeddings("", conditioning.positive(), expected, limit);
                embeddings("negative_", conditioning.negative(), expected, limit);
                List<NDArray> states =
                        new ArrayList<>(Collections.nCopies(chain.steps() + 1, expected.get("in.latents")));
                Trajectories batch = new Trajectories(chain, prompts, conditioning, states, List.of());
                for (int step = 0; step < chain.steps(); step++) {
                    states.set(step + 1, policy.mean(WeightSet.CURRENT, step, batch));
                    close("latents.step" + step, states.get(step + 1), expected, limit);
                }
                NDArray picture = pipeline.decode(states.get(chain.steps()));
                close("image", picture, expected, limit);
                within1(Pictures.fromTensor(picture), folder.resolve("expected.safetensors"));
                return picture;
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

    private static void within1(List<RgbImage> pictures, Path expected) {
        try (SafetensorsFile file = SafetensorsFile.open(expected)) {
            ByteBuffer wanted = file.read("image_uint8");
            int plane = pictures.get(0).width() * pictures.get(0).height();
            for (int i = 0; i < wanted.limit(); i++) {
                RgbImage picture = pictures.get(i / (3 * plane));
                int got = picture.rgb()[(i % plane) * 3 + (i / plane) % 3] & 0xff;
                assertThat(Math.abs(got - (wanted.get(i) & 0xff)))
                        .as("byte " + i)
                        .isLessThanOrEqualTo(1);
            }
        }
    }
}
