import { expect, test } from 'vitest';
import { sitDown, visit } from './support/browser.ts';
import { describeBrowser } from './support/describe-browser.ts';
import { openSite } from './support/site.ts';

describeBrowser('the page of a node', (browser) => {
  test('says of a GPU with confidential computing on what is hidden and what is left', async () => {
    await using site = await openSite(3);
    const [plan] = site.plans;
    const { context, page, complaints } = await sitDown(browser(), site.url, 'viewer');
    const note = page.getByRole('region', { name: 'Confidential computing' });
    await visit(page, `/nodes/${plan?.node}`);
    expect(await note.count()).toBe(0);
    const fields = ['gpu_power_watts', 'gpu_temperature_celsius', 'gpu_confidential_compute_mode'];
    const point = { measurement: 'frame' as const, node: plan?.node ?? '', timeMs: Date.now() - 60_000 };
    await site.world.series.write([{ ...point, entity: 'gpu1', fields, values: [310, 61, 1] }]);
    await page.reload();
    await note.waitFor();
    const text = await note.textContent();
    expect(text).toContain('is on for gpu1 of this node: the driver’s performance counters are off');
    expect(text).toContain('What remains to be seen: GPU power, GPU temperature, and the power of the node');
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('opens the charts of the GPU that the heaviest ground names, and says which GPU it is', async () => {
    await using site = await openSite(3);
    const [plan] = site.plans;
    const fields = ['gpu_power_watts', 'gpu_temperature_celsius'];
    const point = { measurement: 'frame' as const, node: plan?.node ?? '', timeMs: Date.now() - 60_000 };
    await site.world.series.write([{ ...point, entity: 'gpu3', fields, values: [641, 61] }]);
    const { context, page } = await sitDown(browser(), site.url, 'viewer');
    await visit(page, `/nodes/${plan?.node}`);
    expect(await page.locator('.section-head select').inputValue()).toBe('gpu3');
    const verdict = await page.getByRole('region', { name: 'The newest window' }).textContent();
    expect(verdict).toContain('(probability 62 %)');
    expect(verdict).toContain('This window, in band: trust grade C');
    await context.close();
  });
});
