package org.imagerl.spark.score;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.util.SerializableConfiguration;
import org.imagerl.spi.UserException;

/**
 * A place that Hadoop's file systems read: an object store, HDFS, or a folder as {@code file:///...}.
 *
 * @param address of the place, without a slash at its end
 * @param settings of the file systems, as Spark has them
 */
record Store(String address, SerializableConfiguration settings) implements Serializable {

    static Store of(String address, Configuration settings) {
        return new Store(address.replaceFirst("(?<=[^/:])/+$", ""), new SerializableConfiguration(settings));
    }

    /** Whether a place is an address of one, and no path of this machine. */
    static boolean isAddress(String place) {
        return place.matches("[a-z][a-z0-9+.-]+://.*");
    }

    Configuration configuration() {
        return settings.value();
    }

    private UserException failure(String file, Exception e) {
        return new UserException(
                UserException.Kind.ENVIRONMENT,
                file + ": cannot be read: " + e.getMessage() + "; the properties of its file system are given by"
                        + " --spark-conf spark.hadoop.KEY=VALUE, and its classes must be among Spark's jars",
                e);
    }

    /**
     * Whether it is a folder.
     *
     * @throws UserException if it is not there or cannot be read
     */
    boolean isFolder() {
        Path path = new Path(URI.create(encoded()));
        try {
            return path.getFileSystem(configuration()).getFileStatus(path).isDirectory();
        } catch (IOException | IllegalArgumentException e) {
            throw failure(address, e);
        }
    }

    private String encoded() {
        return address.replace(" ", "%20");
    }

    /** The folder that a file is in. */
    Store folder() {
        return new Store(address.substring(0, address.lastIndexOf('/')), settings);
    }

    /** The name of the place in that folder. */
    String name() {
        return address.substring(address.lastIndexOf('/') + 1);
    }

    /**
     * The files in the folder, by their names relative to it. Hadoop's own recursive listing is not used: on a disk it starts a process for each file,
     * to ask for an owner that nobody needs.
     *
     * @param deep whether also those in its folders
     */
    List<String> files(boolean deep) {
        List<String> names = new ArrayList<>();
        try {
            Path root = new Path(URI.create(encoded()));
            add(root.getFileSystem(configuration()), root, "", deep, names);
            return names;
        } catch (IOException | IllegalArgumentException e) {
            throw failure(address, e);
        }
    }

    private static void add(FileSystem system, Path folder, String prefix, boolean deep, List<String> names)
            throws IOException {
        RemoteIterator<FileStatus> entries = system.listStatusIterator(folder);
        while (entries.hasNext()) {
            FileStatus entry = entries.next();
            String name = prefix + entry.getPath().getName();
            if (!entry.isDirectory()) {
                names.add(name);
            } else if (deep) {
                add(system, entry.getPath(), name + "/", true, names);
            }
        }
    }

    /** The file of a name in the folder. */
    Path path(String name) {
        return new Path(new Path(URI.create(encoded())), new Path(null, null, name));
    }

    /**
     * Copies a file.
     *
     * @param name relative to the folder
     * @param limit bytes that are copied at most
     * @return whether it is there
     * @throws UserException if it is and cannot be read
     */
    boolean copy(String name, java.nio.file.Path to, long limit) {
        Path file = path(name);
        try {
            FileSystem system = file.getFileSystem(configuration());
            try (InputStream in = system.open(file)) {
                Files.createDirectories(to.getParent());
                try (var out = Files.newOutputStream(to)) {
                    byte[] buffer = new byte[1 << 16];
                    long left = limit;
                    for (int got = in.read(buffer); got >= 0 && left > 0; got = in.read(buffer)) {
                        out.write(buffer, 0, (int) Math.min(got, left));
                        left -= got;
                    }
                }
                return true;
            }
        } catch (FileNotFoundException e) {
            return false;
        } catch (IOException e) {
            throw failure(address + "/" + name, e);
        }
    }
}
