package org.imagerl.latent.source;

import java.util.Optional;
import org.imagerl.toolkit.safetensors.SafetensorsFile;

/** The single files of a family. */
public interface SingleFileFormat {
    /** Of a family that is in folders alone. */
    SingleFileFormat NONE = new SingleFileFormat() {
        @Override
        public Optional<SingleFileKind> kind(SafetensorsFile file) {
            return Optional.empty();
        }

        @Override
        public Optional<SingleFileKind> kind(CheckpointSource folder) {
            return Optional.empty();
        }
    };

    /**
     * The kind of a file.
     *
     * @return empty if it is of another family
     * @throws org.imagerl.spi.UserException if it is of this family and cannot be loaded, with the reason
     */
    Optional<SingleFileKind> kind(SafetensorsFile file);

    /**
     * The kind that a checkpoint folder would be as a single file.
     *
     * @return empty if there is no such layout
     */
    Optional<SingleFileKind> kind(CheckpointSource folder);
}
