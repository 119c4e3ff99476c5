/**
 * Contract tests and fixtures for plugin authors. A plugin's test class extends the contract of what it offers
 * ({@link org.imagerl.testkit.RewardContract}) and says how to make one.
 */
@NullMarked
package org.imagerl.testkit;

import org.jspecify.annotations.NullMarked;
