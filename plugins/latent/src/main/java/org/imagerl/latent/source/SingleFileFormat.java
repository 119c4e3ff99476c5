package org.imagerl.latent.source;

import java.util.List;
import java.util.Optional;
import org.imagerl.toolkit.safetensors.SafetensorsFile;

/** The single files of a family. */
public interface SingleFileFormat {

    /**
     * The kind of a file.
     *
     * @return empty if it is of another family
     * @throws org.imagerl.spi.UserException if it is of this family and cannot be loaded, with the reason
     */
    Optional<SingleFileKind> kind(SafetensorsFile file);

    /** The kinds of which a checkpoint folder may be, by the pipeline that it names. */
    List<SingleFileKind> kinds(String pipeline);
}
