package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ImageFilesTest {

    @Test
    void imagesAreKnownByTheEndsOfTheirNames() {
        for (String name : new String[] {"a.png", "A.PNG", "b.c.jpeg", "x.JPG", "y.tiff", "z.webp", "g.gif", "m.bmp"}) {
            assertThat(ImageFiles.named(Path.of("in/" + name))).as(name).isTrue();
        }
        for (String name : new String[] {"png", "a.txt", "a.png.txt", "a.", "a"}) {
            assertThat(ImageFiles.named(Path.of("in/" + name))).as(name).isFalse();
        }
        assertThat(ImageFiles.endings()).startsWith("png, jpg");
    }

    @Test
    void aSheetOfImagesIsNoSingleOne() {
        assertThat(ImageFiles.single(Path.of("in/grid.png"))).isFalse();
        assertThat(ImageFiles.named(Path.of("in/grid.png"))).isTrue();
        assertThat(ImageFiles.single(Path.of("in/p000-s0.png"))).isTrue();
    }
}
