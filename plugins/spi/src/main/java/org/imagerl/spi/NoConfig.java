package org.imagerl.spi;

/** The configuration of a part that has none. */
public record NoConfig() {}
