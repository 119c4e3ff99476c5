package org.imagerl.cli.score;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.Numbers;
import org.imagerl.scoring.http.Access;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.scoring.serve.Protocol;
import org.imagerl.scoring.serve.RewardServer;
import org.imagerl.scoring.serve.ServerLimits;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.BoundedFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code imagerl serve-rewards}. */
@Command(
        name = "serve-rewards",
        mixinStandardHelpOptions = true,
        header = "Serves rewards over HTTP, for trainers in other languages.",
        description = "GET /health; POST /compute (the weighted sum) or /compute/NAME with {\"prompt\": [..], "
                + "\"image\": [base64, ..]}, answered with {\"rewards\": [..]}. Only this machine can reach "
                + "the server, unless --host names another address. That needs a token, in the environment "
                + "variable IMAGERL_SERVE_TOKEN or in a file. Requests send it as Authorization: Bearer TOKEN. "
                + "Ends with Ctrl-C.")
final class ServeRewardsVerb implements Callable<Integer> {
    private static final String TOKEN = "IMAGERL_SERVE_TOKEN";
    private static final int MAX_TOKEN_BYTES = 1 << 14;
    /** For requests that are being answered. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final CliContext session;

    @Option(
            names = "--reward",
            required = true,
            paramLabel = "REWARD",
            description = "A reward as for imagerl score. Can be given several times.")
    private List<String> rewards = List.of();

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            description = "json (or flow-factory), or flow-grpo: the pickles of flow_grpo, VeRL-Omni and DeepGen. "
                    + "Default: ${DEFAULT-VALUE}")
    private String protocol = "json";

    @Option(names = "--host", description = "The address to listen on. Default: ${DEFAULT-VALUE}")
    private String host = "127.0.0.1";

    @Option(names = "--port", description = "0 takes any free port. Default: ${DEFAULT-VALUE}")
    private int port = 8000;

    @Option(
            names = "--max-request-mb",
            paramLabel = "N",
            description = "Larger requests are refused. Default: ${DEFAULT-VALUE}")
    private int maxRequestMegabytes = 64;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "Requests that are scored at a time. Default: ${DEFAULT-VALUE}")
    private int concurrency = 4;

    @Option(
            names = "--queue",
            paramLabel = "N",
            description = "Requests that wait for their turn; more are refused. Default: ${DEFAULT-VALUE}")
    private int queue = 64;

    @Option(
            names = "--max-megapixels",
            paramLabel = "N",
            description = "A request whose images have more megapixels in total is refused. Default: ${DEFAULT-VALUE}")
    private int maxMegapixels = 64;

    @Option(
            names = "--read-seconds",
            paramLabel = "N",
            description = "A request that is not sent within this time is refused. Default: ${DEFAULT-VALUE}")
    private int readSeconds = 60;

    @Option(
            names = "--max-seconds",
            paramLabel = "N",
            description = "A request that is not scored within this time is refused. Default: ${DEFAULT-VALUE}")
    private int maxSeconds = 600;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Only requests with the token in this file are answered.")
    @Nullable
    private Path tokenFile;

    @Option(
            names = "--allow-host",
            paramLabel = "NAME",
            description = "A further name of the server, beside localhost and its address. Can be given several times.")
    private List<String> hosts = List.of();

    @Option(names = "--device", description = "auto, cpu or cuda:N. Default: ${DEFAULT-VALUE}")
    private String device = "auto";

    @Option(names = "--threads", paramLabel = "N", description = "Threads a reward may use. Default: all cores")
    private int threads = Runtime.getRuntime().availableProcessors();

    ServeRewardsVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Numbers.atLeastOne("--max-request-mb", maxRequestMegabytes);
        Numbers.atLeastOne("--concurrency", concurrency);
        Numbers.atLeastOne("--threads", threads);
        Numbers.atLeastOne("--max-megapixels", maxMegapixels);
        Numbers.atLeastOne("--read-seconds", readSeconds);
        Numbers.atLeastOne("--max-seconds", maxSeconds);
        Numbers.notNegative("--queue", queue);
        if (port < 0 || port > 65_535 || maxRequestMegabytes > 1024) {
            throw UserException.input("--port must be from 0 to 65535 and --max-request-mb at most 1024");
        }
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw UserException.input("--host " + host + ": is no address of this machine");
        }
        ServerLimits limits = ServerLimits.of(maxRequestMegabytes * (1L << 20), concurrency)
                .withWaiting(queue)
                .with(maxMegapixels * 1_000_000L, Duration.ofSeconds(readSeconds), Duration.ofSeconds(maxSeconds));
        Access access = access();
        Protocol spoken = Protocol.named(protocol);
        access.requireFor(address); // before models are loaded
        try (WeightedRewards made = WeightedRewards.create(
                        rewards.stream()
                                .map(text -> RewardArguments.read(session.registry(), text))
                                .toList(),
                        session.context(device, threads));
                RewardServer server = RewardServer.start(address, made, limits, access, spoken)) {
            session.out()
                    .println("serving on http://" + server.address().getHostString() + ":"
                            + server.address().getPort());
            session.out().flush();
            return session.runUntilStopped("the server is closed", SILENCE);
        }
    }

    /** Access for clients that send the token of the file or of the environment; for all clients if there is none. */
    private Access access() {
        List<String> names = new ArrayList<>(hosts);
        names.add(host);
        if (tokenFile != null) {
            return Access.token(BoundedFile.text(tokenFile, MAX_TOKEN_BYTES).strip(), tokenFile.toString(), names);
        }
        String token = System.getenv(TOKEN);
        return token == null ? Access.open(names) : Access.token(token.strip(), TOKEN, names);
    }
}
