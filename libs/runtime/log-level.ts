import process from 'node:process';

/** Values of these names are never written out. */
export const SECRET_FIELDS = ['password', 'token', 'credential', 'privateKey', 'authorization'] as const;

interface Levelled {
  level: string;
  info(fields: object, message: string): void;
}

/** Each logger with the level it was made with. */
const followed = new Map<Levelled, string>();

/** From now on SIGUSR2 turns `debug` on, and off again: of every logger of this process. */
export function followLevelSignal(logger: Levelled): void {
  if (followed.size === 0) process.on('SIGUSR2', toggle);
  followed.set(logger, logger.level);
}

function toggle(): void {
  for (const [logger, configured] of followed) {
    const now = logger.level === 'debug' ? configured : 'debug';
    logger.level = 'debug';
    logger.info({ now }, 'the level of the log was changed by a signal');
    logger.level = now;
  }
}
