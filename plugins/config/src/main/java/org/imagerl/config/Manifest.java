package org.imagerl.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.imagerl.spi.Source;
import org.imagerl.spi.io.BoundedFile;

/** The settings of a part that lie in the folder that it is made from: see {@link Source#manifest}. */
final class Manifest {
    /** Far more than any manifest. */
    private static final int MAX_BYTES = 1 << 20;

    private Manifest() {}

    /**
     * Reads the manifest.
     *
     * @param config the record of the part's configuration
     * @param settings what is given for the part
     * @param base relative folders are relative to this
     * @return an empty section if the part or its folder has none
     */
    static Node.Section read(Class<?> config, Node.Section settings, Path base, Problems problems) {
        Node.Section none = new Node.Section(Map.of(), Origin.DEFAULT);
        Source source = config.getAnnotation(Source.class);
        String folder = source == null ? null : settings.text(Words.snake(source.value()));
        if (source == null || folder == null) {
            return none;
        }
        for (String name : source.manifest()) {
            Path file = base.resolve(folder).resolve(name);
            if (Files.isRegularFile(file)) {
                Node root = YamlReader.read(BoundedFile.text(file, MAX_BYTES), file.toString(), problems);
                if (root instanceof Node.Section section) {
                    return section;
                }
                if (root != null) {
                    problems.add(root.origin(), "", "must have keys at the top, not be " + root.kind());
                }
                return none;
            }
        }
        return none;
    }
}
