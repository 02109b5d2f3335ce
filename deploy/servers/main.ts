import { type Command, parseCommand, usage } from './arguments.ts';
import { start, statusOf, stop, whyNot } from './control.ts';
import { exportLines, statusTable } from './print.ts';
import { notRun, servers } from './registry.ts';
import type { Server } from './server.ts';

/** Says how a start went; true when the server is up. */
async function bringUp(server: Server): Promise<boolean> {
  const begunMs = performance.now();
  try {
    const outcome = await start(server);
    console.log(`${server.name}: ${outcome} on 127.0.0.1:${server.port} (${seconds(begunMs)} s)`);
    return true;
  } catch (error) {
    console.log(`${server.name}: could not start: ${whyNot(server, error)}`);
    return false;
  }
}

async function takeDown(server: Server): Promise<void> {
  await stop(server);
  console.log(`${server.name}: down`);
}

const seconds = (sinceMs: number): string => ((performance.now() - sinceMs) / 1000).toFixed(1);

async function show(chosen: readonly Server[], { verb, asJson }: Command): Promise<void> {
  const statuses = await Promise.all(chosen.map(statusOf));
  if (verb === 'env') console.log(exportLines(chosen.filter((_, index) => statuses[index]?.state === 'up')));
  else console.log(asJson ? JSON.stringify(statuses, null, 2) : statusTable(statuses));
}

/** True when all that was asked for came about; a server that may be absent must be named to count. */
async function execute(command: Command): Promise<boolean> {
  const chosen = servers.filter((server) => command.names.includes(server.name));
  const counts = (server: Server) => command.isExplicit || !notRun.includes(server.name);
  const all = async (act: (server: Server) => Promise<boolean>) =>
    (await Promise.all(chosen.map(async (server) => (await act(server)) || !counts(server)))).every(Boolean);
  if (command.verb === 'up') return all(bringUp);
  if (command.verb === 'down') await Promise.all(chosen.map(takeDown));
  else await show(chosen, command);
  return true;
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
if (command === undefined) process.exitCode = 64;
else process.exitCode = (await execute(command)) ? 0 : 1;
