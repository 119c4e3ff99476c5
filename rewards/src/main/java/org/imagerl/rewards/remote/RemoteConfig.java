package org.imagerl.rewards.remote;

import java.net.URI;
import java.util.function.UnaryOperator;
import org.imagerl.spi.Source;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * A scorer that is asked over HTTP.
 *
 * @param url of the server, without {@code /compute}
 * @param timeoutSeconds for one request, from sending it to the last byte of the answer
 * @param retries how often a request that failed is sent again
 * @param batchSize images per request
 * @param workers requests at a time
 * @param min lowest possible score; unbounded if absent
 * @param max highest possible score; unbounded if absent
 * @param higherIsBetter whether better images have higher scores
 * @param unit what one unit is, for people
 * @param tokenVariable the environment variable with the token that requests send, {@code Authorization: Bearer TOKEN}; none is sent
 *     if absent. The token itself does not belong in a configuration, which is copied into the folder of the run.
 */
@Source("url")
public record RemoteConfig(
        String url,
        double timeoutSeconds,
        int retries,
        int batchSize,
        int workers,
        @Nullable Double min,
        @Nullable Double max,
        boolean higherIsBetter,
        String unit,
        @Nullable String tokenVariable) {
    /** Refuses what cannot be. */
    public RemoteConfig {
        if (!(timeoutSeconds > 0 && timeoutSeconds <= 86_400)) {
            throw UserException.input(
                    "timeout_seconds is " + timeoutSeconds + "; it must be above 0 and at most 86400");
        }
        if (retries < 0 || retries > 100 || batchSize < 1 || batchSize > 4096 || workers < 1 || workers > 256) {
            throw UserException.input(
                    "retries must be from 0 to 100, batch_size from 1 to 4096, workers from 1 to 256; they" + " are "
                            + retries + ", " + batchSize + " and " + workers);
        }
    }

    /**
     * The token.
     *
     * @param environment gives the value of a variable, or null
     * @throws UserException if there is none under the name, or it cannot be sent
     */
    @Nullable
    String token(UnaryOperator<@Nullable String> environment) {
        return ServerAddress.token(tokenVariable, environment);
    }

    /** The address of an end point. */
    URI end(String path) {
        return ServerAddress.end(url, path);
    }
}
