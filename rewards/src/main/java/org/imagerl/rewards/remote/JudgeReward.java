package org.imagerl.rewards.remote;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.Score;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.spi.work.Workers;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a vision-language model for a score of each image: {@code POST /chat/completions} with one message of a text and the image as a PNG in a
 * data URL. What goes wrong is a failed score with its reason, never a zero.
 *
 * <p>Source: OpenAI's API of chat completions, as vLLM, SGLang, llama.cpp, Ollama and others serve it. Answers whose score was read are kept
 * by the hash of the address and the whole request: the model, its options, the question with the prompt, and the image.
 */
final class JudgeReward implements Reward {
    private static final JsonMapper JSON = new JsonMapper();

    private final JudgeConfig config;
    private final QuestionTemplate template;
    private final ScoreReader reader;
    private final JudgeClient client;
    private final Workers workers;

    @Nullable
    private final JudgeCache cache;

    @Nullable
    private final CostLog costs;

    /** Takes over client and costs. */
    JudgeReward(JudgeConfig config, JudgeClient client, @Nullable JudgeCache cache, @Nullable CostLog costs) {
        this.config = config;
        this.template = new QuestionTemplate(config.question());
        this.reader = config.reader();
        this.client = client;
        this.cache = cache;
        this.costs = costs;
        this.workers = new Workers(config.workers(), "vlm-judge");
    }

    @Override
    public Spec spec() {
        return new Spec(Scope.POINTWISE, config.min(), config.max(), config.higherIsBetter(), config.unit());
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("server", config.url());
        facts.put("model", config.model());
        facts.put("question", config.question());
        facts.put("options", config.options());
        return facts;
    }

    @Override
    public void check(Prompt prompt) {
        template.fill(prompt);
    }

    @Override
    public List<Score> score(List<RgbImage> images, List<Prompt> prompts) {
        return workers.map(images.size(), i -> score(images.get(i), prompts.get(i)));
    }

    private Score score(RgbImage image, Prompt prompt) {
        String question;
        try {
            question = question(image, template.fill(prompt)).toString();
        } catch (UserException e) {
            return Score.failed(String.valueOf(e.getMessage()));
        }
        String key = config.url() + "\n" + question;
        JudgeAnswer kept = cache == null ? null : cache.find(key);
        if (kept != null) {
            Score score = score(kept);
            if (score.ok()) {
                return score; // otherwise the score is looked for elsewhere than it was then
            }
        }
        try {
            return asked(key, question);
        } catch (Failure e) {
            int attempts = e.again() ? config.retries() + 1 : 1;
            return Score.failed("judge " + config.url() + ": " + e.getMessage()
                    + (attempts == 1 ? "" : " (after " + attempts + " attempts)"));
        }
    }

    private Score asked(String key, String question) {
        JudgeAnswer answer = client.ask(question);
        if (costs != null) {
            costs.add(config.model(), answer);
        }
        Score score = score(answer);
        if (cache != null && score.ok()) {
            cache.keep(key, answer);
        }
        return score;
    }

    private ObjectNode question(RgbImage image, String text) {
        ObjectNode question = JSON.createObjectNode();
        question.put("model", config.model());
        question.setAll(config.further());
        ObjectNode message = question.putArray("messages").addObject();
        message.put("role", "user");
        ArrayNode content = message.putArray("content");
        content.addObject().put("type", "text").put("text", text);
        content.addObject()
                .put("type", "image_url")
                .putObject("image_url")
                .put("url", "data:image/png;base64," + base64(image));
        return question;
    }

    private static String base64(RgbImage image) {
        return Base64.getEncoder().encodeToString(PngWriter.encode(image, Map.of()));
    }

    private Score score(JudgeAnswer answer) {
        OptionalDouble found = reader.read(answer.text());
        if (found.isEmpty()) {
            return Score.failed(answer.problem());
        }
        double value = found.getAsDouble();
        if (!(value >= config.min() && value <= config.max())) {
            return Score.failed("the score " + value + " is not from " + config.min() + " to " + config.max()
                    + ", in the answer " + Quote.of(answer.text()));
        }
        return new Score(value, details(answer), null);
    }

    private static Map<String, String> details(JudgeAnswer answer) {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("answer", Quote.lines(answer.text()));
        if (answer.promptTokens() != null) {
            details.put("prompt_tokens", answer.promptTokens().toString());
        }
        if (answer.completionTokens() != null) {
            details.put("completion_tokens", answer.completionTokens().toString());
        }
        return details;
    }

    @Override
    public void close() {
        workers.close();
        client.close();
        if (costs != null) {
            costs.close();
        }
    }
}
