import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

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
