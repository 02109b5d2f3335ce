import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

/** Runs a service of three lines as its own process and ends it with a signal. */
async function run(body: string, signal?: NodeJS.Signals, finished = 'undefined') {
  const source = `
    import { runUntilSignal } from '#libs/runtime/shutdown.ts';
    import { ConfigError } from '#libs/runtime/errors.ts';
    await runUntilSignal(async (stack) => { ${body} }, ${finished});`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    if (signal && output.endsWith('up\n')) child.kill(signal);
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const [status, endedBy] = await once(child, 'close');
  return { status, endedBy, output };
}

test('a signal disposes in reverse order and remains visible in the exit status', async () => {
  const result = await run(
    `stack.defer(() => console.log('first closed')); stack.defer(() => console.log('second closed'));
     setInterval(() => {}, 1000); console.log('up');`,
    'SIGTERM',
  );
  expect(result.endedBy).toBe('SIGTERM');
  expect(result.output).toMatch(/second closed\nfirst closed/);
});

test('a bad configuration exits with 78 and only its message', async () => {
  const result = await run(`throw new ConfigError('port: expected 1..65535, got "x"');`);
  expect(result).toMatchObject({ status: 78, output: 'port: expected 1..65535, got "x"\n' });
});

test('any other failure to start exits with 1 after closing what was open', async () => {
  const result = await run(`stack.defer(() => console.log('closed')); throw new Error('no disk');`);
  expect(result.status).toBe(1);
  expect(result.output).toContain('closed\n');
  expect(result.output).toContain('Error: no disk');
});

test('a signal is heard while the start still waits for a server', async () => {
  const result = await run(
    `stack.defer(() => console.log('closed')); console.log('up'); await new Promise((r) => setTimeout(r, 60_000));`,
    'SIGTERM',
  );
  expect(result.endedBy).toBe('SIGTERM');
  expect(result.output).toContain('closed');
});

test('a start that is under way ends before what it opened is closed', async () => {
  const result = await run(
    `stack.defer(() => console.log('closed')); console.log('up');
     await new Promise((r) => setTimeout(r, 200)); console.log('started'); setInterval(() => {}, 1000);`,
    'SIGTERM',
  );
  expect(result.endedBy).toBe('SIGTERM');
  expect(result.output).toMatch(/started\nclosed/);
});

test('what has done its work ends by itself, with what it opened closed', async () => {
  const body = `stack.defer(() => { console.log('closed'); clearInterval(it); }); const it = setInterval(() => {}, 1000);`;
  const result = await run(body, undefined, 'Promise.resolve()');
  expect(result).toMatchObject({ status: 0, endedBy: null, output: 'closed\n' });
});

test('what fails at its work exits with 1, with what it opened closed', async () => {
  const body = `stack.defer(() => console.log('closed')); setInterval(() => {}, 1000);`;
  const result = await run(body, undefined, `Promise.reject(new Error('no bus'))`);
  expect(result.status).toBe(1);
  expect(result.output).toContain('closed\n');
  expect(result.output).toContain('Error: no bus');
});
