package org.imagerl.rewards.ocr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.imagerl.rewards.ocr.Quad.Point;
import org.junit.jupiter.api.Test;

final class ReadingOrderTest {

    @Test
    void paddleReadsRightwardsWithinTenPixelsAndElseDownwards() {
        Quad a = box(0, 9);
        Quad b = box(50, 0);
        Quad c = box(0, 30);
        assertThat(ReadingOrder.PADDLE.sort(List.of(c, b, a))).containsExactly(a, b, c);
        Quad tooLow = box(0, 10);
        assertThat(ReadingOrder.PADDLE.sort(List.of(c, tooLow, b))).containsExactly(b, tooLow, c);
    }

    @Test
    void lineReadsRowsOfUprightTextLikePaddle() {
        Quad a = box(0, 9);
        Quad b = box(50, 0);
        Quad c = box(0, 30);
        assertThat(ReadingOrder.LINE.sort(List.of(c, b, a))).containsExactly(a, b, c);
    }

    @Test
    void lineFollowsATiltedLineWherePaddleSwapsItsWords() {
        Quad first = Quad.of(BoxFinderTest.rectangle(60, 140, 0.9659, -0.2588, 80, 20));
        Quad second = Quad.of(BoxFinderTest.rectangle(156.6, 114.1, 0.9659, -0.2588, 80, 20));
        List<Quad> boxes = List.of(second, first);
        assertThat(ReadingOrder.LINE.sort(boxes)).containsExactly(first, second);
        assertThat(ReadingOrder.PADDLE.sort(boxes)).containsExactly(second, first);
    }

    @Test
    void nothingToSortIsNothing() {
        assertThat(ReadingOrder.PADDLE.sort(List.of())).isEmpty();
        assertThat(ReadingOrder.LINE.sort(List.of())).isEmpty();
    }

    private static Quad box(double left, double top) {
        return new Quad(
                new Point(left, top),
                new Point(left + 40, top),
                new Point(left + 40, top + 20),
                new Point(left, top + 20));
    }
}
