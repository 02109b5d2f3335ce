import { cpuUsage } from 'node:process';
import { counterOrdinal } from '#libs/model/catalogue.ts';
import type { CollectorSpec } from './collector.ts';

const DROPPED = counterOrdinal('host', 'agent_frames_dropped_total');
const CPU_SECONDS = counterOrdinal('host', 'agent_cpu_seconds_total');

/** The agent's own cost and losses since it was started. @param dropped frames lost because the spool was full. */
export function agentSelf(dropped: () => number): CollectorSpec {
  return {
    name: 'agent',
    pace: 'frame',
    open: () => ({
      sample({ host }) {
        const { user, system } = cpuUsage();
        host.counter(CPU_SECONDS, (user + system) / 1e6);
        host.counter(DROPPED, dropped());
      },
      close: () => undefined,
    }),
  };
}
