import type { Assessment } from './assessment.ts';
import { SUMMARY_MS } from './frame.ts';

/**
 * Whether an assessment is about a whole window. One that is not tells early of a change within seconds: for whoever
 * looks now. Findings, shares and what the ledger keeps rest on whole windows alone.
 */
export function isWhole({ windowStartMs, windowEndMs }: Assessment): boolean {
  return windowEndMs - windowStartMs === SUMMARY_MS;
}
