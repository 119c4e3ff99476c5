package org.imagerl.rewards.remote;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/** The address of a server in a configuration, and the environment variable that has its token. */
final class ServerAddress {
    private static final Pattern TOKEN = Pattern.compile("[!-~]{1,4096}");

    private ServerAddress() {}

    /**
     * The address of an end point.
     *
     * @param url of the server
     * @param path that is appended to it
     * @throws UserException if that is no address over HTTP
     */
    static URI end(String url, String path) {
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

    /**
     * The token.
     *
     * @param variable that has it; none is needed if null
     * @param environment gives the value of a variable, or null
     * @throws UserException if there is none under the name, or it cannot be sent
     */
    @Nullable
    static String token(@Nullable String variable, UnaryOperator<@Nullable String> environment) {
        if (variable == null) {
            return null;
        }
        String value = environment.apply(variable);
        String token = value == null ? "" : value.strip();
        if (!TOKEN.matcher(token).matches()) {
            throw UserException.input("token_variable is " + Quote.of(variable) + "; this environment variable "
                    + (token.isEmpty()
                            ? "is not set; export it"
                            : "has blanks or characters beyond ASCII, as no token has"));
        }
        return token;
    }
}
