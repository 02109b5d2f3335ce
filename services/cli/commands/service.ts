import { Command } from 'commander';

const SERVICES = {
  agent: 'measure this machine and send its frames',
  gateway: 'take frames over HTTPS where nodes should not reach the bus',
  writer: 'write frames, summaries and assessments to the series store',
  detector: 'assess windows and open findings',
  alerter: 'turn findings into alerts and tell people',
  console: 'serve the status page and its API',
} as const;

/** One command a service: its own `main.ts`, configured by the environment, as in a container or a systemd unit. */
export function serviceCommands(): readonly Command[] {
  return Object.entries(SERVICES).map(([name, description]) =>
    new Command(name).description(`run the ${name} alone: ${description}`).action(async () => {
      await import(`../../${name}/main.ts`);
    }),
  );
}
