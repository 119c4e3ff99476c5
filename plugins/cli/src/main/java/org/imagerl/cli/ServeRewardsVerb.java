package org.imagerl.cli;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.host.config.ConfigLoader;
import org.imagerl.host.score.RewardServer;
import org.imagerl.host.score.WeightedRewards;
import org.imagerl.spi.UserException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code imagerl serve-rewards}. */
@Command(
        name = "serve-rewards",
        mixinStandardHelpOptions = true,
        header = "Serves rewards over HTTP, for trainers in other languages.",
        description = {
            "GET /health; POST /compute (the weighted sum) or /compute/NAME with {\"prompt\": [..], \"image\":"
                    + " [base64, ..]},",
            "answered with {\"rewards\": [..]}. There is no password: whoever reaches the port may use it, so that"
                    + " only this",
            "machine can unless --host says otherwise. Ends with Ctrl-C."
        })
final class ServeRewardsVerb implements Callable<Integer> {
    private static final long POLL_MS = 100;
    /** For requests that are being answered. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final Session session;

    @Option(
            names = "--reward",
            required = true,
            paramLabel = "REWARD",
            description = "A reward as for imagerl score. Can be given several times.")
    private List<String> rewards = List.of();

    @Option(names = "--host", description = "The address to listen on. Default: ${DEFAULT-VALUE}")
    private String host = "127.0.0.1";

    @Option(names = "--port", description = "0 is any that is free. Default: ${DEFAULT-VALUE}")
    private int port = 8000;

    @Option(
            names = "--max-request-mb",
            paramLabel = "N",
            description = "Larger requests are refused. Default: ${DEFAULT-VALUE}")
    private int maxRequestMegabytes = 64;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "Requests at a time; more are refused. Default: ${DEFAULT-VALUE}")
    private int concurrency = 4;

    @Option(names = "--device", description = "auto, cpu or cuda:N. Default: ${DEFAULT-VALUE}")
    private String device = "auto";

    @Option(names = "--threads", paramLabel = "N", description = "Threads a reward may use. Default: all cores")
    private int threads = Runtime.getRuntime().availableProcessors();

    ServeRewardsVerb(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Numbers.atLeastOne("--max-request-mb", maxRequestMegabytes);
        Numbers.atLeastOne("--concurrency", concurrency);
        Numbers.atLeastOne("--threads", threads);
        if (port < 0 || port > 65_535 || maxRequestMegabytes > 1024) {
            throw UserException.input("--port must be from 0 to 65535 and --max-request-mb at most 1024");
        }
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw UserException.input("--host " + host + ": is no address of this machine");
        }
        ConfigLoader loader = new ConfigLoader(session.registry());
        RewardServer.Limits limits = new RewardServer.Limits(maxRequestMegabytes * (1L << 20), concurrency);
        try (WeightedRewards made = WeightedRewards.create(
                        rewards.stream().map(loader::reward).toList(), session.context(device, threads));
                RewardServer server = RewardServer.start(address, made, limits)) {
            session.out()
                    .println("serving on http://" + server.address().getHostString() + ":"
                            + server.address().getPort());
            session.out().flush();
            return session.runLong("the server is closed", SILENCE, ServeRewardsVerb::untilStopped);
        }
    }

    private static int untilStopped(ProgressLine progress) {
        progress.begin(); // requests that are being answered
        while (!progress.stopped()) {
            try {
                Thread.sleep(POLL_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return ExitCode.INTERRUPTED;
            }
        }
        return ExitCode.OK;
    }
}
