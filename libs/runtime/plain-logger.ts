import { writeSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { followLevelSignal, SECRET_FIELDS } from './log-level.ts';
import type { Logger } from './logger.ts';

/** Pino's numbers. */
const LEVELS = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Number.POSITIVE_INFINITY,
} as const;
type Level = keyof typeof LEVELS;

const SECRETS: ReadonlySet<string> = new Set(SECRET_FIELDS);

/** JSON lines of pino's form without pino, which would be a tenth of the agent's memory. */
export function createPlainLogger(
  service: string,
  level: string,
  write: (line: string) => void = toStdout,
): Logger {
  const head = { pid: process.pid, hostname: hostname(), name: service };
  const at = (own: Exclude<Level, 'silent'>) => (fields: object, message: string) => {
    if (LEVELS[own] < LEVELS[log.level as Level]) return;
    const line = { level: LEVELS[own], time: Date.now(), ...head, ...fields, msg: message };
    write(`${JSON.stringify(line, hideSecrets)}\n`);
  };
  const log = {
    level,
    fatal: at('fatal'),
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    trace: at('trace'),
  };
  followLevelSignal(log);
  return log;
}

/** At once, so that a process that is killed has told what it said. A log that nobody takes ends nothing. */
function toStdout(line: string): void {
  try {
    writeSync(1, line);
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error)) throw error;
  }
}

function hideSecrets(key: string, value: unknown): unknown {
  if (SECRETS.has(key)) return '[Redacted]';
  return value instanceof Error ? described(value) : value;
}

function described(error: Error): object {
  const { name: type, message, stack, cause } = error;
  const own = Object.fromEntries(Object.entries(error));
  return { ...own, type, message, stack, ...(cause === undefined ? {} : { cause }) };
}
