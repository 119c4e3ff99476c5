/** All parts of a kind that plugins add, by testkit's contract of the kind, with their default settings. */
package org.imagerl.tests.contracts;
