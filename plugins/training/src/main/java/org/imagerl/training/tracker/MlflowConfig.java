package org.imagerl.training.tracker;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.function.UnaryOperator;
import org.imagerl.spi.Source;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * A tracking server of MLflow. Tokens do not belong in a configuration, which is copied into the folder of the run: they are in the
 * environment variables that MLflow's own client reads ({@link MlflowServer}).
 *
 * @param url of the server, {@code http://127.0.0.1:5000}; by default the value of {@value #URL_VARIABLE}
 * @param experiment that the run is filed under; made if the server has none of this name
 */
@Source("url")
record MlflowConfig(@Nullable String url, String experiment) {
    static final String URL_VARIABLE = "MLFLOW_TRACKING_URI";

    /** Refuses an experiment without a name. */
    MlflowConfig {
        if (experiment.isBlank() || experiment.length() > 250) {
            throw UserException.input("experiment must be a name of 1 to 250 characters");
        }
    }

    /**
     * The address of the server, without a slash at its end.
     *
     * @param environment gives the value of a variable, or null
     * @throws UserException if there is none, or it is none of a server
     */
    String server(UnaryOperator<@Nullable String> environment) {
        String given = url == null ? environment.apply(URL_VARIABLE) : url;
        if (given == null || given.isBlank()) {
            throw UserException.input("url is missing; give the address of the tracking server, as in"
                    + " http://127.0.0.1:5000, or set the environment variable " + URL_VARIABLE);
        }
        String where = url == null ? URL_VARIABLE : "url";
        try {
            URI uri = new URI(given.strip().replaceFirst("/+$", ""));
            if (uri.getRawUserInfo() != null) {
                throw UserException.input(
                        where + " has a name or a password in it, which would be copied into the folder"
                                + " of the run; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead");
            }
            boolean plain = uri.getRawQuery() == null && uri.getRawFragment() == null;
            if (plain && uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri.toString();
            }
        } catch (URISyntaxException e) {
            throw UserException.input(where + " is " + Quote.of(given) + ", which is no address: " + e.getReason(), e);
        }
        throw UserException.input(where + " is " + Quote.of(given)
                + "; it must be the address of a tracking server, as in" + " http://127.0.0.1:5000");
    }
}
