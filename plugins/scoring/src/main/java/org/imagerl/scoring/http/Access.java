package org.imagerl.scoring.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.HostPort;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Sha256;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/**
 * Decides which requests are answered. Any web page that is open on this machine can send requests to its servers, in
 * two ways: as itself, which its browser says in {@code Origin} or {@code Sec-Fetch-Site}; or, with a name that it lets
 * point to this machine (DNS rebinding), as a page of this server, which its browser says in {@code Host}. Both are
 * refused. Addresses in numbers cannot be made to point elsewhere.
 */
public final class Access {
    /** Fewest characters of a token: what is shorter can be guessed. */
    public static final int MIN_TOKEN = 16;

    private static final int MAX_TOKEN = 4096;
    private static final Pattern TOKEN = Pattern.compile("[!-~]+");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final String BEARER = "bearer ";

    private final byte @Nullable [] token;
    private final Set<String> hosts;

    private Access(byte @Nullable [] token, Collection<String> hosts) {
        this.token = token;
        this.hosts = new HashSet<>();
        this.hosts.add("localhost");
        hosts.forEach(host -> this.hosts.add(host.toLowerCase(Locale.ROOT)));
    }

    /**
     * Access for every client that reaches the port under the name localhost, an address in numbers or one of the
     * names.
     */
    public static Access open(Collection<String> hosts) {
        return new Access(null, hosts);
    }

    /**
     * Access for clients that send the token.
     *
     * @param token at least {@link #MIN_TOKEN} visible characters of ASCII
     * @param source where it is from, for messages
     * @param hosts the names that the server has beside localhost and addresses in numbers
     * @throws UserException if the token cannot be one
     */
    public static Access token(String token, String source, Collection<String> hosts) {
        if (token.length() < MIN_TOKEN
                || token.length() > MAX_TOKEN
                || !TOKEN.matcher(token).matches()) {
            throw UserException.input(source + ": a token has from " + MIN_TOKEN + " to " + MAX_TOKEN
                    + " visible ASCII characters without blanks, not " + token.length()
                    + " characters like these; make one with: openssl rand -hex 32");
        }
        return new Access(hash(token), hosts);
    }

    /**
     * Refuses to be open to other machines.
     *
     * @throws UserException if other machines reach the address and no token is asked for
     */
    public void requireFor(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        if (token == null && host != null && !host.isLoopbackAddress()) {
            throw UserException.input("--host " + address.getHostString() + " can be reached from other machines,"
                    + " and everybody there could use the rewards; set a token in the environment variable"
                    + " IMAGERL_SERVE_TOKEN or a file that --token-file names, or serve on --host 127.0.0.1");
        }
    }

    /**
     * Lets a request pass.
     *
     * @throws Refusal if who sent it may not ask
     */
    public void check(Request request) throws Refusal {
        checkPage(request);
        List<String> named = request.getHeaders().getValuesList(HttpHeader.HOST);
        checkHost(request.getHttpURI().getHost());
        for (String host : named) {
            checkHost(host(host));
        }
        if (token != null && !hasToken(request)) {
            throw new Refusal(401, "this server wants its token: Authorization: Bearer TOKEN");
        }
    }

    private static void checkPage(Request request) throws Refusal {
        String site = request.getHeaders().get("Sec-Fetch-Site");
        boolean page = site != null && !site.equals("none") && !site.equals("same-origin");
        if (page || request.getHeaders().contains(HttpHeader.ORIGIN)) {
            throw new Refusal(403, "web pages are not served: a request must have no Origin and no Sec-Fetch-Site");
        }
    }

    private void checkHost(@Nullable String host) throws Refusal {
        if (host == null || host.isEmpty()) {
            throw new Refusal(400, "the request has no Host");
        }
        String name = host.toLowerCase(Locale.ROOT);
        boolean number =
                name.startsWith("[") || name.contains(":") || IPV4.matcher(name).matches();
        if (!number && !hosts.contains(name)) {
            throw new Refusal(
                    403,
                    "Host is " + Quote.of(host) + "; this server is localhost or an address in numbers, and has other"
                            + " names only with --allow-host NAME");
        }
    }

    private static String host(String header) throws Refusal {
        try {
            return new HostPort(header).getHost();
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "Host is " + Quote.of(header) + ", which is no host");
        }
    }

    private boolean hasToken(Request request) {
        List<String> given = request.getHeaders().getValuesList(HttpHeader.AUTHORIZATION);
        if (given.size() != 1 || !given.get(0).toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            return false;
        }
        // Hashes are as long as each other, and a comparison in constant time says nothing about where they differ.
        return MessageDigest.isEqual(
                token, hash(given.get(0).substring(BEARER.length()).strip()));
    }

    private static byte[] hash(String token) {
        return Sha256.ofText(token).getBytes(StandardCharsets.US_ASCII);
    }
}
