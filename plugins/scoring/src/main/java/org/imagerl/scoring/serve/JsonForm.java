package org.imagerl.scoring.serve;

import java.io.InputStream;
import org.imagerl.scoring.http.Refusal;
import org.imagerl.scoring.reward.RewardTable;
import org.imagerl.spi.text.Quote;

/** JSON, as in Flow-Factory. */
final class JsonForm implements Form {
    @Override
    public String path(String asked) {
        return asked;
    }

    /** JSON and nothing else: a form of a web page can have other types, and is sent without asking. */
    @Override
    public void requireType(String type) throws Refusal {
        String[] parts = type.replace(" ", "").split(";", -1);
        boolean json = parts[0].equals("application/json");
        boolean utf8 = parts.length == 1 || parts[1].replace("\"", "").equals("charset=utf-8") || parts[1].isEmpty();
        if (!json || !utf8) {
            throw new Refusal(415, "Content-Type is " + Quote.of(type) + "; it must be application/json, in UTF-8");
        }
    }

    @Override
    public Question read(InputStream body, long bytes, ServerLimits limits, MemoryBudget.Share memory) throws Refusal {
        return Question.read(body, limits, memory);
    }

    @Override
    public Body scores(RewardTable table) {
        return Answers.json(Answers.scores(table));
    }

    @Override
    public Body error(String reason) {
        return Answers.error(reason);
    }
}
