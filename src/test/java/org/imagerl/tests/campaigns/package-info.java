/** Programs that campaigns in {@code src/test/campaigns} run in processes of their own; no tests. */
package org.imagerl.tests.campaigns;
