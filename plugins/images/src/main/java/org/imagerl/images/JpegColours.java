package org.imagerl.images;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import org.imagerl.spi.RgbImage;

/**
 * Converts the samples of a JPEG file to RGB, to the bit as libjpeg-turbo and Pillow do: the integer arithmetic of
 * libjpeg's jdcolor.c, and for CMYK that of Pillow's Convert.c with Adobe's inverted samples.
 */
final class JpegColours {
    private static final int HALF = 1 << 15;

    private JpegColours() {}

    /**
     * Colours of an image.
     *
     * @param samples as decoded, every component at full size, interleaved
     */
    static RgbImage toRgb(Raster samples, JpegFile file) {
        int bands = samples.getNumBands();
        int width = samples.getWidth();
        int height = samples.getHeight();
        byte[] data = ((DataBufferByte) samples.getDataBuffer()).getData();
        smoothRows(data, width, height, file);
        switch (file.colours()) {
            case RGB -> {}
            case YCBCR -> yccToRgb(data, 3);
            case YCCK -> {
                yccToRgb(data, 4);
                invertColours(data);
            }
            default -> {}
        }
        byte[] rgb = switch (bands) {
            case 1 -> spread(data);
            case 3 -> data;
            default -> cmykToRgb(data);
        };
        return new RgbImage(width, height, rgb);
    }

    private static byte[] spread(byte[] gray) {
        byte[] rgb = new byte[gray.length * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = gray[i / 3];
        }
        return rgb;
    }

    private static void yccToRgb(byte[] data, int stride) {
        for (int i = 0; i < data.length; i += stride) {
            int y = data[i] & 0xff;
            int cb = (data[i + 1] & 0xff) - 128;
            int cr = (data[i + 2] & 0xff) - 128;
            data[i] = clamp(y + ((91881 * cr + HALF) >> 16)); // 1.40200 * 2^16
            data[i + 1] = clamp(y + ((-22554 * cb - 46802 * cr + HALF) >> 16)); // 0.34414, 0.71414
            data[i + 2] = clamp(y + ((116130 * cb + HALF) >> 16)); // 1.77200
        }
    }

    /** YCCK holds the RGB of which CMY is the complement. */
    private static void invertColours(byte[] cmyk) {
        for (int i = 0; i < cmyk.length; i++) {
            cmyk[i] = (byte) (i % 4 == 3 ? cmyk[i] : 255 - (cmyk[i] & 0xff));
        }
    }

    private static byte[] cmykToRgb(byte[] inverted) {
        byte[] rgb = new byte[inverted.length / 4 * 3];
        for (int i = 0, to = 0; i < inverted.length; i += 4) {
            int notBlack = inverted[i + 3] & 0xff;
            for (int c = 0; c < 3; c++) {
                int product = (255 - (inverted[i + c] & 0xff)) * notBlack + 128;
                rgb[to++] = clamp(notBlack - ((product + (product >> 8)) >> 8));
            }
        }
        return rgb;
    }

    private static byte clamp(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }

    /**
     * Interpolates components that have half of the rows and all of the columns (4:4:0). The JDK's own libjpeg repeats each row;
     * libjpeg-turbo, which some builds of Java have instead, weighs the two nearest rows by 3 and 1 (jdsample.c, {@code
     * h1v2_fancy_upsample}). Rows that are not repeated were interpolated already.
     */
    private static void smoothRows(byte[] data, int width, int height, JpegFile file) {
        int bands = file.components().size();
        for (int c = 0; c < bands; c++) {
            if (file.hasHalfRows(file.components().get(c)) && repeated(data, width, height, c, bands)) {
                smoothRows(data, width, height, c, bands);
            }
        }
    }

    private static void smoothRows(byte[] data, int width, int height, int band, int bands) {
        int rows = (height + 1) / 2;
        byte[] above = row(data, 0, width, band, bands);
        byte[] here = above;
        for (int r = 0; r < rows; r++) {
            byte[] below = row(data, 2 * Math.min(r + 1, rows - 1), width, band, bands);
            blend(data, 2 * r, here, above, 1, band, bands);
            if (2 * r + 1 < height) {
                blend(data, 2 * r + 1, here, below, 2, band, bands);
            }
            above = here;
            here = below;
        }
    }

    private static boolean repeated(byte[] data, int width, int height, int band, int bands) {
        int stride = width * bands;
        for (int y = 0; y + 1 < height; y += 2) {
            for (int i = y * stride + band; i < (y + 1) * stride; i += bands) {
                if (data[i] != data[i + stride]) {
                    return false;
                }
            }
        }
        return true;
    }

    private static byte[] row(byte[] data, int y, int width, int band, int bands) {
        byte[] row = new byte[width];
        for (int x = 0, from = y * width * bands + band; x < width; x++, from += bands) {
            row[x] = data[from];
        }
        return row;
    }

    private static void blend(byte[] data, int y, byte[] near, byte[] far, int bias, int band, int bands) {
        for (int x = 0, to = y * near.length * bands + band; x < near.length; x++, to += bands) {
            data[to] = (byte) (((near[x] & 0xff) * 3 + (far[x] & 0xff) + bias) >> 2);
        }
    }
}
