import { wander } from '../random.ts';
import { hourAt, isWithin, type MeterLabel, type MeterLoad } from './load.ts';

const always = (): boolean => true;

/** Flat while it is on. @param isOn by the begin of a minute; default: always */
function flat(
  name: string,
  label: MeterLabel,
  kw: number,
  isOn: (minuteMs: number) => boolean = always,
): MeterLoad {
  return {
    name,
    label,
    start: (random) => {
      // h100-small-ddp and the laptop miners: power that is held varies by 1 % or so.
      const drift = wander(random, 0.008, 0.9);
      return (minuteMs) => (isOn(minuteMs) ? kw * (1 + drift()) : 0);
    },
  };
}

const atHours = (from: number, to: number) => (minuteMs: number) => isWithin(hourAt(minuteMs), from, to);
const everyOtherHour = (minuteMs: number): boolean => Math.floor(hourAt(minuteMs)) % 2 === 1;

/** Powers: DOMAIN 6.1 and 6.2. */
const GPU_KW = 0.35;
const RIG_KW = 6 * GPU_KW;
const ASIC_KW = 3.5;

/** What mines behind a meter, and what only looks so (DOMAIN 6.2). */
export const ADDITIONS = {
  validator: flat('validator', 'validator_p2p', 0.04),
  oneGpu: flat('one-gpu', 'pow_hash_gpu', GPU_KW),
  rig: flat('rig', 'pow_hash_gpu', RIG_KW),
  rigByNight: flat('rig-by-night', 'pow_hash_gpu', RIG_KW, atHours(22, 7)),
  rigEveryOtherHour: flat('rig-every-other-hour', 'pow_hash_gpu', RIG_KW, everyOtherHour),
  twoRigs: flat('two-rigs', 'pow_hash_gpu', 2 * RIG_KW),
  asic: flat('asic', 'pow_hash_asic', ASIC_KW),
  homeServer: flat('home-server', 'ordinary', 0.9),
  poolPump: flat('pool-pump', 'ordinary', 1.1),
  aiServer: flat('ai-server', 'ai_inference', 6.5),
  /** Hours of charging and heating: starting values that give the table's energy. */
  storageHeater: flat('storage-heater', 'ordinary', 3.3, atHours(0, 6)),
  electricCar: electricCar(),
  heatPump: heatPump(),
} as const satisfies Readonly<Record<string, MeterLoad>>;

/** Comes home in the evening, charges after midnight at 7.2 kW, for what the day has taken. */
function electricCar(): MeterLoad {
  return {
    name: 'electric-car',
    label: 'ordinary',
    start: (random) => {
      let day = Number.NaN;
      let hours = 0;
      return (minuteMs) => {
        const today = Math.floor(minuteMs / 86_400_000);
        if (today !== day) hours = random.uniform() < 0.85 ? random.between(0.8, 4) : 0;
        day = today;
        return isWithin(hourAt(minuteMs), 0.5, 0.5 + hours) ? 7.2 : 0;
      };
    },
  };
}

/** In winter: runs in turns of some minutes, more of them when it is cold at night. Starting values. */
function heatPump(): MeterLoad {
  return {
    name: 'heat-pump',
    label: 'ordinary',
    start: (random) => {
      const cold = wander(random, 0.1, 0.99);
      let left = 0;
      let isOn = false;
      return (minuteMs) => {
        if (left-- <= 0) {
          const duty = Math.min(
            0.95,
            Math.max(0.1, (isWithin(hourAt(minuteMs), 21, 8) ? 0.68 : 0.27) + cold()),
          );
          isOn = !isOn;
          left = (isOn ? duty : 1 - duty) * random.between(30, 50);
        }
        return isOn ? 1.6 : 0.35;
      };
    },
  };
}
