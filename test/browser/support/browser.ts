import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { eventually } from '#test/support/eventually.ts';
import { PASSWORD } from './site.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** A Chromium on the PATH; null: there is none. */
export function findChromium(): string | null {
  const places = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => places.map((place) => join(place, name))).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @throws Error when no Chromium is there. */
export async function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error(`expected one of ${NAMES.join(', ')} on the PATH`);
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });
}

export interface Look {
  readonly theme: 'light' | 'dark';
  readonly width: number;
}

/** A browser of its own, logged in through the form; what its console complains of is thrown by `complaints`. */
export interface Seat {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of scripts and breaches of the policy so far. */
  readonly complaints: readonly string[];
}

export async function sitDown(
  browser: Browser,
  url: string,
  name: string,
  { theme, width }: Look = { theme: 'light', width: 1440 },
): Promise<Seat> {
  const context = await browser.newContext({
    baseURL: url,
    colorScheme: theme,
    viewport: { width, height: width < 600 ? 780 : 900 },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // Before the log-in the session is asked for, and refused: the browser reports that as an error.
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
  });
  await page.goto('/alerts');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation', { name: 'Pages', exact: true }).waitFor();
  return { context, page, complaints };
}

/** Goes to a page, and waits until it shows what it has. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator('main h1').waitFor();
  await page.locator('main .waiting').first().waitFor({ state: 'detached' });
  if (path.startsWith('/nodes/')) await chartsDrawn(page);
}

/** Charts come after the page that holds them. */
async function chartsDrawn(page: Page): Promise<void> {
  await page.locator('.chart, .empty').first().waitFor();
  await eventually(
    'the charts',
    async () => [
      await page.locator('.chart').count(),
      await page.locator('.chart canvas, .empty-chart').count(),
    ],
    ([charts, drawn]) => charts === drawn,
    10_000,
    50,
  );
}
