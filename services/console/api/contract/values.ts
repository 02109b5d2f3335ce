/**
 * What bodies of several groups are made of. The files of this folder are the words of the console's API: every body that
 * goes in or out, as a schema. The OpenAPI description is generated from them, and the pages are typed by them. Times are
 * Unix milliseconds; ratios 0–1.
 */
import { z } from 'zod';
import { BEHAVIOURS, type Behaviour, GRADES, type Grade } from '#libs/model/behaviour.ts';

export const timeMs = z.int().min(0);
export const name = z.string().min(1).max(128);
export const reason = z.string().trim().min(1).max(2_000);
export const behaviour = z.enum(Object.keys(BEHAVIOURS) as Behaviour[]);
export const grade = z.enum(Object.keys(GRADES) as Grade[]);
export const count = z.int().min(0);
export const interval = z.object({ fromMs: timeMs, toMs: timeMs }).nullable();
