package org.imagerl.training.tracker;

import java.time.Clock;
import java.util.function.UnaryOperator;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.run.Tracker;
import org.jspecify.annotations.Nullable;

/** Makes a tracker that sends to a tracking server of MLflow. Whether the server is there shows when the run begins. */
final class MlflowFactory implements Factory<Tracker, MlflowConfig> {
    private final UnaryOperator<@Nullable String> environment;

    /** @param environment gives the value of a variable, or null */
    MlflowFactory(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    @Override
    public String name() {
        return "mlflow";
    }

    @Override
    public String description() {
        return "a tracking server of MLflow, by its REST API: metrics, configuration, sample grids";
    }

    @Override
    public MlflowConfig defaults() {
        return new MlflowConfig(null, "imagerl");
    }

    @Override
    public Tracker create(MlflowConfig config, Context context) {
        MlflowServer server = new MlflowServer(config.server(environment), environment);
        return new MlflowTracker(server, config.experiment(), Clock.systemUTC(), context.warnings());
    }
}
