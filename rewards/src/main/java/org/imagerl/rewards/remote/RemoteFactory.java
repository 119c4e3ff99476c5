package org.imagerl.rewards.remote;

import java.util.function.UnaryOperator;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.jspecify.annotations.Nullable;

/** Makes a reward that is scored by a server. */
public final class RemoteFactory implements Factory<Reward, RemoteConfig> {

    private final UnaryOperator<@Nullable String> environment;

    /** With the environment of this process. */
    public RemoteFactory() {
        this(System::getenv);
    }

    /** @param environment gives the value of a variable, or null */
    RemoteFactory(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    @Override
    public String name() {
        return "remote";
    }

    @Override
    public String description() {
        return "scores of a server: GET /health, POST /compute with prompts and PNG images as JSON";
    }

    @Override
    @SuppressWarnings("NullAway") // the address is required: it has no default
    public RemoteConfig defaults() {
        return new RemoteConfig(null, 60, 2, 16, 1, null, null, true, "as the server gives it", null);
    }

    @Override
    public Reward create(RemoteConfig config, Context context) {
        RemoteReward reward = new RemoteReward(config, config.token(environment));
        try {
            reward.requireHealth();
            return reward;
        } catch (RuntimeException e) {
            reward.close();
            throw e;
        }
    }
}
