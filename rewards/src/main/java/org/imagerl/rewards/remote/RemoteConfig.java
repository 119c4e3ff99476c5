package org.imagerl.rewards.remote;

import java.net.URI;
import java.net.URISyntaxException;
import org.imagerl.spi.Source;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/**
 * A scorer that is asked over HTTP.
 *
 * @param url of the server, without {@code /compute}
 * @param timeoutSeconds for one request, from sending it to the last byte of the answer
 * @param retries how often a request that failed is sent again
 * @param batchSize pictures per request
 * @param workers requests at a time
 * @param min lowest possible score; unbounded if absent
 * @param max highest possible score; unbounded if absent
 * @param higherIsBetter whether better pictures have higher scores
 * @param unit what one unit is, for people
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
        String unit) {

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

    /** The address of an end point. */
    URI end(String path) {
        try {
            URI uri = new URI(url.replaceFirst("/+$", "") + path);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw UserException.input("url is '" + url + "', which is no address: " + e.getReason(), e);
        }
        throw UserException.input("url is '" + url + "'; it must be as in http://127.0.0.1:8000");
    }
}
