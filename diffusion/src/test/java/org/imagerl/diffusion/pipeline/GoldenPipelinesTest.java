package org.imagerl.diffusion.pipeline;

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
import java.util.stream.Stream;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.testing.ArrayFile;
import org.imagerl.diffusion.testing.GoldenFolder;
import org.imagerl.diffusion.testing.ModelCase;
import org.imagerl.spi.Chain;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Context;
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
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Prompt to picture against diffusers: every checkpoint of golden/pipelines that is a Stable Diffusion one. */
class GoldenPipelinesTest {

    static PipelineFactory.Options options() {
        return new PipelineFactory.Options("float32", false, new Context(Path.of("."), "cpu", 2, warning -> {}));
    }

    @TestFactory
    Stream<DynamicTest> picturesEqualDiffusers() throws IOException {
        return GoldenFolder.tests(
                "pipelines/*/case.json",
                file -> Stream.of(
                        dynamicTest(String.valueOf(file.getParent().getFileName()), () -> check(file.getParent()))));
    }

    private static void check(Path folder) throws IOException {
        StableDiffusionFactory factory = new StableDiffusionFactory();
        Assumptions.assumeTrue(factory.recognises(folder), folder + " is not of this module");
        JsonNode call = new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("case.json")));
        double limit = call.get("rtol").asDouble();
        List<Prompt> prompts = new ArrayList<>();
        for (JsonNode prompt : call.get("prompts")) {
            prompts.add(Prompt.of("p" + prompts.size(), prompt.asString()));
        }
        try (Pipeline pipeline = factory.open(folder, options());
                NDManager manager = pipeline.manager().newSubManager()) {
            Map<String, NDArray> expected = ArrayFile.read(folder.resolve("expected.safetensors"), manager);
            GuidedPolicy.Settings settings = new GuidedPolicy.Settings(
                    call.get("guidance_scale").asDouble(),
                    call.get("negative_prompt").asString(),
                    pipeline.defaultSize());
            GuidedPolicy policy = new GuidedPolicy(pipeline, null, settings);
            int[] size = pipeline.defaultSize();
            Chain chain = new DdimDynamics(
                            new DdimDynamics.Config(call.get("eta").asDouble()))
                    .chain(
                            pipeline.schedule(size[0], size[1]),
                            call.get("num_inference_steps").asInt());
            Gradients.off(() -> {
                Conditioning conditioning = policy.encode(prompts);
                close("prompt_embeds", conditioning.positive().get("encoder_hidden_states"), expected, limit);
                close("negative_prompt_embeds", conditioning.negative().get("encoder_hidden_states"), expected, limit);
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
