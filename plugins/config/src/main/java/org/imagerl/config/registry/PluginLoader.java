package org.imagerl.config.registry;

import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.FolderListing;
import org.jspecify.annotations.Nullable;

/** Finds the plugins of a class loader; a plugin that cannot be loaded does not keep others from being loaded. */
final class PluginLoader {
    /** A broken services file may fail at every step; this many failures end the search. */
    private static final int MAX_FAILURES = 100;

    private PluginLoader() {}

    /** Our own class loader with the jars added; our own alone if there are none. It lives as long as the process. */
    static ClassLoader classLoader(List<Path> pluginPath) {
        List<URL> urls = jars(pluginPath).stream().map(PluginLoader::url).toList();
        ClassLoader parent = PluginLoader.class.getClassLoader();
        return urls.isEmpty() ? parent : new URLClassLoader("plugins", urls.toArray(URL[]::new), parent);
    }

    static List<Plugin> load(ClassLoader loader, List<String> warnings) {
        List<Plugin> plugins = new ArrayList<>();
        Iterator<ServiceLoader.Provider<Plugin>> providers =
                ServiceLoader.load(Plugin.class, loader).stream().iterator();
        for (int failures = 0; failures < MAX_FAILURES; ) {
            try {
                Plugin plugin = next(providers);
                if (plugin == null) {
                    break;
                }
                plugins.add(plugin);
            } catch (ServiceConfigurationError | LinkageError e) {
                failures++;
                warnings.add("a plugin could not be loaded: " + e.getMessage());
            }
        }
        plugins.sort(Comparator.comparing(Plugin::name));
        return plugins;
    }

    private static @Nullable Plugin next(Iterator<ServiceLoader.Provider<Plugin>> providers) {
        return providers.hasNext() ? providers.next().get() : null;
    }

    /** The jars of files and folders, in their order. */
    static List<Path> jars(List<Path> pluginPath) {
        return pluginPath.stream().flatMap(path -> jars(path).stream()).toList();
    }

    /** The jar that a plugin's class is from; empty for a folder of classes, as in a development environment. */
    static Optional<Path> jarOf(Plugin plugin) {
        CodeSource source = plugin.getClass().getProtectionDomain().getCodeSource();
        try {
            return Optional.ofNullable(source == null ? null : source.getLocation())
                    .map(URL::toString)
                    .map(location -> Path.of(URI.create(location)))
                    .filter(Files::isRegularFile);
        } catch (IllegalArgumentException
                | FileSystemNotFoundException e) { // a jar in a jar: it is hashed as the outer one's
            return Optional.empty();
        }
    }

    private static List<Path> jars(Path path) {
        if (!Files.exists(path)) {
            throw UserException.input(path + ": the plugin path names no file or folder");
        }
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        return FolderListing.of(path).stream()
                .filter(file -> file.toString().endsWith(".jar"))
                .toList();
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw UserException.input(jar + ": is no usable path", e);
        }
    }
}
