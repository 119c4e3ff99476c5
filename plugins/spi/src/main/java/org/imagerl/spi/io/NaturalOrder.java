package org.imagerl.spi.io;

import java.util.Comparator;

/**
 * The order of names that people expect: runs of digits compare as numbers, so that {@code 2.png} stands before {@code 10.png}. Names
 * whose numbers are equal ({@code 1.png} and {@code 01.png}) and all that has no digits stand in the order of their characters. The same
 * on every system, whatever its locale.
 */
final class NaturalOrder implements Comparator<String> {
    /** The order; there is only one. */
    public static final NaturalOrder INSTANCE = new NaturalOrder();

    private NaturalOrder() {}

    @Override
    public int compare(String a, String b) {
        int i = 0;
        int j = 0;
        while (i < a.length() && j < b.length()) {
            int endA = digitsEnd(a, i);
            int endB = digitsEnd(b, j);
            int order = endA > i && endB > j
                    ? numbers(a.substring(i, endA), b.substring(j, endB))
                    : Character.compare(a.charAt(i), b.charAt(j));
            if (order != 0) {
                return order;
            }
            i = Math.max(endA, i + 1);
            j = Math.max(endB, j + 1);
        }
        int rest = Integer.compare(a.length() - i, b.length() - j);
        return rest != 0 ? rest : a.compareTo(b);
    }

    /** Digits of ASCII only: a name in others is text, as for the programs that number files. */
    private static int digitsEnd(String text, int from) {
        int end = from;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return end;
    }

    /** Of any length: a name may be a hash. */
    private static int numbers(String a, String b) {
        String left = withoutZeros(a);
        String right = withoutZeros(b);
        int length = Integer.compare(left.length(), right.length());
        return length != 0 ? length : left.compareTo(right);
    }

    private static String withoutZeros(String digits) {
        int start = 0;
        while (start < digits.length() && digits.charAt(start) == '0') {
            start++;
        }
        return digits.substring(start);
    }
}
