import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Look, sitDown, visit } from './support/browser.ts';
import { describeBrowser } from './support/describe-browser.ts';
import { pagesOf } from './support/pages.ts';
import { openSite, type Site } from './support/site.ts';

const LOOKS: readonly Look[] = (['light', 'dark'] as const).flatMap((theme) =>
  [360, 1440].map((width) => ({ theme, width })),
);

describeBrowser('the pages', (browser) => {
  describe.each([0, 10, 10_000])('a fleet of %i nodes', (size) => {
    let site: Site;

    beforeAll(async () => {
      site = await openSite(size);
    });

    afterAll(() => site[Symbol.asyncDispose]());

    test.each(LOOKS)('is accessible on every page, $theme, $width px wide', async (look) => {
      const { context, page, complaints } = await sitDown(browser(), site.url, 'admin', look);
      const violations: string[] = [];
      for (const [name, path] of Object.entries(await pagesOf(site))) {
        await visit(page, path);
        const { violations: found } = await new AxeBuilder({ page }).analyze();
        violations.push(
          ...found.map(
            ({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
          ),
        );
        violations.push(...(await tooWide(page, name)));
      }
      expect(violations).toEqual([]);
      expect(complaints).toEqual([]);
      await context.close();
    });

    test('shows every page to a viewer, and leaves out what a viewer may not do', async () => {
      const { context, page, complaints } = await sitDown(browser(), site.url, 'viewer');
      for (const path of Object.values(await pagesOf(site))) await visit(page, path);
      await visit(page, '/settings');
      expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual(['You']);
      expect(complaints).toEqual([]);
      await context.close();
    });
  });
});

/** A page that scrolls sideways as a whole. */
async function tooWide(page: Parameters<typeof visit>[0], name: string): Promise<readonly string[]> {
  const [whole, shown] = (await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )) as [number, number];
  return whole > shown ? [`${name}: ${whole} px wide in a window of ${shown} px`] : [];
}
