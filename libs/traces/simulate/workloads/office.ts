import { wander } from '../random.ts';
import { hourOfDay, type Process, type Workload } from '../workload.ts';

/** Idle laptops of the GPU miner datasets: CPU 0.06 to 0.13 with a desktop in use. The rest: starting values. */
const OFFICE = { fromHour: 8, toHour: 18, cpu: 0.09, receive: 60_000, transmit: 12_000 };

/** A person's PC: in use by day, asleep in all but name by night. */
export function office(utcOffsetHours = 0): Workload {
  return {
    name: 'office',
    behaviour: 'B0',
    start: ({ random }): Process => {
      const mood = wander(random, 0.5, 0.97);
      const hours = {
        from: OFFICE.fromHour + random.normal() * 0.5,
        to: OFFICE.toHour + random.normal() * 0.7,
      };
      return (timeMs, into) => {
        const hour = hourOfDay(timeMs, utcOffsetHours);
        const present = hour >= hours.from && hour < hours.to ? Math.max(0.1, 1 + mood()) : 0.03;
        into.host.cpu = Math.min(0.6, OFFICE.cpu * present * random.between(0.4, 1.8));
        into.host.memory = 0.36;
        into.host.receive = OFFICE.receive * present * random.exponential();
        into.host.transmit = OFFICE.transmit * present * random.exponential();
        into.host.diskWrite = 8e4 * present;
      };
    },
  };
}
