package org.imagerl.javac;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** javac's own, but that every compilation of a JVM with the same processor path has the same classes of plugins. */
final class WarmFileManager extends ForwardingJavaFileManager<StandardJavaFileManager>
        implements StandardJavaFileManager {
    private static final Map<List<File>, ClassLoader> LOADED = new ConcurrentHashMap<>();

    WarmFileManager(StandardJavaFileManager files) {
        super(files);
    }

    @Override
    public ClassLoader getClassLoader(Location location) {
        if (location != StandardLocation.ANNOTATION_PROCESSOR_PATH) {
            return super.getClassLoader(location);
        }
        List<File> path = new ArrayList<>();
        fileManager.getLocation(location).forEach(path::add);
        // javac closes what it is given, if that can be closed.
        return new ClassLoader(LOADED.computeIfAbsent(path, WarmFileManager::load)) {};
    }

    private static ClassLoader load(List<File> path) {
        URL[] urls = path.stream().map(WarmFileManager::url).toArray(URL[]::new);
        return new URLClassLoader(
                urls, ToolProvider.getSystemJavaCompiler().getClass().getClassLoader());
    }

    private static URL url(File file) {
        try {
            return file.toURI().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Iterable<? extends JavaFileObject> getJavaFileObjectsFromFiles(Iterable<? extends File> files) {
        return fileManager.getJavaFileObjectsFromFiles(files);
    }

    @Override
    public Iterable<? extends JavaFileObject> getJavaFileObjects(File... files) {
        return fileManager.getJavaFileObjects(files);
    }

    @Override
    public Iterable<? extends JavaFileObject> getJavaFileObjectsFromStrings(Iterable<String> names) {
        return fileManager.getJavaFileObjectsFromStrings(names);
    }

    @Override
    public Iterable<? extends JavaFileObject> getJavaFileObjects(String... names) {
        return fileManager.getJavaFileObjects(names);
    }

    @Override
    public void setLocation(Location location, Iterable<? extends File> path) throws IOException {
        fileManager.setLocation(location, path);
    }

    @Override
    public Iterable<? extends File> getLocation(Location location) {
        return fileManager.getLocation(location);
    }
}
