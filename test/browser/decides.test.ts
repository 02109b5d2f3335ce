import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FEATURES } from '#libs/detect/evidence/features.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { anAssessment, assessmentMessage } from '#test/contract/console/world.ts';
import { type Seat, sitDown, visit } from './support/browser.ts';
import { describeBrowser } from './support/describe-browser.ts';
import { openSite, type Site, TENANT } from './support/site.ts';

describeBrowser('how it decides', (browser) => {
  let site: Site;
  let seat: Seat;
  let page: Page;

  beforeAll(async () => {
    site = await openSite(10);
    seat = await sitDown(browser(), site.url, 'tenant');
    page = seat.page;
  });

  afterAll(async () => {
    expect(seat.complaints).toEqual([]);
    await seat.context.close();
    await site[Symbol.asyncDispose]();
  });

  const card = (words: string) => page.getByRole('article', { name: words, exact: true });

  test('a tenant reads every feature and threshold, and that the evidence is synthetic', async () => {
    await visit(page, '/');
    await page.getByRole('link', { name: 'How it decides' }).click();
    await page.getByRole('heading', { level: 1, name: 'How it decides' }).waitFor();
    await page.getByText('evidence is synthetic').waitFor();
    expect(await page.locator('.decides-features article').count()).toBe(FEATURES.length);
    const { version: _, ...parameters } = PARAMETERS;
    const names = await page.locator('.decides-numbers code').allTextContents();
    expect(Object.keys(parameters).filter((name) => !names.includes(name))).toEqual([]);
    await page.getByRole('img', { name: 'Probability said' }).first().waitFor();
  });

  test('another pair of families says something else, and the reverse the opposite', async () => {
    await visit(page, '/decides');
    const last = () => card('SM activity').getByRole('row').last().getByRole('cell').last().textContent();
    const before = Number((await last())?.replace('−', '-'));
    expect(before).toBeGreaterThan(1);
    await page.getByRole('combobox').nth(0).selectOption('inference-int8');
    await page.getByRole('combobox').nth(1).selectOption('matmul-pow');
    await expect.poll(async () => Number((await last())?.replace('−', '-'))).toBe(-before);
  });

  test('a ground on a node leads to the plot of its feature', async () => {
    const plan = site.plans.find(({ tenant }) => tenant === TENANT);
    if (!plan) throw new Error('expected a node of the tenant');
    const text = 'tensor activity per memory activity of gpu0 was 2.1: this looks so more often than that';
    const ground = { rule: 'behaviour', metric: 'gpu_dram_active_ratio', weight: 1.2, expected: null };
    const assessment = anAssessment({
      ...{ node: plan.node, site: plan.site, tenant: plan.tenant, windowEndMs: Date.now() },
      reasons: [{ ...ground, observed: 2.1, text }],
    });
    await site.world.bus.publish([assessmentMessage(assessment)]);
    const link = page.getByRole('link', { name: 'evidence of a behaviour' }).first();
    await expect
      .poll(
        async () => {
          await visit(page, `/nodes/${plan.node}`);
          return await link.count();
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThan(0);
    await page.getByRole('link', { name: 'How this was decided' }).first().waitFor();
    await link.click();
    const place = card('Tensor activity per memory activity');
    await place.waitFor();
    await expect
      .poll(async () => Math.abs((await place.boundingBox())?.y ?? 10_000), { timeout: 5_000 })
      .toBeLessThan(400);
    expect(await place.getAttribute('class')).toContain('pointed');
  });
});
