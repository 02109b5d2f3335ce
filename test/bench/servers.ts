import { start, stop } from '#deploy/servers/control.ts';
import { servers } from '#deploy/servers/registry.ts';
import type { Server } from '#deploy/servers/server.ts';

/** Runs `act` beside the servers that can be had, their addresses in the environment; stops those it started. */
export async function withServers(act: () => Promise<void>): Promise<void> {
  const started: Server[] = [];
  await Promise.all(
    servers.map(async (server) => {
      try {
        if ((await start(server)) === 'started') started.push(server);
        Object.assign(process.env, server.env());
      } catch (error) {
        console.log(`${server.name} is not there: ${(error as Error).message}`);
      }
    }),
  );
  try {
    await act();
  } finally {
    await Promise.all(started.map(stop));
  }
}
