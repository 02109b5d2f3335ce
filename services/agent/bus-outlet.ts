import type { Bus } from '#libs/bus/port.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { Outlet } from './outlet.ts';

/** Sends frames straight to the bus: for nodes that may reach it. */
export function createBusOutlet(bus: Pick<Bus, 'publish'>): Outlet {
  return {
    send: (frames) =>
      bus.publish(
        frames.map(({ node, headers, payload }) => ({
          topic: TOPICS.frames.name,
          key: node,
          value: payload,
          headers,
        })),
      ),
  };
}
