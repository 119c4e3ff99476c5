/**
 * Weight files in the safetensors format: reading, writing, shards, and telling what is wrong with them.
 *
 * <p>A file is an 8-byte little-endian header length, a JSON header that says where each tensor lies, and the bytes of the
 * tensors, row-major and little-endian, without gaps. Files come from strangers: every number of a header is checked against
 * the size of the file before anything is allocated, and whatever is wrong ends as a {@link org.imagerl.spi.UserException}
 * that names the file, the tensor and the remedy. No type of this package knows a tensor engine.
 *
 * <p>Source: the format description and the reference implementation of Hugging Face, {@code safetensors/src/tensor.rs}.
 */
@NullMarked
package org.imagerl.toolkit.safetensors;

import org.jspecify.annotations.NullMarked;
