import { z } from 'zod';

/** Every answer that is not 2xx. */
export const problem = z.object({ code: z.string(), message: z.string() });

export type ProblemView = z.infer<typeof problem>;
