/** For the build alone: how Maven calls javac. */
package org.imagerl.javac;
