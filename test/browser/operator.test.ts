import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Seat, sitDown, visit } from './support/browser.ts';
import { describeBrowser } from './support/describe-browser.ts';
import { openSite, PASSWORD, type Site } from './support/site.ts';

describeBrowser('an operator', (browser) => {
  let site: Site;
  let seat: Seat;
  let page: Page;

  beforeEach(async () => {
    site = await openSite(10);
    seat = await sitDown(browser(), site.url, 'operator');
    page = seat.page;
  });

  afterEach(async () => {
    await seat.context.close();
    await site[Symbol.asyncDispose]();
  });

  const alertOf = async (kind: string) => {
    const alerts = await site.world.ledger.alerts.alerts({ state: 'open' });
    const alert = alerts.find((one) => one.kind === kind);
    if (!alert) throw new Error(`expected an alert of the kind ${kind}`);
    return alert;
  };

  test('goes through the queue and into an alert by the keyboard alone', async () => {
    await visit(page, '/alerts');
    const links = page.locator('.queue-row a');
    const second = await links.nth(1).textContent();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: second ?? '' }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/alerts\/.+/);
  });

  test('a key that is pressed as soon as the queue is there counts', async () => {
    await page.addInitScript(`new MutationObserver((_, observer) => {
      if (document.querySelector('.queue-row') === null) return;
      observer.disconnect();
      dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }));
    }).observe(document, { childList: true, subtree: true })`);
    await visit(page, '/alerts');
    await page.locator('.queue-row a').first().and(page.locator(':focus')).waitFor();
  });

  test('sees the gravest alerts on top, and the newest where they choose so', async () => {
    const severities = () => page.locator('.queue-row > input + .tag').allTextContents();
    const alerts = await site.world.ledger.alerts.alerts();
    const newestFirst = alerts.toSorted((a, b) => b.openedMs - a.openedMs).map(({ severity }) => severity);
    const gravestFirst = (['high', 'medium', 'low'] as const).flatMap((one) =>
      newestFirst.filter((severity) => severity === one),
    );
    expect(newestFirst).not.toEqual(gravestFirst);
    await visit(page, '/alerts');
    expect(await severities()).toEqual(gravestFirst);
    await page.getByRole('button', { name: 'newest first' }).click();
    await expect.poll(severities).toEqual(newestFirst);
    expect(new URL(page.url()).search).toContain('order=newest');
  });

  test('acknowledges an alert with a reason, and sees it in the history', async () => {
    const { id } = await alertOf('deviation');
    await visit(page, `/alerts/${id}`);
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason, if you like').fill('Called the tenant.');
    await dialog.getByRole('button', { name: 'Acknowledge' }).click();
    await dialog.waitFor({ state: 'detached' });
    const history = page.getByRole('region', { name: 'History' });
    await history.getByText('operator acknowledged it').waitFor();
    await history.getByText('Called the tenant.').waitFor();
    expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
    expect((await site.world.ledger.alerts.find(id))?.state).toBe('acknowledged');
  });

  test('reads in one sentence what a deviation rests on, and which evidence is synthetic', async () => {
    const { id } = await alertOf('deviation');
    await visit(page, `/alerts/${id}`);
    const words = 'crossed a declared bound. They look like matmul proof-of-work-like ("AI-shaped") (B5)';
    await page.getByRole('region', { name: 'Summary' }).getByText(words).waitFor();
    const tagged = page.locator('.ground', { hasText: 'synthetic' });
    expect(await tagged.count()).toBe(await page.locator('.ground', { hasText: 'SM activity' }).count());
  });

  test('silences, ends the silence, assigns, escalates, resolves and reopens', async () => {
    const { id } = await alertOf('deviation');
    await visit(page, `/alerts/${id}`);
    const act = async (button: string, label: string, text: string, state: string) => {
      await page.getByRole('button', { name: button, exact: true }).click();
      const dialog = page.getByRole('dialog');
      if (button === 'Assign') await dialog.getByRole('combobox', { name: label }).selectOption(text);
      else await dialog.getByLabel(label, { exact: true }).fill(text);
      await dialog.getByRole('button', { name: button, exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
      await page.locator('.alert-summary .tag', { hasText: state }).waitFor();
      await page.locator('.alert-summary [role=status]').and(page.locator(':focus')).waitFor();
    };
    await act('Silence', 'Reason', 'Maintenance until noon.', 'silenced');
    await act('End the silence', 'Reason', 'It is over.', 'open');
    await act('Assign', 'Name', 'viewer', 'open');
    await act('Escalate', 'Reason', 'Needs the site manager.', 'escalated');
    await act('Resolve', 'Reason', 'The tenant has declared it.', 'resolved');
    await act('Reopen', 'Reason', 'It goes on.', 'open');
    const acts = (await site.world.ledger.alerts.history(id)).map(({ act: { kind } }) => kind);
    expect(acts.slice(-6)).toEqual(['silence', 'unsilence', 'assign', 'escalate', 'resolve', 'reopen']);
  });

  test('is promised no notice where no channel is set up, and told who reads a comment', async () => {
    const { id } = await alertOf('deviation');
    await visit(page, `/alerts/${id}`);
    const dialog = page.getByRole('dialog');
    const open = (button: string) => page.getByRole('button', { name: button, exact: true }).click();
    await open('Escalate');
    await dialog.getByText('Every channel is told, with your reason.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await site.world.ledger.channels.report([]);
    await open('Escalate');
    await dialog.getByText('No channel is set up: nobody is told.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await open('Comment');
    await dialog.getByText('people of its tenant too').waitFor();
  });

  test('an alert that a person closed says so, and that its findings go on', async () => {
    const { id } = await alertOf('deviation');
    await site.world.ledger.alerts.act(id, { kind: 'resolve', reason: 'Known.' }, 'anna', Date.now());
    await visit(page, `/alerts/${id}`);
    const summary = page.getByRole('region', { name: 'Summary' });
    expect(await summary.textContent()).toMatch(/Closedby anna, [\d:]+; its findings go on/);
  });

  test('an act that is refused is explained in the dialog, which stays', async () => {
    const { id } = await alertOf('deviation');
    await visit(page, `/alerts/${id}`);
    await page.getByRole('button', { name: 'Escalate' }).click();
    await site.world.ledger.alerts.act(
      id,
      { kind: 'resolve', reason: 'by somebody else' },
      'anna',
      Date.now(),
    );
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('Too late.');
    await dialog.getByRole('button', { name: 'Escalate' }).click();
    expect(await dialog.getByRole('alert').textContent()).toContain('resolved');
  });

  test('acknowledges several alerts at once', async () => {
    await visit(page, '/alerts?state=open');
    const open = await page.locator('.queue-row').count();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Acknowledge 2' }).click();
    await page.getByText('2 of 2 acknowledged.').and(page.locator(':focus')).waitFor();
    await expect.poll(() => page.locator('.queue-row').count()).toBe(open - 2);
  });

  test('opens a maintenance window and ends it', async () => {
    await visit(page, '/settings');
    await page.getByRole('button', { name: 'New maintenance window' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('Firmware of the PDUs');
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await dialog.getByRole('alert').getByText('nothing may silence everything').waitFor();
    await dialog.getByLabel('Site').fill('bergen');
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await dialog.waitFor({ state: 'detached' });
    const silences = page.getByRole('region', { name: 'Table of silences' });
    await silences.getByText('Firmware of the PDUs').waitFor();
    await silences.getByRole('button', { name: 'End now' }).click();
    await silences.getByText('over').waitFor();
  });

  test('changes the password, and logs in with the new one', async () => {
    await visit(page, '/settings');
    await page.getByLabel('Present password').fill(PASSWORD);
    await page.getByLabel(/^New password/).fill('another lamp in the dark');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Your password has been changed.').waitFor();
    await page.getByLabel('Name').fill('operator');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').fill('another lamp in the dark');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  });

  test('keeps the chosen theme', async () => {
    await visit(page, '/');
    const theme = () => page.locator('html').getAttribute('data-theme');
    await page.getByRole('button', { name: /^Theme: system/ }).click();
    await page.getByRole('button', { name: /^Theme: light/ }).click();
    expect(await theme()).toBe('dark');
    await page.reload();
    expect(await theme()).toBe('dark');
  });
});
