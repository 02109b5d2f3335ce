import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ConsoleWorld, openConsoleWorld, Visitor } from './world.ts';

let world: ConsoleWorld;

beforeEach(async () => {
  world = await openConsoleWorld();
});

afterEach(() => world[Symbol.asyncDispose]());

async function built(): Promise<Visitor> {
  const dist = join(world.dataDir, 'dist');
  await mkdir(join(dist, 'assets'), { recursive: true });
  await writeFile(join(dist, 'index.html'), '<title>davylamp</title>');
  await writeFile(join(dist, 'assets', 'main-1a2b3c.js'), 'export {};');
  await writeFile(join(dist, 'lamp.svg'), '<svg/>');
  return new Visitor((await world.start({}, dist)).url());
}

test('serves the pages under a policy that allows no foreign and no inline script', async () => {
  const visitor = await built();
  const { headers, body } = await visitor.get<string>('/');
  expect(body).toContain('<title>davylamp</title>');
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|script-src|\*/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test('a route of the pages gets the page, a file that is not there does not', async () => {
  const visitor = await built();
  for (const path of ['/alerts/alert-1', '/nodes/gpu-01.hall', '/?span=day']) {
    expect(await visitor.get(path)).toMatchObject({ status: 200, body: '<title>davylamp</title>' });
  }
  for (const path of [
    '/assets/gone-000000.js',
    '/api/gone',
    '/..%2f..%2fpackage.json',
    '/assets/../../bus.db',
  ]) {
    expect(JSON.stringify((await visitor.get(path)).body)).not.toMatch(/SQLite|dependencies/);
  }
  expect((await visitor.get('/assets/gone-000000.js')).status).toBe(404);
  expect((await visitor.post('/alerts')).status).toBe(404);
});

test('files with a hash in their names are kept by browsers, the others asked for again', async () => {
  const visitor = await built();
  const cache = async (path: string) => (await visitor.get(path)).headers.get('cache-control');
  expect(await cache('/assets/main-1a2b3c.js')).toBe('public, max-age=31536000, immutable');
  expect(await cache('/')).toBe('no-cache');
  expect(await cache('/lamp.svg')).toBe('no-cache');
  expect(await cache('/nodes/n1')).toBe('no-cache');
  expect(await cache('/api/openapi.json')).toBe('no-store');
});

test('without built pages it says how to build them, and its API answers', async () => {
  const visitor = new Visitor((await world.start()).url());
  expect(await visitor.get('/')).toMatchObject({
    status: 503,
    body: expect.stringContaining('npm run prepare'),
  });
  expect((await visitor.get('/api/openapi.json')).status).toBe(200);
  expect(await visitor.get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
});
