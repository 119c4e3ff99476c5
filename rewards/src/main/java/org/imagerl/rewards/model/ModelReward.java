package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.Workers;

/**
 * An ONNX model as a reward. Images of one prompt share a run, {@code batch} at a time; runs are spread over threads. What else is
 * in a run never changes the length of a prompt, so that with a batch of 1 a score depends on nothing but the image and its prompt.
 */
final class ModelReward implements Reward {
    private final ModelPlan plan;
    private final Workers workers;

    /** Takes over both. */
    ModelReward(ModelPlan plan, Workers workers) {
        this.plan = plan;
        this.workers = workers;
    }

    @Override
    public Spec spec() {
        return plan.spec();
    }

    @Override
    public List<Path> files() {
        return plan.files();
    }

    @Override
    public Map<String, String> facts() {
        return plan.facts();
    }

    @Override
    public List<Golden> golden() {
        return plan.golden();
    }

    @Override
    public void check(Prompt prompt) {
        if (plan.scorer().readsPrompts() && prompt.text().isBlank()) {
            throw UserException.input("the reward compares images with their prompts, and this one has none; give one"
                    + " with --prompt or --prompts, or beside the image in NAME.txt");
        }
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        List<List<Integer>> runs = runs(prompts);
        Score[] scores = new Score[images.size()];
        List<Score[]> parts = workers.map(runs.size(), i -> run(runs.get(i), images, prompts));
        for (int i = 0; i < runs.size(); i++) {
            for (int j = 0; j < runs.get(i).size(); j++) {
                scores[runs.get(i).get(j)] = parts.get(i)[j];
            }
        }
        return Arrays.asList(scores);
    }

    /** The images of each run: of one prompt, if that matters, and no more than fit. */
    private List<List<Integer>> runs(List<Prompt> prompts) {
        Map<String, List<Integer>> byPrompt = new LinkedHashMap<>();
        for (int i = 0; i < prompts.size(); i++) {
            String key = plan.scorer().readsPrompts() ? prompts.get(i).text() : "";
            byPrompt.computeIfAbsent(key, text -> new ArrayList<>()).add(i);
        }
        List<List<Integer>> runs = new ArrayList<>();
        for (List<Integer> same : byPrompt.values()) {
            for (int from = 0; from < same.size(); from += plan.batch()) {
                runs.add(same.subList(from, Math.min(same.size(), from + plan.batch())));
            }
        }
        return runs;
    }

    private Score[] run(List<Integer> indices, List<RgbImage> images, List<Prompt> prompts) {
        Score[] scores = new Score[indices.size()];
        try {
            String prompt = prompts.get(indices.get(0)).text();
            double[] values =
                    plan.scorer().score(indices.stream().map(images::get).toList(), prompt);
            Arrays.setAll(scores, i -> Score.of(plan.formula().apply(values[i])));
        } catch (OrtException e) {
            Arrays.fill(scores, Score.failed("ONNX Runtime failed: " + e.getMessage()));
        } catch (UserException e) {
            Arrays.fill(scores, Score.failed(String.valueOf(e.getMessage())));
        }
        return scores;
    }

    @Override
    public void close() {
        workers.close();
        plan.close();
    }
}
