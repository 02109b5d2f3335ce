import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { findChromium, launch } from './browser.ts';

/**
 * Runs a suite with a Chromium. Where there is none it is skipped and says why; CI takes that for a failure.
 * @param suite takes the browser, which is there once its tests run
 */
export function describeBrowser(name: string, suite: (browser: () => Browser) => void): void {
  if (findChromium() !== null || process.env.CI === 'true') {
    describe(name, () => {
      let browser: Browser;
      beforeAll(async () => {
        browser = await launch();
      });
      afterAll(() => browser.close());
      suite(() => browser);
    });
    return;
  }
  test.skip(`${name}: no chromium on the PATH (apt-get install chromium)`, () => undefined);
}
