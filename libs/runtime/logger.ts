import { pino } from 'pino';
import { followLevelSignal, SECRET_FIELDS } from './log-level.ts';

/** Writes one line: what it is about as fields, and a constant message. An error is the field `err`. */
type Write = (fields: object, message: string) => void;

/** What services log through: pino, or the agent's own few lines of the same form. */
export interface Logger {
  readonly fatal: Write;
  readonly error: Write;
  readonly warn: Write;
  readonly info: Write;
  readonly debug: Write;
  readonly trace: Write;
}

/**
 * JSON lines on stdout. Quiet when healthy: never a line per sample. Secrets are redacted by name. SIGUSR2 turns
 * `debug` on, and off again.
 */
export function createLogger(service: string, level: string): Logger {
  const log = pino({
    name: service,
    level,
    redact: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]),
  });
  followLevelSignal(log);
  return log;
}
