package org.imagerl.tests.privacy;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at the sockets that this process has open, native code's among them, every two milliseconds. */
final class Sockets implements Runnable {
    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");
    private static final List<String> KINDS = List.of("tcp", "tcp6", "udp", "udp6", "raw", "raw6", "packet");

    private final Map<String, String> seen = new ConcurrentHashMap<>();

    static Sockets watch() {
        Sockets sockets = new Sockets();
        Thread thread = new Thread(sockets, "sockets");
        thread.setDaemon(true);
        thread.start();
        return sockets;
    }

    /** All that were seen: kind and remote address as the kernel writes it, in hexadecimal. */
    List<String> seen() {
        return seen.values().stream().sorted().distinct().toList();
    }

    @Override
    public void run() {
        try {
            while (true) {
                look();
                Thread.sleep(2);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : open) {
                Matcher socket = SOCKET.matcher(target(descriptor));
                if (socket.matches()) {
                    seen.computeIfAbsent(socket.group(1), Sockets::described);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    /** A line of /proc/net/tcp: number, local address, remote address, ..., inode as the tenth. */
    private static String described(String inode) {
        for (String kind : KINDS) {
            try {
                for (String line : Files.readAllLines(Path.of("/proc/self/net", kind))) {
                    List<String> fields = Arrays.asList(line.strip().split("\\s+"));
                    if (fields.size() > 9 && fields.get(9).equals(inode)) {
                        return kind + " " + fields.get(2);
                    }
                }
            } catch (IOException e) {
                // this kernel has no such kind
            }
        }
        return "no network";
    }
}
