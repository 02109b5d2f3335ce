import { ConfigError } from '#libs/runtime/errors.ts';
import { loadUpConfig, strayVariables } from '../config.ts';
import type { Check } from './machine.ts';

/** Reads what all services together would read, and looks for variables that none of them reads. */
export function checkConfiguration(): readonly Check[] {
  const strays = strayVariables();
  return strays.length === 0 ? [settings()] : [settings(), variables(strays)];
}

function settings(): Check {
  try {
    loadUpConfig();
    return { name: 'configuration', state: 'ok', detail: 'every setting can be read', advice: '' };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const detail = error.message.replaceAll(/\n\s*/g, ' ');
    return {
      name: 'configuration',
      state: 'fail',
      detail,
      advice: 'correct what is named; no service starts with it',
    };
  }
}

function variables(strays: readonly string[]): Check {
  const advice = 'correct their names, or unset them; services/README.md lists every setting';
  return {
    name: 'environment',
    state: 'warn',
    detail: `no setting has the name ${strays.join(', ')}`,
    advice,
  };
}
