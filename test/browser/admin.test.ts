import { expect, test } from 'vitest';
import { sitDown, visit } from './support/browser.ts';
import { describeBrowser } from './support/describe-browser.ts';
import { openSite, TENANT } from './support/site.ts';

describeBrowser('an administrator', (browser) => {
  test('makes a viewer the person of a tenant, but does not change their own role', async () => {
    await using site = await openSite(0);
    const { people } = site.world.ledger;
    const { context, page, complaints } = await sitDown(browser(), site.url, 'admin');
    await visit(page, '/settings');
    await page.getByRole('button', { name: 'Change the role of viewer' }).click();
    const dialog = page.getByRole('dialog', { name: 'What viewer may do' });
    expect(await dialog.getByLabel('Role').inputValue()).toBe('viewer');
    await dialog.getByLabel('Role').selectOption('tenant');
    await dialog.getByLabel('Tenant whose data they see').fill(TENANT);
    await dialog.getByRole('button', { name: 'Change' }).click();
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByRole('region', { name: 'Table of people' }).getByRole('row', { name: /^viewer/ });
    await row.getByRole('cell', { name: TENANT }).waitFor();
    expect((await people.find('viewer'))?.person).toMatchObject({ role: 'tenant', tenant: TENANT });
    expect(await page.getByRole('button', { name: 'Change the role of admin' }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('is not told that everybody was told where no channel is set up', async () => {
    await using site = await openSite(0);
    const { context, page } = await sitDown(browser(), site.url, 'viewer');
    await visit(page, '/quality');
    await page.getByText('No channel is set up, so nobody is told of alerts').waitFor();
    await context.close();
  });
});
