package org.imagerl.scoring.serve;

import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.imagerl.scoring.http.Access;
import org.imagerl.scoring.http.HttpServer;
import org.imagerl.scoring.http.Refusal;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/** Checks who sent a request, to which path and in which form, and hands it on. It never blocks. */
final class RewardHandler extends Handler.Abstract.NonBlocking {
    private static final String HEALTH = "/health";
    static final String COMPUTE = "/compute";

    private final WeightedRewards rewards;
    private final Access access;
    private final HttpServer server;
    private final Scoring scoring;
    private final Form form;
    private volatile boolean closing;

    RewardHandler(WeightedRewards rewards, Access access, HttpServer server, Scoring scoring, Form form) {
        this.rewards = rewards;
        this.access = access;
        this.server = server;
        this.scoring = scoring;
        this.form = form;
    }

    /** Refuses what comes from now on. */
    void refuseMore() {
        closing = true;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        server.begin(request);
        request.addIdleTimeoutListener(timeout -> false); // scoring is silent, and has a limit of its own
        Exchange exchange = new Exchange(request, response, callback, form);
        try {
            access.check(request);
            if (closing) {
                throw new Refusal(503, "the server is closing");
            }
            String path = String.valueOf(request.getHttpURI().getDecodedPath());
            if (path.equals(HEALTH)) {
                requireMethod(request, response, "GET", "HEAD");
                exchange.answer(Answers.health(rewards));
            } else {
                List<WeightedRewards.Entry> asked = asked(form.path(path));
                requireMethod(request, response, "POST");
                requireType(request);
                scoring.begin(exchange, asked, null);
            }
        } catch (Refusal e) {
            scoring.begin(exchange, List.of(), e);
        }
        return true;
    }

    private List<WeightedRewards.Entry> asked(String path) throws Refusal {
        if (path.equals(COMPUTE) || path.equals(COMPUTE + "/")) {
            return rewards.entries();
        }
        if (!path.startsWith(COMPUTE + "/")) {
            throw new Refusal(404, "there is no " + Quote.of(path) + "; there are /health, /compute and /compute/NAME");
        }
        String name = path.substring(COMPUTE.length() + 1);
        List<WeightedRewards.Entry> asked = rewards.entries().stream()
                .filter(entry -> entry.name().equals(name))
                .toList();
        if (asked.isEmpty()) {
            throw new Refusal(404, "there is no reward " + Quote.of(name) + "; there are " + rewards.names());
        }
        return asked;
    }

    private static void requireMethod(Request request, Response response, String... methods) throws Refusal {
        if (!List.of(methods).contains(request.getMethod())) {
            String allowed = String.join(", ", methods);
            response.getHeaders().put(HttpHeader.ALLOW, allowed);
            throw new Refusal(405, "use " + allowed);
        }
    }

    private void requireType(Request request) throws Refusal {
        form.requireType(value(request, HttpHeader.CONTENT_TYPE));
        String encoding = value(request, HttpHeader.CONTENT_ENCODING);
        if (!encoding.isEmpty() && !encoding.equals("identity")) {
            throw new Refusal(415, "Content-Encoding is " + Quote.of(encoding) + "; send the request as it is");
        }
    }

    private static String value(Request request, HttpHeader header) {
        @Nullable String value = request.getHeaders().get(header);
        return value == null ? "" : value.toLowerCase(Locale.ROOT);
    }
}
