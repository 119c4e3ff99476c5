package org.imagerl.toolkit.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Assembles a TorchScript archive in memory from source text: the engine loads it as it would a file made by
 * {@code torch.jit.save}. The module has no state; its pickles say just that.
 */
final class KernelArchive {
    /** Archive format; with older ones newer overloads such as {@code gelu(approximate=)} are unknown. */
    private static final String VERSION = "10\n";

    private KernelArchive() {}

    /** The archive with the kernels of {@code kernels.torchscript}. */
    static byte[] kernels() {
        try (InputStream source = KernelArchive.class.getResourceAsStream("kernels.torchscript")) {
            if (source == null) {
                throw new IllegalStateException("kernels.torchscript is missing from the jar");
            }
            return assemble(new String(source.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] assemble(String source) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "m/data.pkl", dataPickle());
            store(zip, "m/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            store(zip, "m/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            store(zip, "m/version", VERSION.getBytes(StandardCharsets.US_ASCII));
        }
        return bytes.toByteArray();
    }

    /** Pickle of {@code __torch__.M()} with {@code training = False}. */
    private static byte[] dataPickle() {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.write(0x80);
        pickle.write(2);
        pickle.writeBytes("c__torch__\nM\n)".getBytes(StandardCharsets.US_ASCII));
        pickle.write(0x81);
        pickle.writeBytes("}(X".getBytes(StandardCharsets.US_ASCII));
        pickle.writeBytes(new byte[] {8, 0, 0, 0});
        pickle.writeBytes("training".getBytes(StandardCharsets.US_ASCII));
        pickle.write(0x89);
        pickle.writeBytes("ub.".getBytes(StandardCharsets.US_ASCII));
        return pickle.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
