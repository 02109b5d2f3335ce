import type { Assessment, Ground } from '#libs/model/assessment.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import type { NodeTable } from './node-table.ts';
import { DETECTOR, type Hash } from './parameters.ts';
import { declarationInForce, type Register, siteIn } from './register.ts';

/** An assessment before its revision is known. */
export type Draft = Omit<Assessment, 'revision'>;

/** What an assessment is about, whatever was seen. */
export interface Subject {
  readonly node: string;
  readonly site: string;
  readonly tenant: string | null;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly declaration: Declaration | null;
}

/** A node and the minute up to `windowEndMs`, with what the register says of them. */
export function subjectOf(table: NodeTable, row: number, windowEndMs: number, register: Register): Subject {
  const node = table.names[row]!;
  const declaration = declarationInForce(register, node, windowEndMs);
  return {
    node,
    site: siteIn(register, node, table.sites[row]!),
    tenant: register.nodes.get(node)?.tenant ?? declaration?.tenant ?? null,
    windowStartMs: windowEndMs - SUMMARY_MS,
    windowEndMs,
    declaration,
  };
}

/** The declaration in force, `id@version`, or null. */
export function declaredAs({ declaration }: Subject): string | null {
  return declaration === null ? null : `${declaration.id}@${declaration.version}`;
}

/** What every assessment says of its subject. */
export function head(subject: Subject) {
  const { node, site, tenant, windowStartMs, windowEndMs } = subject;
  return {
    node,
    site,
    tenant,
    windowStartMs,
    windowEndMs,
    detector: DETECTOR,
    declaration: declaredAs(subject),
  };
}

/** A counter-ground that is no metric's. */
export function against(text: string): Ground {
  return { rule: 'counter', metric: null, weight: -0.5, observed: null, expected: null, text };
}

/**
 * Seals a draft with its revision: the hash of all it says, the parameters and the bytes it rests on. The same
 * inputs give the same revision, and another revision is another verdict.
 * @returns the assessment, and its JSON, made once
 */
export function revise(
  draft: Draft,
  parametersHash: string,
  inputs: string,
  hash: Hash,
): { readonly assessment: Assessment; readonly json: string } {
  const text = JSON.stringify(draft);
  const revision = hash(`${parametersHash}\n${inputs}\n${text}`).slice(0, 32);
  return { assessment: { ...draft, revision }, json: `${text.slice(0, -1)},"revision":"${revision}"}` };
}
