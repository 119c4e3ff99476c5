package org.imagerl.flow.matching;

/**
 * The inverse of the normal distribution function (Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied Statistics 37,
 * 1988, PPND7), to about 7 digits.
 */
public final class NormalQuantile {
    private NormalQuantile() {}

    /** The number below which a standard normal one lies with probability p; at 0 and 1 it is far out, and finite. */
    public static double of(double p) {
        double q = p - 0.5;
        if (Math.abs(q) <= 0.425) {
            double r = 0.180625 - q * q;
            return q
                    * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)
                    / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
        }
        double tail = Math.sqrt(-Math.log(Math.max(Math.min(p, 1 - p), Double.MIN_NORMAL)));
        return Math.copySign(tail <= 5 ? middle(tail - 1.6) : far(tail - 5), q);
    }

    private static double middle(double r) {
        return (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777)
                / ((0.12021132975 * r + 0.73700164250) * r + 1);
    }

    private static double far(double r) {
        return (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150)
                / ((0.012258202635 * r + 0.24197894225) * r + 1);
    }
}
