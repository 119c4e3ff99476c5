package org.imagerl.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PictureFilesTest {

    @Test
    void picturesAreKnownByTheEndsOfTheirNames() {
        for (String name : new String[] {"a.png", "A.PNG", "b.c.jpeg", "x.JPG", "y.tiff", "z.webp", "g.gif", "m.bmp"}) {
            assertThat(PictureFiles.named(Path.of("in/" + name))).as(name).isTrue();
        }
        for (String name : new String[] {"png", "a.txt", "a.png.txt", "a.", "a"}) {
            assertThat(PictureFiles.named(Path.of("in/" + name))).as(name).isFalse();
        }
        assertThat(PictureFiles.endings()).startsWith("png, jpg");
    }

    @Test
    void aSheetOfPicturesIsNoSingleOne() {
        assertThat(PictureFiles.single(Path.of("in/grid.png"))).isFalse();
        assertThat(PictureFiles.named(Path.of("in/grid.png"))).isTrue();
        assertThat(PictureFiles.single(Path.of("in/p000-s0.png"))).isTrue();
    }
}
