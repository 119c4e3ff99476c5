package org.imagerl.scoring.serve;

import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.thread.Scheduler;
import org.imagerl.scoring.http.Refusal;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads requests and scores their images, within the limits. */
final class Scoring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scoring.class);

    private final WeightedRewards rewards;
    private final ServerLimits limits;
    private final Form form;
    private final Scheduler scheduler;
    private final Places places;
    private final AtomicInteger active = new AtomicInteger();
    /** Of bodies: an eighth of the heap, of which reading makes three. */
    private final MemoryBudget bodies;
    /** Of images: a quarter of the heap. What decoding them takes has a budget of its own. */
    private final MemoryBudget pixels = new MemoryBudget(Runtime.getRuntime().maxMemory() / 4);

    Scoring(WeightedRewards rewards, ServerLimits limits, Form form, Scheduler scheduler) {
        this.rewards = rewards;
        this.limits = limits;
        this.form = form;
        this.scheduler = scheduler;
        this.places = new Places(limits.concurrency(), limits.waiting());
        this.bodies = new MemoryBudget(
                Math.max(limits.requestBytes(), Runtime.getRuntime().maxMemory() / 8));
    }

    /** Requests that have come whole and are not answered yet. */
    int active() {
        return active.get();
    }

    /** What bodies take now, in bytes. */
    long bodyBytes() {
        return bodies.taken();
    }

    /**
     * Reads a request, and scores it unless it is refused.
     *
     * @param asked by what
     * @param refused why not; null if it is to be scored
     */
    void begin(Exchange exchange, List<WeightedRewards.Entry> asked, @Nullable Refusal refused) {
        long start = System.nanoTime();
        MemoryBudget.Share share = bodies.share();
        Scheduler.Task late = after(limits.reading(), start, () -> {
            share.close();
            exchange.refuse(new Refusal(408, "the request was not sent within " + seconds(limits.reading())), true);
        });
        BodyReader reader = new BodyReader(exchange, share, limits.requestBytes(), (body, bytes) -> {
            late.cancel();
            score(exchange, asked, body, bytes, share, start);
        });
        Refusal reason = refused == null ? busy() : refused;
        if (reason == null) {
            reader.begin();
        } else {
            reader.refuse(reason);
        }
        if (exchange.answered()) {
            late.cancel();
        }
    }

    private @Nullable Refusal busy() {
        try {
            places.requireFree();
            return null;
        } catch (Refusal e) {
            return e;
        }
    }

    private Scheduler.Task after(Duration limit, long start, Runnable what) {
        return scheduler.schedule(what, limit.toNanos() - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }

    private void score(
            Exchange exchange,
            List<WeightedRewards.Entry> asked,
            InputStream body,
            long bytes,
            MemoryBudget.Share share,
            long start) {
        active.incrementAndGet();
        exchange.onCompletion(active::decrementAndGet);
        try {
            Places.Job job = places.take(() -> answer(exchange, asked, body, bytes, share));
            Scheduler.Task late = after(limits.total(), start, () -> {
                exchange.refuse(new Refusal(
                        503, "not scored within " + seconds(limits.total()) + "; send fewer images, or try again"));
                if (job.cancel()) {
                    share.close();
                }
            });
            exchange.onCompletion(late::cancel); // before the answer can be: the task keeps the request in memory
            job.start();
        } catch (Refusal e) {
            share.close();
            exchange.refuse(e);
        }
    }

    private void answer(
            Exchange exchange,
            List<WeightedRewards.Entry> asked,
            InputStream body,
            long bytes,
            MemoryBudget.Share share) {
        try (MemoryBudget.Share memory = pixels.share()) {
            Question question;
            try (share) {
                question = form.read(body, bytes, limits, memory);
            }
            if (!exchange.answered()) {
                exchange.answer(form.scores(rewards.score(asked, question.images(), question.prompts())));
            }
        } catch (Refusal e) {
            exchange.refuse(e);
        } catch (CancellationException e) {
            exchange.refuse(new Refusal(503, "interrupted: " + e.getMessage()));
        } catch (UserException e) {
            exchange.refuse(new Refusal(500, String.valueOf(e.getMessage())));
        } catch (OutOfMemoryError e) {
            exchange.refuse(new Refusal(503, "memory ran out; send fewer or smaller images"));
        } catch (RuntimeException | Error e) {
            LOG.warn("a request failed: {}", Quote.plain(e.toString()));
            exchange.refuse(new Refusal(500, "internal error: " + Quote.plain(e.toString())));
        }
    }

    @Override
    public void close() {
        places.close();
    }
}
