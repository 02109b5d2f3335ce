import { hash as digest } from 'node:crypto';
import type { Hash } from '#libs/detect/parameters.ts';

/** SHA-256 as lower-case hex. */
export const sha256: Hash = (data) => digest('sha256', data, 'hex');
