import type { Random } from '../random.ts';
import { hourAt, isWeekend, type MeterLoad } from './load.ts';

/**
 * Activity of a home by the hour, of its mean: after the shape of the BDEW's standard load profile H0 (1999: low at
 * night, a morning, noon and the evening's peak at 19 h), but with a night in which one home sleeps, where the
 * profile is the mean of many. The numbers are starting values; DOMAIN 6.2 holds what comes of them.
 */
const WORKDAY = [0.06, 0.03, 0.02, 0.02, 0.02, 0.1, 0.7, 1.2, 1.1, 0.9, 0.9, 1.1];
const WORKDAY_AFTER_NOON = [1.4, 1.1, 0.9, 0.9, 1.1, 1.5, 2.2, 2.5, 2.2, 1.8, 1.3, 0.6];
const WEEKEND = [0.15, 0.06, 0.03, 0.03, 0.03, 0.05, 0.2, 0.6, 1.2, 1.5, 1.6, 1.8];
const WEEKEND_AFTER_NOON = [2, 1.7, 1.3, 1.2, 1.2, 1.4, 1.9, 2.1, 1.9, 1.6, 1.2, 0.7];
const HOURS = {
  workday: [...WORKDAY, ...WORKDAY_AFTER_NOON],
  weekend: [...WEEKEND, ...WEEKEND_AFTER_NOON],
};
const HOURS_PER_YEAR = 8766;

/** DOMAIN 6.2: 2.9 MWh a year, base 0.07 kW. What is switched on, and for how long: starting values. */
const HOME = {
  kwhPerYear: 2_900,
  baseKw: 0.07,
  /** Of what is above the base: lights and screens, which are on whenever somebody is up. */
  steadyShare: 0.3,
  applianceKw: [0.4, 1.8],
  applianceMinutes: [8, 44],
} as const;

/** A home: a base, lights while somebody is up, and kettles, ovens and machines at random. */
export function home(kwhPerYear: number = HOME.kwhPerYear): MeterLoad {
  return { name: 'home', label: 'ordinary', start: (random) => startHome(kwhPerYear, random) };
}

function startHome(kwhPerYear: number, random: Random) {
  const [leastKw, mostKw] = HOME.applianceKw;
  const [shortest, longest] = HOME.applianceMinutes;
  const aboveKw = kwhPerYear / HOURS_PER_YEAR - HOME.baseKw;
  const useKwh = (((leastKw + mostKw) / 2) * (shortest + longest)) / 2 / 60;
  const usesPerMinute = ((1 - HOME.steadyShare) * aboveKw) / useKwh / 60;
  // No two homes get up together.
  const laterHours = random.between(-1, 1);
  let running: { readonly kw: number; left: number }[] = [];
  return (minuteMs: number): number => {
    const activity = activityAt(minuteMs, laterHours);
    if (random.uniform() < usesPerMinute * activity)
      running.push({ kw: random.between(leastKw, mostKw), left: random.between(shortest, longest) });
    const usedKw = running.reduce((sum, { kw, left }) => sum + kw * Math.min(1, left), 0);
    for (const one of running) one.left--;
    running = running.filter(({ left }) => left > 0);
    const steadyKw = HOME.steadyShare * aboveKw * activity * random.between(0.6, 1.4);
    return HOME.baseKw * random.between(0.9, 1.1) + steadyKw + usedKw;
  };
}

function activityAt(minuteMs: number, laterHours: number): number {
  const hours = isWeekend(minuteMs) ? HOURS.weekend : HOURS.workday;
  return hours[Math.floor((hourAt(minuteMs) - laterHours + 24) % 24)] ?? 1;
}

/** DOMAIN 6.2: 12 kW peak, base 2.5 kW. Hours and ramps after the BDEW's G1 (work days, 8 to 18 h): starting values. */
const OFFICE = { baseKw: 2.5, workKw: 9.3, fromHour: 7.5, toHour: 19, rampHours: 1, weekendShare: 0.03 };

/** An office: servers and ventilation always, people on working days. */
export const officeBuilding: MeterLoad = {
  name: 'office-building',
  label: 'ordinary',
  start: (random) => {
    const { baseKw, workKw, fromHour, toHour, rampHours, weekendShare } = OFFICE;
    return (minuteMs) => {
      const hour = hourAt(minuteMs);
      const rampedUp = Math.min(1, Math.max(0, (hour - fromHour) / rampHours));
      const notGone = Math.min(1, Math.max(0, (toHour - hour) / rampHours));
      const present = Math.min(rampedUp, notGone) * (isWeekend(minuteMs) ? weekendShare : 1);
      return baseKw * random.between(0.97, 1.03) + workKw * present * random.between(0.9, 1.1);
    };
  },
};
