import { expect, test } from 'vitest';
import { createPlainLogger } from '#libs/runtime/plain-logger.ts';

function logged(level: string, act: (log: ReturnType<typeof createPlainLogger>) => void): unknown[] {
  const lines: string[] = [];
  act(createPlainLogger('agent', level, (line) => lines.push(line)));
  return lines.map((line) => JSON.parse(line));
}

test('writes the form that pino writes', () => {
  const [line] = logged('info', (log) => log.warn({ waiting: 3 }, 'frames wait'));
  expect(line).toMatchObject({ level: 40, name: 'agent', waiting: 3, msg: 'frames wait', pid: process.pid });
  expect(Object.keys(line as object).slice(0, 5)).toEqual(['level', 'time', 'pid', 'hostname', 'name']);
});

test('leaves out what is below the level, and everything when silent', () => {
  const all = (log: ReturnType<typeof createPlainLogger>) => {
    log.debug({}, 'debug');
    log.info({}, 'info');
    log.fatal({}, 'fatal');
  };
  expect(logged('info', all)).toHaveLength(2);
  expect(logged('silent', all)).toHaveLength(0);
});

test('an error is told with its causes, a secret is not told', () => {
  const cause = Object.assign(new Error('below'), { code: 'ECONNREFUSED' });
  const [line] = logged('info', (log) =>
    log.error({ err: new TypeError('above', { cause }), token: 'abc', deep: { password: 'x' } }, 'failed'),
  );
  expect(line).toMatchObject({
    err: {
      type: 'TypeError',
      message: 'above',
      cause: { type: 'Error', message: 'below', code: 'ECONNREFUSED' },
    },
    token: '[Redacted]',
    deep: { password: '[Redacted]' },
  });
  expect(JSON.stringify(line)).toContain('plain-logger.test.ts');
});
