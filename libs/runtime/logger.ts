import { pino } from 'pino';

/** What services log through. */
export type Logger = pino.Logger;

/**
 * JSON lines on stdout, one child per component. Quiet when healthy: never a line per sample.
 * Secrets are redacted by path.
 */
export function createLogger(service: string, level: string): Logger {
  return pino({
    name: service,
    level,
    redact: ['*.password', '*.token', '*.credential', '*.privateKey', 'headers.authorization'],
  });
}
