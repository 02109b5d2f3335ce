/**
 * `npm test`: starts the servers that the chosen tests need, runs vitest with the arguments given, and stops
 * those servers that it started. Under CI=true a server that cannot start fails the run.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { start, stop, whyNot } from '#deploy/servers/control.ts';
import { notRun, servers } from '#deploy/servers/registry.ts';
import { repositoryRoot, type Server } from '#deploy/servers/server.ts';
import { needsServers } from './servers/plan.ts';

interface World {
  started: Server[];
  env: Record<string, string>;
  missing: string[];
}

const isCi = process.env.CI === 'true';

/** A server whose address the environment names already is someone else's: neither started nor stopped here. */
async function bringUp(): Promise<World> {
  const world: World = { started: [], env: {}, missing: [] };
  const isGiven = (server: Server) => Object.keys(server.env()).some((name) => name in process.env);
  await Promise.all(
    servers
      .filter((server) => !isGiven(server))
      .map(async (server) => {
        try {
          if ((await start(server)) === 'started') world.started.push(server);
          Object.assign(world.env, server.env());
        } catch (error) {
          console.log(`${server.name} is not there: ${whyNot(server, error)}`);
          world.missing.push(server.name);
        }
      }),
  );
  return world;
}

/** Runs vitest on this terminal; its exit code. */
async function runVitest(args: readonly string[], env: Record<string, string>): Promise<number> {
  const vitest = join(repositoryRoot, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...args], {
    cwd: repositoryRoot,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  // A terminal signals the child too; waiting for its end leaves the time to stop the servers.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
}

async function main(args: readonly string[]): Promise<number> {
  const { started, env, missing } = needsServers(args)
    ? await bringUp()
    : { started: [], env: {}, missing: [] };
  try {
    const intolerable = missing.filter((name) => !notRun.includes(name));
    if (isCi && intolerable.length > 0) {
      console.error(`CI must run every test, and these servers are missing: ${intolerable.join(', ')}`);
      return 1;
    }
    return await runVitest(args, env);
  } finally {
    await Promise.all(started.map(stop));
  }
}

process.exitCode = await main(process.argv.slice(2));
