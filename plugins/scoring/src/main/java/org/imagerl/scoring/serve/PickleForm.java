package org.imagerl.scoring.serve;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imagerl.scoring.http.Refusal;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BinaryNode;

/**
 * The pickles of flow_grpo, VeRL-Omni and DeepGen: {@code {"images": [bytes, ..], "prompts": [str, ..], "metadata": {}}}, answered with
 * {@code {"scores": [float, ..], "outputs": the same}}, since one client reads {@code scores} and another {@code outputs}. The fields of
 * the prompts are in {@code meta_datas}, one dict per image, at the top as flow_grpo sends them or in {@code metadata} as DeepGen does.
 * Clients that send no prompts, as flow_grpo's do for GenEval, have them in the field {@code prompt} of these.
 */
final class PickleForm implements Form {
    private static final String FIELDS = "meta_datas";
    /** What requests and aiohttp send with bytes. */
    private static final Set<String> TYPES = Set.of("", "application/octet-stream");

    @Override
    public String path(String asked) {
        if (asked.equals("/") || asked.equals("/score")) {
            return RewardHandler.COMPUTE;
        }
        // DeepGen's client ends every address with a slash
        return asked.endsWith("/") ? asked.substring(0, asked.length() - 1) : asked;
    }

    @Override
    public void requireType(String type) throws Refusal {
        if (!TYPES.contains(type.strip())) {
            throw new Refusal(
                    415, "Content-Type is " + Quote.of(type) + "; it must be application/octet-stream, or missing");
        }
    }

    @Override
    public Question read(InputStream body, long bytes, ServerLimits limits, MemoryBudget.Share memory) throws Refusal {
        JsonNode request = request(body, Math.toIntExact(bytes));
        JsonNode images = Question.list(request, "images");
        int count = Question.count(images);
        JsonNode fields = request.has(FIELDS)
                ? request.path(FIELDS)
                : request.path("metadata").path(FIELDS);
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Map<String, String> own = Question.fields(fields, FIELDS, i, count);
            String text = text(request, i, count, own);
            prompts.add(new Prompt(text, text, own));
        }
        return new Question(Question.images(images, "images", PickleForm::file, limits.pixels(), memory), prompts);
    }

    private static JsonNode request(InputStream body, int length) throws Refusal {
        byte[] bytes = new byte[length];
        try {
            JsonNode request =
                    PickleReader.read("the request", Arrays.copyOf(bytes, body.readNBytes(bytes, 0, length)));
            if (request.isObject()) {
                return request;
            }
        } catch (UserException e) {
            throw new Refusal(400, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new Refusal(400, "the request cannot be read: " + e.getMessage());
        }
        throw new Refusal(400, "the request is no dict");
    }

    private static String text(JsonNode request, int index, int count, Map<String, String> fields) throws Refusal {
        if (!request.has("prompts")) {
            return fields.getOrDefault("prompt", "");
        }
        JsonNode texts = Question.list(request, "prompts");
        Question.requireAsMany(texts, count);
        return Question.text(texts, "prompts", index);
    }

    private static byte[] file(JsonNode node, String name) throws Refusal {
        if (node instanceof BinaryNode bytes) {
            return bytes.binaryValue();
        }
        throw new Refusal(400, name + " is no bytes; it must be the file of an image");
    }

    /** @throws Refusal if an image has no score: a client would take whatever stood there for one, and train on it */
    @Override
    public Body scores(RewardTable table) throws Refusal {
        double[] totals = Answers.totals(table);
        for (int i = 0; i < totals.length; i++) {
            if (Double.isNaN(totals[i])) {
                throw new Refusal(422, "images[" + i + "] has no score: " + Answers.reasons(table, i));
            }
        }
        List<Double> scores = Arrays.stream(totals).boxed().toList();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("scores", scores);
        answer.put("outputs", scores);
        table.columns().forEach(column -> answer.putAll(GenEvalLists.of(column.scores())));
        return new Body("application/octet-stream", PickleWriter.write(answer));
    }

    /**
     * Plain text. Some clients give it to {@code pickle.loads} first, and fail with its first letter: {@code e} asks for a mark that is not
     * there. Other letters would be instructions, {@code c} one to import a module.
     */
    @Override
    public Body error(String reason) {
        return new Body("text/plain; charset=utf-8", ("error: " + reason).getBytes(StandardCharsets.UTF_8));
    }
}
