package org.imagerl.rewards.remote;

import org.jspecify.annotations.Nullable;

/** The settings of a judge that tests change; the others are the defaults, with few and quick retries. */
final class JudgeBuilder {
    private final JudgeConfig defaults = new JudgeFactory().defaults();
    private final String url;
    String model = "some-vlm";
    String question = defaults.question();

    @Nullable
    String pattern = defaults.scorePattern();

    @Nullable
    String path;

    double min;
    double max = 10;
    String options = defaults.options();

    @Nullable
    String token;

    double timeout = 60;
    int retries = 2;
    double retrySeconds = 0.001;
    int workers = 2;
    double perMinute;

    @Nullable
    String cache;

    @Nullable
    String costs;

    JudgeBuilder(String url) {
        this.url = url;
    }

    JudgeConfig build() {
        return new JudgeConfig(
                url,
                model,
                question,
                pattern,
                path,
                min,
                max,
                true,
                defaults.unit(),
                options,
                token,
                timeout,
                retries,
                retrySeconds,
                workers,
                perMinute,
                cache,
                costs);
    }
}
