/** The golden numbers of reinforcement learning, checked on the parts as a run uses them. */
package org.imagerl.tests.golden;
