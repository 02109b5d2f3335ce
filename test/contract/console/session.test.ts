import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConsoleApp } from '#services/console/app.ts';
import { type ConsoleWorld, openConsoleWorld, PASSWORD, person, Visitor } from './world.ts';

let world: ConsoleWorld;
let app: ConsoleApp;

beforeEach(async () => {
  world = await openConsoleWorld();
  app = await world.start();
});

afterEach(() => world[Symbol.asyncDispose]());

test('a log-in opens a session in a cookie that no script and no other site can use', async () => {
  const visitor = await person(world, app, 'viewer');
  const again = await visitor.login('viewer-all', PASSWORD);
  expect(again.status).toBe(204);
  expect(again.headers.get('set-cookie')).toMatch(
    /^davylamp_session=[\w-]{43}; Max-Age=3600; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  expect(await visitor.get('/api/session')).toMatchObject({
    status: 200,
    body: { person: { name: 'viewer-all', role: 'viewer' }, simulated: false },
  });
});

test('behind https the cookie goes over https alone', async () => {
  const secure = await world.start({ consoleUrl: 'https://console.example' });
  await person(world, app, 'viewer');
  const answer = await new Visitor(secure.url()).login('viewer-all', PASSWORD);
  expect(answer.headers.get('set-cookie')).toContain('; Secure');
});

test('a wrong password and an unknown name get the same answer', async () => {
  await person(world, app, 'viewer');
  const wrong = await new Visitor(app.url()).login('viewer-all', 'not this one');
  const unknown = await new Visitor(app.url()).login('nobody', PASSWORD);
  expect([wrong.status, unknown.status]).toEqual([401, 401]);
  expect(wrong.body).toEqual(unknown.body);
});

test('too many attempts are refused for a while', async () => {
  const strict = await world.start({ consoleLoginsPerMinute: 2 });
  const visitor = new Visitor(strict.url());
  const statuses = [];
  for (let attempt = 0; attempt < 3; attempt++) statuses.push((await visitor.login('nobody', 'x')).status);
  expect(statuses).toEqual([401, 401, 429]);
  const refused = await visitor.login('nobody', 'x');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.body).toMatchObject({ code: 'too-many', message: expect.stringMatching(/in \d+ s$/) });
});

test('right passwords are never too many, and wrong ones for a name leave the others alone', async () => {
  const strict = await world.start({ consoleLoginsPerMinute: 2 });
  const visitor = await person(world, strict, 'viewer');
  for (let attempt = 0; attempt < 5; attempt++) {
    expect((await visitor.login('viewer-all', PASSWORD)).status).toBe(204);
    await visitor.login('nobody', 'x');
  }
  expect((await visitor.login('nobody', 'x')).status).toBe(429);
});

test('wrong passwords that come at once are bounded too', async () => {
  const strict = await world.start({ consoleLoginsPerMinute: 2 });
  await person(world, strict, 'viewer');
  const guesses = Array.from({ length: 8 }, () => new Visitor(strict.url()).login('viewer-all', 'x'));
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  expect(statuses.filter((status) => status !== 429)).toEqual([401, 401]);
});

test('the present password cannot be guessed at by changing it', async () => {
  const strict = await world.start({ consoleLoginsPerMinute: 2 });
  const visitor = await person(world, strict, 'viewer');
  const statuses = [];
  for (const current of ['x', 'y', PASSWORD]) {
    const next = 'another lamp in the dark';
    statuses.push((await visitor.post('/api/session/password', { current, next })).status);
  }
  expect(statuses).toEqual([403, 403, 429]);
});

/** Logs in through a proxy that says where somebody comes from. */
async function loginFrom(url: string, address: string, name: string, password: string): Promise<number> {
  const headers = { 'x-forwarded-for': address };
  return (await new Visitor(url).ask('POST', '/api/session', { name, password }, headers)).status;
}

test('behind a trusted proxy one address locks nobody else out, whatever it says of itself', async () => {
  const proxied = await world.start({ consoleLoginsPerMinute: 2, consoleTrustedProxies: ['127.0.0.1'] });
  await person(world, proxied, 'viewer');
  const url = proxied.url();
  const statuses = [];
  for (let guess = 0; guess < 25; guess++)
    statuses.push(await loginFrom(url, `198.51.100.${guess}, 203.0.113.9`, `name-${guess}`, 'x'));
  expect(statuses).toEqual([
    ...Array.from({ length: 20 }, () => 401),
    ...Array.from({ length: 5 }, () => 429),
  ]);
  expect(await loginFrom(url, '203.0.113.9', 'viewer-all', PASSWORD)).toBe(429);
  expect(await loginFrom(url, '10.0.0.5', 'viewer-all', PASSWORD)).toBe(204);
});

test('a proxy that is not trusted is not believed', async () => {
  const plain = await world.start({ consoleLoginsPerMinute: 2 });
  const statuses = [];
  for (let guess = 0; guess < 3; guess++)
    statuses.push(await loginFrom(plain.url(), `10.0.0.${guess}`, 'nobody', 'x'));
  expect(statuses).toEqual([401, 401, 429]);
});

test('logging out ends the session, also for whoever has copied the cookie', async () => {
  const visitor = await person(world, app, 'viewer');
  const { cookie } = visitor;
  expect((await visitor.ask('DELETE', '/api/session')).status).toBe(204);
  visitor.cookie = cookie;
  expect((await visitor.get('/api/session')).status).toBe(401);
});

test('a changed password ends every session and is the one that counts', async () => {
  const visitor = await person(world, app, 'viewer');
  const refused = await visitor.post('/api/session/password', {
    current: 'wrong',
    next: 'another lamp in the dark',
  });
  expect(refused.status).toBe(403);
  const changed = await visitor.post('/api/session/password', {
    current: PASSWORD,
    next: 'another lamp in the dark',
  });
  expect(changed.status).toBe(204);
  expect((await visitor.get('/api/session')).status).toBe(401);
  expect((await visitor.login('viewer-all', PASSWORD)).status).toBe(401);
  expect((await visitor.login('viewer-all', 'another lamp in the dark')).status).toBe(204);
});

test('what changes something must come from the console itself, as JSON', async () => {
  const visitor = await person(world, app, 'operator');
  const silence = {
    purpose: 'silence',
    scope: { site: 'hall' },
    fromMs: 1,
    untilMs: Date.now() + 60_000,
    reason: 'x',
  };
  const from = (headers: Record<string, string>) => visitor.ask('POST', '/api/silences', silence, headers);
  expect((await from({ origin: 'https://elsewhere.example' })).status).toBe(403);
  expect((await from({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await from({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
  expect((await from({ 'content-type': 'text/plain' })).status).toBe(400);
  expect((await from({ 'sec-fetch-site': 'same-origin', origin: 'null' })).status).toBe(201);
});
