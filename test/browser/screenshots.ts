/**
 * `node test/browser/screenshots.ts OUT [SIZES] [WIDTHS] [PAGES]`: writes a picture of every page, for fleets of each
 * size (0,10,10000), light and dark, at each width (360,1440,1920), as OUT/PAGE-SIZE-WIDTH-THEME.png.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { launch, sitDown, visit } from './support/browser.ts';
import buildPages from './support/build.ts';
import { pagesOf } from './support/pages.ts';
import { openSite } from './support/site.ts';

const [out, sizes = '0,10,10000', widths = '360,1440,1920', only = ''] = process.argv.slice(2);
if (!out) throw new Error('expected a folder to write to: node test/browser/screenshots.ts OUT');
await buildPages();
await mkdir(out, { recursive: true });
await using browser = await launch();
for (const size of sizes.split(',').map(Number)) {
  await using site = await openSite(size);
  const pages = await pagesOf(site);
  const named = Object.entries(pages).filter(([name]) => only === '' || only.split(',').includes(name));
  for (const theme of ['light', 'dark'] as const) {
    for (const width of widths.split(',').map(Number)) {
      const { context, page } = await sitDown(browser, site.url, 'admin', { theme, width });
      for (const [name, path] of named) {
        await visit(page, path);
        await page.screenshot({ path: join(out, `${name}-${size}-${width}-${theme}.png`), fullPage: true });
      }
      await context.close();
    }
  }
}
