import { type Command, parseCommand, usage } from './arguments.ts';
import { start, statusOf, stop } from './control.ts';
import { exportLines, statusTable } from './print.ts';
import { servers } from './registry.ts';
import type { Server } from './server.ts';

/** Says how a start went; true when the server is up. */
async function bringUp(server: Server): Promise<boolean> {
  const begunMs = performance.now();
  try {
    const outcome = await start(server);
    console.log(`${server.name}: ${outcome} on 127.0.0.1:${server.port} (${seconds(begunMs)} s)`);
    return true;
  } catch (error) {
    console.log(`${server.name}: could not start: ${(error as Error).message}; install: ${server.install}`);
    return false;
  }
}

async function takeDown(server: Server): Promise<void> {
  await stop(server);
  console.log(`${server.name}: down`);
}

const seconds = (sinceMs: number): string => ((performance.now() - sinceMs) / 1000).toFixed(1);

/** The exit code. */
async function execute({ verb, names, asJson }: Command): Promise<number> {
  const chosen = servers.filter((server) => names.includes(server.name));
  if (verb === 'up') return (await Promise.all(chosen.map(bringUp))).every(Boolean) ? 0 : 1;
  if (verb === 'down') {
    await Promise.all(chosen.map(takeDown));
    return 0;
  }
  const statuses = await Promise.all(chosen.map(statusOf));
  if (verb === 'env') {
    const isUp = (_: Server, index: number) => statuses[index]?.state === 'up';
    console.log(exportLines(chosen.filter(isUp)));
  } else {
    console.log(asJson ? JSON.stringify(statuses, null, 2) : statusTable(statuses));
  }
  return 0;
}

function read(args: readonly string[]): Command | undefined {
  try {
    const names = servers.map((server) => server.name);
    return parseCommand(args, names);
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return undefined;
  }
}

const command = read(process.argv.slice(2));
process.exitCode = command ? await execute(command) : 64;
