import { describe, test } from 'vitest';
import { notRun, servers } from '#deploy/servers/registry.ts';

/** Variables of servers that CI too may do without: the rows marked *not run* in the README. */
const dispensable = servers
  .filter(({ name }) => notRun.includes(name))
  .flatMap((server) => Object.keys(server.env()));

/**
 * Runs a suite on the server whose address the variable holds. Where there is none it is skipped and says why; CI takes
 * that for a failure.
 */
export function describeServer(variable: string, name: string, suite: (address: string) => void): void {
  const address = process.env[variable];
  if (address !== undefined) {
    describe(name, () => suite(address));
    return;
  }
  const reason = `${name}: ${variable} is not set (npm run servers -- up)`;
  if (process.env.CI !== 'true' || dispensable.includes(variable)) {
    test.skip(reason, () => undefined);
    return;
  }
  test(reason, () => {
    throw new Error(reason);
  });
}
