import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { anAssessment, assessmentMessage } from '#test/contract/console/world.ts';
import { type Seat, sitDown, visit } from './support/browser.ts';
import { describeBrowser } from './support/describe-browser.ts';
import { openSite, PASSWORD, type Site, TENANT } from './support/site.ts';

describeBrowser('the fleet', (browser) => {
  let site: Site;
  let seat: Seat;
  let page: Page;

  beforeAll(async () => {
    site = await openSite(10);
    seat = await sitDown(browser(), site.url, 'viewer');
    page = seat.page;
  });

  beforeEach(() => visit(page, '/'));

  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });

  const rows = () => page.locator('.line-node a');

  test('is what a first log-in opens, without a word of a session that has ended', async () => {
    const context = await browser().newContext({ baseURL: site.url });
    const fresh = await context.newPage();
    await fresh.goto('/');
    await fresh.getByLabel('Name').fill('viewer');
    await fresh.getByLabel('Password').fill(PASSWORD);
    expect(await fresh.getByRole('status').allTextContents()).toEqual([]);
    await fresh.getByRole('button', { name: 'Log in' }).click();
    await fresh.locator('.line-node a').first().waitFor();
    await context.close();
  });

  test('puts the nodes that ask for a look first', async () => {
    const [first, second] = await rows().allTextContents();
    const story = (name: string | undefined) => site.plans.find(({ node }) => node === name)?.story;
    expect(story(first)).toBe('deviating');
    expect(['deviating', 'silent']).toContain(story(second));
  });

  test('filters by what a node looks like now, and by text', async () => {
    const silent = site.plans.filter(({ story }) => story === 'silent').map(({ node }) => node);
    await page.getByRole('button', { name: /^silent/ }).click();
    await expect.poll(() => rows().allTextContents()).toEqual(silent.sort());
    await page.reload();
    await expect.poll(() => rows().allTextContents()).toEqual(silent.sort());
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByLabel('Find').fill('n07');
    await expect.poll(() => rows().allTextContents()).toEqual(['n07']);
  });

  test('reads a strip by the arrow keys, and opens the node by Enter', async () => {
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    const [, second] = await rows().allTextContents();
    await expect
      .poll(() => page.locator('.readout').textContent())
      .toMatch(new RegExp(`^${second} .+ to .+: .+`));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: second ?? '' }).waitFor();
  });

  test('says the same in a table, in words', async () => {
    await page.getByRole('button', { name: 'Table' }).click();
    const row = page.getByRole('row', { name: /^n01 / });
    expect(await row.textContent()).toMatch(/deviates.*B5 matmul PoW-like/);
  });

  test('marks simulated sites wherever they show', async () => {
    const simulated = site.plans.filter((plan) => plan.site.startsWith('simulated-'));
    expect(simulated.length).toBeGreaterThan(0);
    await page.getByText('hold no real machines').waitFor();
    expect(await page.locator('.line .simulated').count()).toBe(simulated.length);
    await visit(page, `/nodes/${simulated[0]?.node}`);
    expect(await page.locator('main .simulated').first().textContent()).toBe('simulated');
  });

  test('puts a new verdict in place while one looks', async () => {
    const plan = site.plans.find(({ story, tenant }) => story !== 'deviating' && tenant !== null);
    if (!plan) throw new Error('expected a node that does not deviate');
    const { node, tenant } = plan;
    const row = page.locator('.line', { hasText: node });
    expect(await row.getByText('deviates').count()).toBe(0);
    await page.locator('.live.connected').waitFor();
    const windowEndMs = Date.now();
    const assessment = anAssessment({ node, site: plan.site, tenant, windowEndMs, conformity: 'deviates' });
    await site.world.bus.publish([assessmentMessage(assessment)]);
    await row.getByText('deviates').waitFor({ timeout: 5_000 });
  });

  test('says so when the console cannot be reached, and goes on when it can', async () => {
    const { context, page: mine } = await sitDown(browser(), site.url, 'viewer');
    await visit(mine, '/');
    const pages = mine.getByRole('navigation', { name: 'Pages', exact: true });
    await context.setOffline(true);
    await pages.getByRole('link', { name: 'Alerts' }).click();
    await mine.getByRole('alert').getByText('cannot be reached').waitFor();
    await context.setOffline(false);
    await mine.getByRole('button', { name: 'Try again' }).click();
    await mine.locator('.queue-row').first().waitFor();
    await context.close();
  });

  test('a tenant sees its own nodes and alerts, and nothing of others', async () => {
    const { context, page: theirs } = await sitDown(browser(), site.url, 'tenant');
    const own = site.plans.filter(({ tenant }) => tenant === TENANT).map(({ node }) => node);
    const other = site.plans.find(({ tenant }) => tenant !== TENANT);
    await visit(theirs, '/');
    expect((await theirs.locator('.line-node a').allTextContents()).sort()).toEqual(own.sort());
    await visit(theirs, '/alerts');
    const alerts = (await site.world.ledger.alerts.alerts()).filter(({ tenant }) => tenant === TENANT);
    expect(await theirs.locator('.queue-row').count()).toBe(alerts.length);
    expect(await theirs.getByRole('link', { name: 'Data quality' }).count()).toBe(0);
    await visit(theirs, `/alerts/${alerts[0]?.id}`);
    await theirs.getByRole('heading', { name: 'History' }).waitFor();
    expect(await theirs.getByRole('heading', { name: 'Who was told' }).count()).toBe(0);
    await theirs.goto(`/nodes/${other?.node}`);
    await theirs.getByRole('alert').getByText('There is no node').waitFor();
    await context.close();
  });
});
